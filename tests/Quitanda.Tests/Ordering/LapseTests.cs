using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Ordering.Orders;
using Quitanda.Payments.Sandbox;
using Quitanda.Platform;

namespace Quitanda.Tests.Ordering;

/// <summary>An online order waits half an hour for its payment. What comes later brings it back, if there is still something to bring.</summary>
public sealed class LapseTests(LetterShop shop) : IClassFixture<LetterShop>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_online_order_unpaid_for_thirty_minutes_lapses_and_its_stock_returns()
    {
        var product = await shop.Product(stock: 10, price: 100);
        var customer = await shop.Customer();
        var order = await shop.Place(customer, Online((product, 3), (product, 1)));
        Assert.Equal(order.GetProperty("createdAt").GetDateTimeOffset().AddMinutes(30), order.GetProperty("expiresAt").GetDateTimeOffset());
        Assert.Equal(order.Text("expiresAt"), (await Mine(customer)).Text("expiresAt"));

        await Later(TimeSpan.FromMinutes(30) - LapseOrders.Period - TimeSpan.FromSeconds(1));
        Assert.Equal(("pending", 6), (await StatusOf(order), await StockOf(product)));

        await Later(2 * LapseOrders.Period);
        var lapsed = await Shown(order);
        Assert.Equal(("cancelled", "pending", "lapsed"), (lapsed.Text("status"), lapsed.Text("paymentStatus"), lapsed.Text("cancelReason")));
        Assert.Equal(["pending customer ", "cancelled system lapsed"], Story(lapsed), StringComparer.Ordinal);
        Assert.Equal(JsonValueKind.Null, lapsed.GetProperty("expiresAt").ValueKind);
        Assert.Equal(10, await StockOf(product));

        // Nothing of it comes back by itself, and nothing is left to do.
        await Later(TimeSpan.FromHours(1));
        Assert.Equal(10, await StockOf(product));
        Assert.Equal(0, await Count($"select count(*) from platform.jobs where kind = {LapseOrder.Kind}"));
        await (await (await shop.Staff()).Client.Post($"/api/v1/orders/{order.Id()}/confirm")).Refusal(HttpStatusCode.Conflict, "invalid_transition");
    }

    [Fact]
    public async Task What_is_paid_by_hand_or_costs_nothing_or_is_paid_in_time_never_lapses()
    {
        var (product, free) = (await shop.Product(stock: 10, price: 100), await shop.Product(stock: 10, price: 0));
        var customer = await shop.Customer();
        var manual = await shop.Place(customer, Online((product, 1), "manual"));
        var gift = await shop.Place(customer, Online((free, 1)));
        var paid = await shop.Place(customer, Online((product, 1)));
        var payment = await Pay(customer, paid);
        await (await customer.Client.Post($"/api/v1/sandbox/payments/{payment}/succeed")).Body();
        Assert.Equal(JsonValueKind.Null, manual.GetProperty("expiresAt").ValueKind);
        Assert.Equal(JsonValueKind.Null, gift.GetProperty("expiresAt").ValueKind);

        await Later(TimeSpan.FromHours(2));

        Assert.Equal(("pending", "pending", "confirmed"), (await StatusOf(manual), await StatusOf(gift), await StatusOf(paid)));
        Assert.Equal((8, 9), (await StockOf(product), await StockOf(free)));
    }

    [Fact]
    public async Task A_failed_payment_does_not_keep_an_order_and_an_open_one_ends_with_it()
    {
        var product = await shop.Product(stock: 10, price: 100);
        var customer = await shop.Customer();
        var (failed, open) = (await shop.Place(customer, Online((product, 1))), await shop.Place(customer, Online((product, 1))));
        var first = await Pay(customer, failed);
        await (await customer.Client.Post($"/api/v1/sandbox/payments/{first}/fail")).Body();
        var second = await Pay(customer, open);

        await Later(TimeSpan.FromMinutes(31));

        Assert.Equal(("cancelled", "cancelled", 10), (await StatusOf(failed), await StatusOf(open), await StockOf(product)));
        Assert.Equal(("failed", "cancelled"), (await PaymentOf(first), await PaymentOf(second)));
        Assert.Equal("cancelled", await Text($"select state from payments.sandbox_charges where key = {Key(second)}"));
    }

    [Fact]
    public async Task Money_that_was_paid_and_heard_of_late_brings_the_order_back_with_its_stock()
    {
        var product = await shop.Product(stock: 3, price: 100);
        var customer = await shop.Customer();
        var order = await shop.Place(customer, Online((product, 2)));
        var payment = await Pay(customer, order);
        await PaidAtTheProvider(payment);

        await Later(TimeSpan.FromMinutes(31));

        var back = await Shown(order);
        Assert.Equal(("confirmed", "paid"), (back.Text("status"), back.Text("paymentStatus")));
        Assert.Equal(["pending customer ", "cancelled system lapsed", "confirmed system paid_late"], Story(back), StringComparer.Ordinal);
        Assert.Equal(JsonValueKind.Null, back.GetProperty("cancelReason").ValueKind);
        Assert.Equal((1, "succeeded"), (await StockOf(product), await PaymentOf(payment)));
        Assert.Equal(0, await Count($"select count(*) from payments.refunds where payment_id = {payment}"));
        // It is an order like any other from here on.
        await (await (await shop.Staff()).Client.Post($"/api/v1/orders/{order.Id()}/prepare")).Body();
    }

    [Fact]
    public async Task Money_for_stock_that_was_sold_meanwhile_goes_back_and_the_order_stays_cancelled()
    {
        var product = await shop.Product(stock: 2, price: 100);
        var customer = await shop.Customer();
        var order = await shop.Place(customer, Online((product, 2)));
        var payment = await Pay(customer, order);
        await PaidAtTheProvider(payment);
        shop.Clock.Advance(TimeSpan.FromMinutes(31));
        await Lapse(order);
        Assert.Equal(2, await StockOf(product));
        await shop.Place(await shop.Customer(), Online((product, 1), "manual"));

        await Later(TimeSpan.Zero);

        var gone = await Shown(order);
        Assert.Equal(("cancelled", "lapsed"), (gone.Text("status"), gone.Text("cancelReason")));
        Assert.Equal((1, "refunded"), (await StockOf(product), await PaymentOf(payment)));
        Assert.Equal(100 * 2, await Count($"select refunded_amount from payments.sandbox_charges where key = {Key(payment)}"));
    }

    [Fact]
    public async Task Money_does_not_bring_back_what_somebody_called_off_whatever_reason_they_gave()
    {
        var product = await shop.Product(stock: 2, price: 100);
        var customer = await shop.Customer();
        var order = await shop.Place(customer, Online((product, 2)));
        var payment = await Pay(customer, order);
        await PaidAtTheProvider(payment);
        await (await customer.Client.Post($"/api/v1/orders/{order.Id()}/cancel", new { reason = "lapsed" })).Body();

        await Later(TimeSpan.FromMinutes(31));

        Assert.Equal(("cancelled", 2, "refunded"), (await StatusOf(order), await StockOf(product), await PaymentOf(payment)));
    }

    [Fact]
    public async Task A_new_payment_of_a_lapsed_order_is_refused()
    {
        var customer = await shop.Customer();
        var order = await shop.Place(customer, Online((await shop.Product(stock: 2, price: 100), 2)));
        await shop.WithDb(db => db.Execute($"update ordering.orders set expires_at = {shop.Clock.GetUtcNow()} where id = {order.Id()}", Ct));
        await Lapse(order);
        await (await customer.Client.Post("/api/v1/payments", new { orderId = order.Id(), provider = "sandbox" })).Refusal(HttpStatusCode.Conflict, "order_cancelled");
    }

    [Fact]
    public async Task However_many_processes_sweep_at_once_each_order_lapses_once()
    {
        var orders = Size.Of(60, 600);
        var product = await shop.Product(stock: orders, price: 100);
        var customer = await shop.Customer();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async worker =>
        {
            for (var i = worker; i < orders; i += 8)
                await shop.Place(customer, Online((product, 1)));
        }));
        Assert.Equal(0, await StockOf(product));
        await using var other = await shop.StartBeside(("Mail:Transport", "mailbox"), ("Mail:MailboxSize", "10000"));

        await shop.Services.GetRequiredService<JobRunner>().EnsureTimers(Ct);
        shop.Clock.Advance(TimeSpan.FromMinutes(31));
        await Task.WhenAll(shop.RunJobs(), Drain(other), Sweep(), Sweep(), Drain(other));
        await shop.RunJobs();

        Assert.Equal(orders, await StockOf(product));
        Assert.Equal(orders, await Count($"select count(*) from ordering.order_events e join ordering.order_items i on i.order_id = e.order_id where i.product_id = {product} and e.status = 'cancelled'"));
        // However many swept, each order was told of once.
        Assert.Equal(orders, await Count($"select count(*) from platform.mailbox m join accounts.users u on u.email = m.to_address where u.id = {customer.Id} and m.template = 'ordering.order-lapsed'"));
        Assert.Equal(orders, await Count($"select count(distinct m.subject) from platform.mailbox m join accounts.users u on u.email = m.to_address where u.id = {customer.Id}"));

        Task Sweep() => shop.InScope(async provider =>
        {
            await ActivatorUtilities.CreateInstance<LapseOrders>(provider).Handle(new(shop.Clock.GetUtcNow()), Ct);
            return true;
        });
    }

    [Fact]
    public async Task The_sweep_reads_what_is_due_through_its_index_and_nothing_else()
    {
        var plan = string.Join('\n', await shop.WithDb(db => db.Read(Sql.Raw("""
            explain select id from ordering.orders
            where status = 'pending' and payment_method = 'online' and payment_status in ('pending', 'failed') and expires_at <= now()
            order by expires_at limit 1000
            """), row => row.GetString(0), Ct)));
        Assert.Contains("orders_to_lapse", plan, StringComparison.Ordinal);
        Assert.DoesNotContain("Sort", plan, StringComparison.Ordinal);
    }

    internal static object Online(params (Guid Product, int Quantity)[] lines) => new { items = Shop.Lines(lines), fulfillment = "pickup" };

    private static object Online((Guid Product, int Quantity) line, string paymentMethod) => new { items = Shop.Lines(line), fulfillment = "pickup", paymentMethod };

    private static string Key(Guid payment) => $"payment-{payment:N}";

    private static string[] Story(JsonElement order) => [.. order.GetProperty("timeline").EnumerateArray().Select(step => $"{step.Text("status")} {step.Text("by")} {step.Text("reason")}")];

    private static async Task<Guid> Pay(Shop.Person customer, JsonElement order) =>
        (await (await customer.Client.Post("/api/v1/payments", new { orderId = order.Id(), provider = "sandbox" })).Body(HttpStatusCode.Created)).Id();

    /// <summary>The payer has paid, and we have not heard of it yet.</summary>
    private async Task PaidAtTheProvider(Guid payment) => await shop.Services.GetRequiredService<SandboxProvider>().Settle(Key(payment), SandboxOutcome.Succeed, code: null, Ct);

    private Task<bool> Lapse(JsonElement order) => shop.InScope(async provider =>
    {
        await provider.GetRequiredService<LapseOrder>().Handle(new(order.Id()), Ct);
        return true;
    });

    private async Task Later(TimeSpan time)
    {
        await shop.Services.GetRequiredService<JobRunner>().EnsureTimers(Ct);
        shop.Clock.Advance(time);
        await shop.RunJobs();
    }

    private static async Task Drain(OtherProcess other)
    {
        while (await other.Services.GetRequiredService<JobRunner>().RunDue(Ct) > 0)
        {
            // Until nothing is due.
        }
    }

    private async Task<JsonElement> Mine(Shop.Person customer) => (await (await customer.Client.Get("/api/v1/orders/mine")).Body()).GetProperty("data")[0];

    // By staff who have just signed in: the clock has gone on, and tokens are short-lived.
    private async Task<JsonElement> Shown(JsonElement order) => await (await (await shop.Staff()).Client.Get($"/api/v1/orders/{order.Id()}")).Body();

    private async Task<string?> StatusOf(JsonElement order) => (await Shown(order)).Text("status");

    private Task<int> StockOf(Guid product) => shop.WithDb(db => db.ReadFirst($"select stock from catalog.products where id = {product}", row => row.GetInt32(0), Ct));

    private Task<string> PaymentOf(Guid payment) => Text($"select status from payments.payments where id = {payment}");

    private async Task<string> Text(Sql sql) => (await shop.WithDb(db => db.ReadFirst(sql, row => row.GetString(0), Ct)))!;

    private Task<long> Count(Sql sql) => shop.WithDb(db => db.ReadFirst(sql, row => row.GetInt64(0), Ct));
}
