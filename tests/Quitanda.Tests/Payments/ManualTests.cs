using System.Net;
using System.Text.Json;
using Quitanda.Ordering.Orders;
using Quitanda.Platform;

namespace Quitanda.Tests.Payments;

/// <summary>Money that people take by hand: cash with change, and a card machine.</summary>
public sealed class ManualTests(PaymentsApp app) : IClassFixture<PaymentsApp>
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_pays_cash_says_with_how_much_and_gets_the_change_at_the_door()
    {
        var (ana, staff) = (await app.Somebody(), await app.Somebody(Roles.Staff));
        var order = await app.Order(ana, total: 3750, method: PaymentMethod.Manual);

        var asked = await (await ana.Post("/api/v1/payments", new { orderId = order, provider = "manual", method = "cash", tendered = new { amount = 5000, currency = "BRL" } })).Read(HttpStatusCode.Created);
        Assert.Equal(("pending", 5000, 1250), (asked.Status(), Amount(asked, "tendered"), Amount(asked, "change")));
        Assert.Equal(("pending", "pending"), await app.OrderOf(order));

        var payment = asked.GetProperty("id").GetGuid();
        await Deliver(staff, order);
        Assert.Equal("succeeded", await app.StatusOf(payment));
        Assert.Equal(("delivered", "paid"), await app.OrderOf(order));
        Assert.Equal(1, await app.Count($"select count(*) from payments.payments where payable_id = {order}"));
        await app.RunJobs();
        Assert.Equal(1, app.Announced.Of(payment));
    }

    [Fact]
    public async Task An_order_that_nobody_said_how_to_pay_is_in_the_books_once_it_is_delivered()
    {
        var (ana, staff) = (await app.Somebody(), await app.Somebody(Roles.Staff));
        var order = await app.Order(ana, total: 900, method: PaymentMethod.Manual);

        await Deliver(staff, order);

        var payment = Assert.Single((await staff.Get($"/api/v1/payments?orderId={order}")).GetProperty("data").EnumerateArray());
        Assert.Equal(("succeeded", "manual", 900), (payment.Status(), payment.GetProperty("provider").GetString(), Amount(payment, "amount")));
        Assert.Equal(("delivered", "paid"), await app.OrderOf(order));
    }

    [Fact]
    public async Task Staff_who_have_the_money_before_say_so_once_however_often()
    {
        var (ana, staff) = (await app.Somebody(), await app.Somebody(Roles.Staff));
        var order = await app.Order(ana, method: PaymentMethod.Manual);
        var payment = (await (await ana.Post("/api/v1/payments", new { orderId = order, provider = "manual", method = "card" })).Read(HttpStatusCode.Created)).GetProperty("id").GetGuid();
        await ana.Post($"/api/v1/payments/{payment}/receive", new { }).IsRefused(HttpStatusCode.Forbidden, "forbidden");

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => staff.Post($"/api/v1/payments/{payment}/receive", new { })));
        foreach (var answer in answers)
            Assert.Equal("succeeded", (await answer.Read(HttpStatusCode.OK)).Status());

        // Paid is not confirmed: the kitchen says when it begins.
        Assert.Equal(("pending", "paid"), await app.OrderOf(order));
        await Deliver(staff, order);
        await app.RunJobs();
        Assert.Equal(1, app.Announced.Of(payment));
        Assert.Equal(1, await app.Count($"select count(*) from payments.payments where payable_id = {order}"));
    }

    [Fact]
    public async Task Cash_goes_back_by_hand_and_the_books_say_so()
    {
        var (ana, staff) = (await app.Somebody(), await app.Somebody(Roles.Staff));
        var order = await app.Order(ana, total: 1000, method: PaymentMethod.Manual);
        await Deliver(staff, order);
        var payment = (await staff.Get($"/api/v1/payments?orderId={order}")).GetProperty("data")[0].GetProperty("id").GetGuid();

        await (await staff.Post($"/api/v1/payments/{payment}/refunds", new { amount = new { amount = 400, currency = "BRL" }, reason = "Veio frio." })).Read(HttpStatusCode.Created);
        await app.RunJobs();

        Assert.Equal("partially_refunded", await app.StatusOf(payment));
        Assert.Equal(("delivered", "partially_refunded"), await app.OrderOf(order));
    }

    [Fact]
    public async Task What_is_called_off_or_not_by_hand_is_not_received()
    {
        var (ana, staff) = (await app.Somebody(), await app.Somebody(Roles.Staff));
        var order = await app.Order(ana, method: PaymentMethod.Manual);
        var payment = (await (await ana.Post("/api/v1/payments", new { orderId = order, provider = "manual" })).Read(HttpStatusCode.Created)).GetProperty("id").GetGuid();
        await (await PaymentsApp.CancelOrder(ana, order)).Read(HttpStatusCode.OK);

        await staff.Post($"/api/v1/payments/{payment}/receive", new { }).IsRefused(HttpStatusCode.Conflict, "payment_closed");
        await staff.Post($"/api/v1/payments/{(await app.Pending(ana)).Payment}/receive", new { }).IsRefused(HttpStatusCode.Conflict, "not_manual");
        await staff.Post($"/api/v1/payments/{Guid.CreateVersion7()}/receive", new { }).IsRefused(HttpStatusCode.NotFound, "not_found");
    }

    [Theory]
    [InlineData("""{ "tendered": { "amount": 2499, "currency": "BRL" }, "method": "cash" }""", "tendered")]
    [InlineData("""{ "tendered": { "amount": 5000, "currency": "USD" }, "method": "cash" }""", "tendered")]
    [InlineData("""{ "tendered": { "amount": 5000, "currency": "BRL" }, "method": "card" }""", "tendered")]
    [InlineData("""{ "method": "upi" }""", "method")]
    [InlineData("""{ "method": "cash", "cardToken": "tok" }""", "cardToken")]
    public async Task Wishes_that_make_no_sense_name_their_member(string wishes, string member)
    {
        var ana = await app.Somebody();
        var order = await app.Order(ana, method: PaymentMethod.Manual);
        var body = JsonSerializer.Deserialize<Dictionary<string, object>>(wishes)!;
        body["orderId"] = order;
        body["provider"] = "manual";
        var problem = await (await ana.Post("/api/v1/payments", body)).Read(HttpStatusCode.BadRequest);
        Assert.Equal(member, Assert.Single(problem.GetProperty("errors").EnumerateObject()).Name);
    }

    private async Task Deliver(Person staff, Guid order)
    {
        foreach (var step in (string[])["confirm", "prepare", "ready", "deliver"])
            await (await staff.Client.PostAsync($"/api/v1/orders/{order}/{step}", null, _ct)).Read(HttpStatusCode.OK);
    }

    private static int Amount(JsonElement payment, string name) => payment.GetProperty(name).GetProperty("amount").GetInt32();
}
