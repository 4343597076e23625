using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Ordering.Orders;
using Quitanda.Payments.Sandbox;
using Quitanda.Platform;
using Quitanda.Platform.Mails;

namespace Quitanda.Tests.Ordering;

/// <summary>What a customer is told whose money did not come, or came and went back.</summary>
public sealed class LapseLetterTests(LetterShop shop) : IClassFixture<LetterShop>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("pt-BR", "O pedido {0} expirou", "não chegou dentro do prazo")]
    [InlineData("en", "Order {0} has expired", "did not come in time")]
    public async Task An_order_that_lapses_tells_its_customer_once_in_their_language(string locale, string subject, string says)
    {
        var customer = await shop.Customer();
        await shop.Rename(customer, "Ana <Souza>", locale);
        var order = await Place(customer, await shop.Product(stock: 5, price: 1250), 2);

        await Later(TimeSpan.FromMinutes(31));
        await Lapse(order);
        await Later(TimeSpan.FromHours(1));

        var told = Assert.Single(await shop.LettersTo(customer));
        Assert.Equal(("ordering.order-lapsed", Filled(subject, order)), (told.Text("template"), told.Text("subject")));
        Assert.Contains(says, told.Text("text"), StringComparison.Ordinal);
        Assert.Contains("2 × Coxinha", told.Text("text"), StringComparison.Ordinal);
        Assert.Contains("Ana &lt;Souza&gt;", told.Text("html"), StringComparison.Ordinal);
        Assert.DoesNotContain("lapsed", told.Text("text"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lapse_that_is_rolled_back_tells_nobody_and_the_next_one_tells_once()
    {
        var customer = await shop.Customer();
        var order = await Place(customer, await shop.Product(stock: 5, price: 100), 1);
        await shop.RunJobs();
        shop.Clock.Advance(TimeSpan.FromMinutes(31));

        await Assert.ThrowsAsync<InvalidOperationException>(() => shop.InScope<bool>(async provider =>
        {
            await provider.GetRequiredService<LapseOrder>().Handle(new(order.Id()), Ct);
            throw new InvalidOperationException("The process ends before the commit.");
        }));
        // No job has run since, or the sweep would let it lapse.
        Assert.Equal(0, await shop.WithDb(db => db.ReadFirst($"select count(*) from platform.jobs where kind = {SendMail.Kind}", row => row.GetInt64(0), Ct)));

        await Task.WhenAll(Lapse(order), Lapse(order), Lapse(order));
        Assert.Equal(["ordering.order-lapsed"], await Told(customer), StringComparer.Ordinal);
    }

    [Theory]
    [InlineData("pt-BR", "Devolvemos o pagamento do pedido {0}", "algum produto do pedido acabou")]
    [InlineData("en", "We are returning your payment for order {0}", "something in the order had been sold")]
    public async Task Money_that_came_too_late_for_goods_that_are_gone_is_returned_with_a_word_why(string locale, string subject, string says)
    {
        var (customer, product) = (await shop.Customer(), await shop.Product(stock: 2, price: 1250));
        await shop.Rename(customer, "Ana", locale);
        var order = await Place(customer, product, 2);
        var payment = await Pay(customer, order);
        await PaidAtTheProvider(payment);
        shop.Clock.Advance(TimeSpan.FromMinutes(31));
        await Lapse(order);
        await shop.Place(await shop.Customer(), new { items = Shop.Lines((product, 1)), fulfillment = "pickup", paymentMethod = "manual" });

        await Later(TimeSpan.Zero);
        // A provider may say a thing as often as it likes.
        await (await (await shop.Staff()).Client.Post($"/api/v1/sandbox/payments/{payment}/succeed")).Body();
        await Later(TimeSpan.FromMinutes(1));

        Assert.Equal(["ordering.order-lapsed", "ordering.payment-returned"], await Told(customer), StringComparer.Ordinal);
        var told = await Returned(customer);
        Assert.Equal(Filled(subject, order), told.Text("subject"));
        Assert.Contains(says, told.Text("text"), StringComparison.Ordinal);
        Assert.Contains(says, told.Text("html"), StringComparison.Ordinal);
        Assert.Matches(@"R\$\s?25[.,]00", told.Text("text")!);
        Assert.Equal("refunded", await Status(payment));
    }

    [Fact]
    public async Task Money_that_brings_the_order_back_confirms_it_and_returns_nothing()
    {
        var customer = await shop.Customer();
        var order = await Place(customer, await shop.Product(stock: 2, price: 100), 2);
        await PaidAtTheProvider(await Pay(customer, order));

        // The sweep and the word of the money are both due by then: which is first is said here, not left to their turns.
        shop.Clock.Advance(TimeSpan.FromMinutes(31));
        await Lapse(order);
        await Later(TimeSpan.Zero);

        Assert.Equal(["ordering.order-confirmed", "ordering.order-lapsed"], await Told(customer), StringComparer.Ordinal);
    }

    [Fact]
    public async Task Money_for_an_order_that_was_called_off_meanwhile_is_returned_with_a_word_why()
    {
        var customer = await shop.Customer();
        var order = await Place(customer, await shop.Product(stock: 2, price: 100), 2);
        var payment = await Pay(customer, order);
        await PaidAtTheProvider(payment);
        await (await customer.Client.Post($"/api/v1/orders/{order.Id()}/cancel")).Body();

        Assert.Equal(["ordering.order-cancelled", "ordering.payment-returned"], await Told(customer), StringComparer.Ordinal);
        Assert.Contains("já tinha sido cancelado", (await Returned(customer)).Text("text"), StringComparison.Ordinal);
        Assert.Equal("refunded", await Status(payment));
    }

    [Fact]
    public async Task Money_that_comes_a_second_time_is_returned_with_a_word_why_and_the_order_stays_paid()
    {
        var customer = await shop.Customer();
        var order = await Place(customer, await shop.Product(stock: 2, price: 100), 2);
        var first = await Pay(customer, order);
        await (await customer.Client.Post($"/api/v1/sandbox/payments/{first}/fail")).Body();
        await (await customer.Client.Post($"/api/v1/sandbox/payments/{await Pay(customer, order)}/succeed")).Body();
        await (await customer.Client.Post($"/api/v1/sandbox/payments/{first}/succeed")).Body();

        Assert.Equal(["ordering.order-confirmed", "ordering.payment-returned"], await Told(customer), StringComparer.Ordinal);
        var text = (await Returned(customer)).Text("text");
        Assert.Contains("já estava pago por outro pagamento", text, StringComparison.Ordinal);
        Assert.DoesNotContain("cancelado", text, StringComparison.Ordinal);
        Assert.Equal("refunded", await Status(first));
    }

    private static string Filled(string subject, JsonElement order) => subject.Replace("{0}", $"{order.GetProperty("number").GetInt64()}", StringComparison.Ordinal);

    private Task<JsonElement> Place(Shop.Person customer, Guid product, int quantity) => shop.Place(customer, LapseTests.Online((product, quantity)));

    private static async Task<Guid> Pay(Shop.Person customer, JsonElement order) =>
        (await (await customer.Client.Post("/api/v1/payments", new { orderId = order.Id(), provider = "sandbox" })).Body(HttpStatusCode.Created)).Id();

    /// <summary>The payer has paid, and we have not heard of it yet.</summary>
    private async Task PaidAtTheProvider(Guid payment) => await shop.Services.GetRequiredService<SandboxProvider>().Settle($"payment-{payment:N}", SandboxOutcome.Succeed, code: null, Ct);

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

    /// <summary>What the customer was told, by name: letters that wait together go out in any order.</summary>
    private async Task<string[]> Told(Shop.Person customer) => [.. (await shop.LettersTo(customer)).Select(letter => letter.Text("template")!).Order(StringComparer.Ordinal)];

    private async Task<JsonElement> Returned(Shop.Person customer) => Assert.Single(await shop.LettersTo(customer), letter => letter.Text("template") == "ordering.payment-returned");

    private async Task<string?> Status(Guid payment) => await shop.WithDb(db => db.ReadFirst($"select status from payments.payments where id = {payment}", row => row.GetString(0), Ct));
}
