using System.Text;
using System.Text.Json;
using Quitanda.Payments.Providers;
using Quitanda.Payments.Simulator;

namespace Quitanda.Tests.Payments.Razorpay;

/// <summary>Razorpay's own library (npm <c>razorpay</c>) and we agree: on what is signed, and on how one asks.</summary>
public sealed class RazorpayLibraryTests(SimulatedPaymentsApp app, RazorpayLibrary library) : IClassFixture<SimulatedPaymentsApp>, IClassFixture<RazorpayLibrary>
{
    [Fact]
    public async Task The_library_and_we_take_the_same_signatures()
    {
        string[] bodies = ["", "{}", """{"event":"payment.captured"}""", "{\"name\":\"गौरव कुमार – Tea, Earl Grey… ₹\"}", "{ \"a\" :\r\n 1.50 }\n", "\ufeff{}", new('x', 100_000)];
        string[] secrets = [RazorpayTalk.WebhookSecret, "संकेत-ç-€", "a b"];
        var calls = (from body in bodies
                     from secret in secrets
                     let good = SignatureCheck.Sign(secret, Encoding.UTF8.GetBytes(body))
                     from signature in (string[])[good, SignatureCheck.Sign(secret, Encoding.UTF8.GetBytes(body + " ")), SignatureCheck.Sign(secret + "x", Encoding.UTF8.GetBytes(body)), good[..^1], good + "0", ""]
                     select (body, signature, secret)).ToList();

        var theirs = await library.Validate(calls);
        Assert.Equal(bodies.Length * secrets.Length, theirs.Count(valid => valid));
        Assert.Equal(theirs, calls.Select(call => SignatureCheck.IsGood(call.signature, Encoding.UTF8.GetBytes(call.body), call.secret)));
    }

    [Fact]
    public async Task The_library_takes_what_the_simulated_Razorpay_tells()
    {
        var ana = await app.Somebody();
        var (_, payment) = await app.PaidBy(ana, "razorpay", "upi");
        var secret = app.Services.Get<Simulation>().KeyOf("razorpay");
        var told = await app.WithDb(db => db.Read($"select e.type, e.thing, e.body from payments.simulated_events e join payments.payments p on p.provider_reference = e.thing where p.id = {payment}",
            row => new SimulatedEvent("any", row.GetString(0), row.GetString(1), row.GetFieldValue<byte[]>(2), new Dictionary<string, string>(StringComparer.Ordinal)), CancellationToken.None));
        Assert.Equal(["order.paid", "payment.authorized", "payment.captured"], told.Select(happened => happened.Type).Order(StringComparer.Ordinal), StringComparer.Ordinal);

        var razorpay = app.Services.Get<IEnumerable<ISimulatedProvider>>().Single(provider => provider.Name == "razorpay");
        Assert.DoesNotContain(false, await library.Validate(told.Select(happened => (Encoding.UTF8.GetString(happened.Body), razorpay.Sign(happened, app.Clock.GetUtcNow())["X-Razorpay-Signature"], secret))));
    }

    [Fact]
    public async Task The_library_asks_the_simulated_Razorpay_as_it_would_the_real_one()
    {
        var order = await Answer("orders", "create", new { amount = 5000, currency = "INR", receipt = "receipt#1", notes = new { key1 = "value3" } });
        Assert.Equal(("order", "created", 5000L, "value3"), (order.GetProperty("entity").GetString(), order.Status(), order.GetProperty("amount_due").GetInt64(), order.GetProperty("notes").GetProperty("key1").GetString()));
        var id = order.GetProperty("id").GetString()!;
        Assert.Equal(id, Assert.Single((await Answer("orders", "all", new { receipt = "receipt#1" })).GetProperty("items").EnumerateArray()).GetProperty("id").GetString());
        Assert.Equal(0, (await Answer("orders", "fetchPayments", id)).GetProperty("count").GetInt32());

        await Happens(id, SimulatedDeed.Authorize);
        var payment = Assert.Single((await Answer("orders", "fetchPayments", id)).GetProperty("items").EnumerateArray());
        Assert.Equal("authorized", payment.Status());
        var pay = payment.GetProperty("id").GetString()!;
        Assert.Equal(400, (await Refusal("payments", "capture", pay, 4999, "INR")).GetProperty("statusCode").GetInt32());
        Assert.Equal("captured", (await Answer("payments", "capture", pay, 5000, "INR")).Status());
        Assert.Contains("already been captured", (await Refusal("payments", "capture", pay, 5000, "INR")).GetProperty("error").GetProperty("description").GetString());
        Assert.Equal(("paid", 5000L), ((await Answer("orders", "fetch", id)).Status(), (await Answer("orders", "fetch", id)).GetProperty("amount_paid").GetInt64()));

        var refund = await Answer("payments", "refund", pay, new { amount = 1000, speed = "normal", receipt = "refund#1", notes = new { why = "cold" } });
        Assert.Equal(("processed", "refund#1"), (refund.Status(), refund.GetProperty("receipt").GetString()));
        Assert.Equal(refund.GetProperty("id").GetString(), Assert.Single((await Answer("payments", "fetchMultipleRefund", pay, new { count = 100 })).GetProperty("items").EnumerateArray()).GetProperty("id").GetString());
        Assert.Equal(1000, (await Answer("refunds", "fetch", refund.GetProperty("id").GetString()!)).GetProperty("amount").GetInt64());
        Assert.Equal(400, (await Refusal("payments", "refund", pay, new { amount = 4001 })).GetProperty("statusCode").GetInt32());
        Assert.Equal((1000L, "partial"), await After(pay));

        await Happens(id, SimulatedDeed.Dispute);
        var dispute = (await Answer("disputes", "all", new { count = 100 })).GetProperty("items").EnumerateArray().Single(dispute => dispute.GetProperty("payment_id").GetString() == pay);
        Assert.Equal(("open", 4000L), (dispute.Status(), dispute.GetProperty("amount").GetInt64()));
        Assert.Equal("open", (await Answer("disputes", "fetch", dispute.GetProperty("id").GetString()!)).Status());

        // A payment is not found by a name that is none, and nothing unknown is asked for.
        Assert.Equal("BAD_REQUEST_ERROR", (await Refusal("payments", "fetch", "pay_unknown")).GetProperty("error").GetProperty("code").GetString());
        Assert.Equal(400, (await Refusal("orders", "create", new { amount = 5000, currency = "INR", color = "red" })).GetProperty("statusCode").GetInt32());
        Assert.Equal(400, (await Refusal("orders", "create", new { amount = 99, currency = "INR" })).GetProperty("statusCode").GetInt32());
        Assert.Contains(pay, (await Answer("payments", "all", new { count = 100 })).GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetString()), StringComparer.Ordinal);
    }

    private async Task<(long Refunded, string? Status)> After(string pay)
    {
        var payment = await Answer("payments", "fetch", pay);
        return (payment.GetProperty("amount_refunded").GetInt64(), payment.GetProperty("refund_status").GetString());
    }

    private async Task Happens(string order, SimulatedDeed deed) =>
        Assert.True(await app.Services.Get<Simulator>().Happen("razorpay", order, new(deed), SimulatedDelivery.Never, seconds: 0, CancellationToken.None));

    private async Task<JsonElement> Answer(string resource, string method, params object[] args)
    {
        var said = await library.Call(app, resource, method, args);
        return said.TryGetProperty("answer", out var answer) ? answer : throw new InvalidOperationException($"{resource}.{method} was refused: {said}");
    }

    private async Task<JsonElement> Refusal(string resource, string method, params object[] args) => (await library.Call(app, resource, method, args)).GetProperty("refusal");
}
