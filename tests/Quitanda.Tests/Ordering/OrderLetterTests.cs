using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;

namespace Quitanda.Tests.Ordering;

/// <summary>A shop that writes to its customers; what it writes stays in the local mailbox.</summary>
public sealed class LetterShop(TestPostgres postgres) : Shop(postgres)
{
    /// <summary>What was written to a customer, the first first.</summary>
    internal async Task<JsonElement[]> LettersTo(Person customer)
    {
        await RunJobs();
        var address = await WithDb(db => db.ReadFirst($"select email from accounts.users where id = {customer.Id}", row => row.GetString(0), CancellationToken.None));
        var mails = (await (await Guest.Get("/dev/mail.json")).Body()).GetProperty("data").EnumerateArray();
        return [.. mails.Where(mail => mail.Text("toAddress") == address).Reverse()];
    }

    internal Task<int> Rename(Person customer, string name, string locale) =>
        WithDb(db => db.Execute($"update accounts.users set name = {name}, locale = {locale} where id = {customer.Id}", CancellationToken.None));

    internal Task<long> QueuedMails() => WithDb(db => db.ReadFirst($"select count(*) from platform.jobs where kind = 'platform.send-mail'", row => row.GetInt64(0), CancellationToken.None));

    protected override void Configure(WebApplicationBuilder builder)
    {
        base.Configure(builder);
        builder.Configuration["Mail:Transport"] = "mailbox";
        builder.Configuration["Mail:MailboxSize"] = "10000";
    }
}

public sealed class OrderLetterTests(LetterShop shop) : IClassFixture<LetterShop>
{
    [Fact]
    public async Task An_order_that_is_paid_by_hand_is_told_of_when_it_comes_in_is_taken_on_and_is_called_off()
    {
        await shop.ChangeStore(fee: 650);
        var (customer, staff) = (await shop.Customer(), await shop.Staff());
        await shop.Rename(customer, "Ana <Souza>", "pt-BR");
        var order = await shop.Place(customer, fulfillment: "delivery", price: 123450);
        var number = order.GetProperty("number").GetInt64();
        var received = Assert.Single(await shop.LettersTo(customer));
        Assert.Equal(("ordering.order-received", $"Recebemos o pedido {number}", "Vai Coxinha"), (received.Text("template"), received.Text("subject"), received.Text("fromName")));
        foreach (var piece in (string[])["Ana <Souza>", "2 × Coxinha  R$~2.469,00", "Entrega  R$~6,50", "Total  R$~2.475,50", "Rua da Quitanda, 12-A, Centro, São Paulo - SP"])
            Assert.Contains(piece.Replace('~', '\u00A0'), received.Text("text"), StringComparison.Ordinal);
        Assert.DoesNotContain("Gorjeta", received.Text("text"), StringComparison.Ordinal);
        Assert.Contains("Ana &lt;Souza&gt;", received.Text("html"), StringComparison.Ordinal);

        await (await staff.Client.Post($"/api/v1/orders/{order.Id()}/confirm")).Body();
        Assert.Equal($"Pedido {number} confirmado", (await shop.LettersTo(customer))[^1].Text("subject"));

        await shop.Rename(customer, "Ana Souza", "en-US");
        await (await customer.Client.Post($"/api/v1/orders/{order.Id()}/cancel", new { reason = "Too late" })).Body();
        var cancelled = (await shop.LettersTo(customer))[^1];
        Assert.Equal(("ordering.order-cancelled", $"Order {number} was cancelled"), (cancelled.Text("template"), cancelled.Text("subject")));
        Assert.Contains("Reason: Too late", cancelled.Text("text"), StringComparison.Ordinal);
        Assert.DoesNotContain("What you paid", cancelled.Text("text"), StringComparison.Ordinal);
        Assert.Equal(3, (await shop.LettersTo(customer)).Length);
    }

    [Fact]
    public async Task An_order_that_is_paid_online_queues_no_mail_until_it_is_paid_and_says_so_when_the_money_goes_back()
    {
        await shop.ChangeStore();
        var customer = await shop.Customer();
        await shop.RunJobs();
        var before = await shop.QueuedMails();
        var order = await shop.Place(customer, paymentMethod: "online");
        Assert.Equal(before, await shop.QueuedMails());

        var payment = await (await customer.Client.Post("/api/v1/payments", new { orderId = order.Id(), provider = "sandbox", method = "pix" })).Body(HttpStatusCode.Created);
        Assert.Empty(await shop.LettersTo(customer));
        await (await customer.Client.Post($"/api/v1/sandbox/payments/{payment.Id()}/succeed")).Body();
        Assert.Equal("ordering.order-confirmed", Assert.Single(await shop.LettersTo(customer)).Text("template"));

        await (await customer.Client.Post($"/api/v1/orders/{order.Id()}/cancel")).Body();
        var cancelled = (await shop.LettersTo(customer))[^1];
        Assert.Contains("O valor pago será devolvido", cancelled.Text("text"), StringComparison.Ordinal);
        Assert.DoesNotContain("Motivo", cancelled.Text("text"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_order_that_is_sent_twice_under_one_key_is_told_of_once_and_one_that_is_refused_not_at_all()
    {
        await shop.ChangeStore();
        var customer = await shop.Customer();
        var product = await shop.Product(stock: 3, price: 1000);
        var order = new { items = Shop.Lines((product, 2)), fulfillment = "pickup", paymentMethod = "manual" };
        for (var i = 0; i < 2; i++)
            await (await customer.Client.Post("/api/v1/orders", order, key: "one-order")).Body(HttpStatusCode.Created);
        await (await customer.Client.Post("/api/v1/orders", order)).Refusal(HttpStatusCode.Conflict, "out_of_stock");
        Assert.Single(await shop.LettersTo(customer));
    }

    [Fact]
    public async Task A_scheduled_order_says_when_on_the_shops_own_clock()
    {
        await shop.ChangeStore(timeZone: "America/Manaus");
        var customer = await shop.Customer();
        var product = await shop.Product(stock: 3, price: 1000);
        await shop.Place(customer, new { items = Shop.Lines((product, 1)), fulfillment = "pickup", paymentMethod = "manual", scheduledFor = "2026-03-06T01:30:00Z" });
        Assert.Contains("Agendado para 5 de março de 2026, 21:30.", Assert.Single(await shop.LettersTo(customer)).Text("text"), StringComparison.Ordinal);
    }
}
