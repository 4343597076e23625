using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Payments.Simulator;
using Quitanda.Payments.Stripe;

namespace Quitanda.Tests.Payments.Stripe;

/// <summary>The simulated Stripe before Stripe's own library: it can be asked with it, and what it answers is what the library's types say.</summary>
public sealed class StripeSimulatorTests(SimulatedPaymentsApp app, StripeLibrary library) : IClassFixture<SimulatedPaymentsApp>, IClassFixture<StripeLibrary>, IAsyncLifetime
{
    private SimulatedFront? _front;
    private readonly List<object> _seen = [];
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _front = await SimulatedFront.Open(app.Services.GetRequiredService<Simulator>(), "stripe");

    public ValueTask DisposeAsync() => _front!.DisposeAsync();

    [Fact]
    public async Task The_version_that_we_ask_for_is_the_librarys() => Assert.Equal(StripeLine.Version, (await library.Ask(new { ask = "version" })).GetProperty("version").GetString());

    [Fact]
    public async Task Every_object_is_of_the_librarys_types_in_every_state()
    {
        var card = await Create(new { amount = 3490, currency = "brl", payment_method_types = (string[])["card"], metadata = new { payment_id = "1" } });
        var any = await Create(new { amount = 3490, currency = "brl", automatic_payment_methods = new { enabled = true } });
        var pix = await Create(new { amount = 3490, currency = "brl", confirm = true, payment_method_types = (string[])["pix"], payment_method_data = new { type = "pix" } });
        Assert.Equal("pix_display_qr_code", pix.GetProperty("next_action").GetProperty("type").GetString());

        await Happens(card, new(SimulatedDeed.Fail, "insufficient_funds"));
        Assert.Equal("insufficient_funds", (await Look(card)).GetProperty("last_payment_error").GetProperty("decline_code").GetString());
        await Happens(card, new(SimulatedDeed.Authorize));
        Assert.Equal("requires_capture", (await Look(card)).GetProperty("status").GetString());
        Assert.Equal("succeeded", See("PaymentIntent", await Call("paymentIntents.capture", Id(card), new { expand = Expanded })).GetProperty("status").GetString());
        await Happens(pix, new(SimulatedDeed.Succeed));
        await Look(pix);
        Assert.Equal("canceled", See("PaymentIntent", await Call("paymentIntents.cancel", Id(any), new { cancellation_reason = "abandoned" })).GetProperty("status").GetString());
        var late = await Create(new { amount = 3490, currency = "brl", confirm = true, payment_method_types = (string[])["pix"], payment_method_data = new { type = "pix" } });
        await Happens(late, new(SimulatedDeed.Expire));
        Assert.Equal("payment_intent_payment_attempt_expired", (await Look(late)).GetProperty("last_payment_error").GetProperty("code").GetString());

        var part = See("Refund", await Call("refunds.create", new { payment_intent = Id(card), amount = 90, metadata = new { refund_key = "a" } }));
        Assert.Equal("succeeded", part.GetProperty("status").GetString());
        var slow = See("Refund", await Call("refunds.create", new { payment_intent = Id(pix) }));
        Assert.Equal(("pending", 3490), (slow.GetProperty("status").GetString(), slow.GetProperty("amount").GetInt32()));
        app.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("succeeded", See("Refund", await Call("refunds.retrieve", Id(slow))).GetProperty("status").GetString());
        await Happens(card, new(SimulatedDeed.Dispute));
        await Happens(card, new(SimulatedDeed.LoseDispute));
        var dispute = See("Dispute", (await Call("disputes.list", new { payment_intent = Id(card) })).GetProperty("data")[0]);
        Assert.Equal(("lost", 3400), (dispute.GetProperty("status").GetString(), dispute.GetProperty("amount").GetInt32()));
        await Look(card);

        foreach (var body in await app.WithDb(db => db.Read($"select body from payments.simulated_events where thing in ({Id(card)}, {Id(pix)}, {Id(any)}, {Id(late)})", row => row.GetFieldValue<byte[]>(0), _ct)))
            See("Event", JsonSerializer.Deserialize<JsonElement>(Encoding.UTF8.GetString(body)));

        Assert.True(_seen.Count > 25);
        Assert.Equal("", string.Join("\n\n", (await library.Ask(new { ask = "check", values = _seen })).GetProperty("errors").EnumerateArray().Select(error => error.GetString()).Distinct(StringComparer.Ordinal)));
    }

    [Fact]
    public async Task The_types_see_what_is_not_in_them_and_what_is_missing()
    {
        var intent = await Call("paymentIntents.create", new { amount = 3490, currency = "brl" });
        var text = intent.GetRawText();
        var more = JsonSerializer.Deserialize<JsonElement>(text.Replace("\"livemode\"", "\"invented\":1,\"livemode\"", StringComparison.Ordinal));
        var less = JsonSerializer.Deserialize<JsonElement>(text.Replace("\"livemode\":false,", "", StringComparison.Ordinal));
        foreach (var (value, named) in ((JsonElement, string)[])[(more, "invented"), (less, "livemode")])
            Assert.Contains(named, Assert.Single((await library.Ask(new { ask = "check", values = (object[])[new { type = "PaymentIntent", value }] })).GetProperty("errors").EnumerateArray()).GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lists_are_read_to_their_end_the_newest_first()
    {
        var from = app.Clock.GetUtcNow().AddHours(1);
        app.Clock.Advance(TimeSpan.FromHours(1));
        List<string> made = [];
        for (var i = 0; i < 12; i++)
        {
            app.Clock.Advance(TimeSpan.FromSeconds(1));
            made.Insert(0, Id(await Call("paymentIntents.create", new { amount = 1000 + i, currency = "brl" })));
        }

        var listed = await All("paymentIntents.list", new { limit = 5, created = new { gte = from.ToUnixTimeSeconds(), lt = from.AddHours(1).ToUnixTimeSeconds() } });
        Assert.Equal(made, listed.EnumerateArray().Select(Id), StringComparer.Ordinal);
        Assert.Empty((await All("paymentIntents.list", new { created = new { gte = from.AddHours(1).ToUnixTimeSeconds() } })).EnumerateArray());

        await Happens(made[0], new(SimulatedDeed.Succeed));
        for (var i = 0; i < 7; i++)
            await Call("refunds.create", new { payment_intent = made[0], amount = 10 });
        Assert.Equal(7, (await All("refunds.list", new { payment_intent = made[0], limit = 3 })).GetArrayLength());
    }

    [Fact]
    public async Task It_refuses_what_Stripe_refuses()
    {
        var open = Id(await Call("paymentIntents.create", new { amount = 3490, currency = "brl" }));
        var paid = Id(await Call("paymentIntents.create", new { amount = 3490, currency = "brl" }));
        await Happens(paid, new(SimulatedDeed.Succeed));

        Assert.Equal((404, "resource_missing"), await Refused("paymentIntents.retrieve", "pi_none"));
        Assert.Equal((400, "amount_too_small"), await Refused("paymentIntents.create", new { amount = 49, currency = "brl" }));
        Assert.Equal((400, "amount_too_large"), await Refused("paymentIntents.create", new { amount = 100_000_000, currency = "brl" }));
        Assert.Equal((400, "parameter_invalid_integer"), await Refused("paymentIntents.create", new { amount = "-5", currency = "brl" }));
        Assert.Equal((400, null), await Refused("paymentIntents.create", new { amount = 500, currency = "xxx" }));
        Assert.Equal((400, "payment_intent_invalid_parameter"), await Refused("paymentIntents.create", new { amount = 500, currency = "usd", payment_method_types = (string[])["pix"] }));
        Assert.Equal((400, "parameter_invalid_integer"), await Refused("paymentIntents.create", Pix(59)));
        Assert.Equal((400, "parameter_invalid_integer"), await Refused("paymentIntents.create", Pix(1209601)));
        Assert.Equal("requires_action", (await Call("paymentIntents.create", Pix(60))).GetProperty("status").GetString());
        Assert.Equal((400, "payment_intent_unexpected_state"), await Refused("paymentIntents.cancel", paid));
        Assert.Equal((400, "payment_intent_unexpected_state"), await Refused("paymentIntents.capture", open));
        Assert.Equal((400, null), await Refused("refunds.create", new { payment_intent = open }));
        Assert.Equal((404, "resource_missing"), await Refused("refunds.create", new { payment_intent = "pi_none" }));
        Assert.Equal((400, null), await Refused("refunds.create", new { payment_intent = paid, amount = 3491 }));
        await Call("refunds.create", new { payment_intent = paid });
        Assert.Equal((400, "charge_already_refunded"), await Refused("refunds.create", new { payment_intent = paid }));
        Assert.Equal((404, "resource_missing"), await Refused("refunds.retrieve", "re_none"));

        var twice = await Ask("paymentIntents.create", all: false, [new { amount = 600, currency = "brl" }, new { idempotencyKey = "one-key" }]);
        Assert.Equal(Id(twice.GetProperty("answer")), Id((await Ask("paymentIntents.create", all: false, [new { amount = 600, currency = "brl" }, new { idempotencyKey = "one-key" }])).GetProperty("answer")));
        Assert.Equal("StripeIdempotencyError", (await Ask("paymentIntents.create", all: false, [new { amount = 601, currency = "brl" }, new { idempotencyKey = "one-key" }])).GetProperty("error").GetProperty("class").GetString());

        object Pix(int seconds) => new
        {
            amount = 500,
            currency = "brl",
            confirm = true,
            payment_method_types = (string[])["pix"],
            payment_method_data = new { type = "pix" },
            payment_method_options = new { pix = new { expires_at = app.Clock.GetUtcNow().ToUnixTimeSeconds() + seconds } },
        };
    }

    private static readonly string[] Expanded = ["latest_charge.balance_transaction"];

    private static string Id(JsonElement thing) => thing.GetProperty("id").GetString()!;

    private async Task<JsonElement> Create(object asked) => See("PaymentIntent", await Call("paymentIntents.create", asked));

    private async Task<JsonElement> Look(JsonElement intent)
    {
        See("PaymentIntent", await Call("paymentIntents.retrieve", Id(intent)));
        var seen = See("PaymentIntent", await Call("paymentIntents.retrieve", Id(intent), new { expand = Expanded }));
        if (seen.GetProperty("latest_charge") is { ValueKind: JsonValueKind.Object } charge)
        {
            See("Charge", charge);
            if (charge.GetProperty("balance_transaction") is { ValueKind: JsonValueKind.Object } transaction)
                See("BalanceTransaction", transaction);
        }

        return seen;
    }

    private JsonElement See(string type, JsonElement value)
    {
        _seen.Add(new { type, value });
        return value;
    }

    private Task Happens(JsonElement intent, SimulatedAct act) => Happens(Id(intent), act);

    private async Task Happens(string intent, SimulatedAct act) => Assert.True(await app.Services.GetRequiredService<Simulator>().Happen("stripe", intent, act, SimulatedDelivery.Never, 0, _ct));

    private async Task<JsonElement> Call(string method, params object[] args) => Answered(await Ask(method, all: false, args));

    private async Task<JsonElement> All(string method, params object[] args) => Answered(await Ask(method, all: true, args));

    private async Task<(int? Status, string? Code)> Refused(string method, params object[] args)
    {
        var error = (await Ask(method, all: false, args)).GetProperty("error");
        return (error.GetProperty("status").GetInt32(), error.GetProperty("code").GetString());
    }

    private Task<JsonElement> Ask(string method, bool all, object[] args) => library.Ask(new { ask = "call", host = "127.0.0.1", port = new Uri(_front!.Url).Port, key = "simulated", method, args, all });

    private static JsonElement Answered(JsonElement said)
    {
        Assert.True(said.GetProperty("error").ValueKind is JsonValueKind.Null, said.GetRawText());
        return said.GetProperty("answer");
    }
}
