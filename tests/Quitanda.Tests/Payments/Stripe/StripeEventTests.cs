using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Payments.Providers;
using Quitanda.Payments.Simulator;
using Quitanda.Payments.Stripe;

namespace Quitanda.Tests.Payments.Stripe;

/// <summary>Stripe's events at our door: signed by Stripe's own library, and by others.</summary>
public sealed class StripeEventTests(SimulatedPaymentsApp app, StripeLibrary library) : IClassFixture<SimulatedPaymentsApp>, IClassFixture<StripeLibrary>
{
    private const string Harmless = """{"id":"evt_1","object":"event","type":"payment_intent.succeeded","data":{"object":{"id":"pi_1","object":"payment_intent"}}}""";

    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    private string Secret => app.Services.GetRequiredService<Simulation>().KeyOf("stripe");

    private DateTimeOffset Now => app.Clock.GetUtcNow();

    [Fact]
    public async Task What_Stripes_library_signs_is_taken_once_however_often_it_comes()
    {
        var body = Harmless.Replace("evt_1", "evt_library", StringComparison.Ordinal);
        var header = await library.Sign(body, Secret, Now);
        for (var i = 0; i < 3; i++)
            Assert.True((await (await Send(body, header)).Read(HttpStatusCode.OK)).GetProperty("received").GetBoolean());
        Assert.Equal(1, await app.Count($"select count(*) from payments.webhook_events where provider = 'stripe' and event_id = 'evt_library' and type = 'payment_intent.succeeded' and subject = 'pi_1'"));
    }

    [Fact]
    public async Task What_we_sign_Stripes_library_takes()
    {
        var header = StripeSignature.Sign(Secret, Encoding.UTF8.GetBytes(Harmless), Now);
        Assert.Equal("evt_1", (await library.Ask(new { ask = "read", payload = Harmless, header, secret = Secret, now = Now.ToUnixTimeSeconds() })).GetProperty("event").GetString());
        Assert.Equal("StripeSignatureVerificationError", (await library.Ask(new { ask = "read", payload = Harmless + " ", header, secret = Secret, now = Now.ToUnixTimeSeconds() })).GetProperty("error").GetString());
    }

    [Theory]
    [InlineData(-300, true)]
    [InlineData(-301, false)]
    [InlineData(300, true)]
    [InlineData(301, false)]
    public async Task A_signature_counts_for_five_minutes_either_way(int seconds, bool isTaken)
    {
        var body = Harmless.Replace("evt_1", $"evt_at{seconds}", StringComparison.Ordinal);
        Assert.Equal(isTaken ? HttpStatusCode.OK : HttpStatusCode.Unauthorized, (await Send(body, await library.Sign(body, Secret, Now.AddSeconds(seconds)))).StatusCode);
    }

    [Fact]
    public async Task While_a_secret_is_replaced_both_are_good_and_one_good_signature_of_several_is_enough()
    {
        using var stripe = new RecordedStripe();
        var (first, second, third) = (await library.Sign(Harmless, "first", Now), await library.Sign(Harmless, "second", Now), await library.Sign(Harmless, "third", Now));
        Assert.NotNull(Read(first));
        Assert.NotNull(Read(second));
        Assert.Null(Read(third));
        Assert.NotNull(Read($"{third},{second.Split(',')[1]}"));
        Assert.NotNull(Read($"{first},v0=6ffbb59b2300aae63f272406069a9788598b792a944a07aba816edb039989a39"));
        Assert.Null(Read($"{third},{string.Join(',', Enumerable.Repeat(third.Split(',')[1], 9))},{second.Split(',')[1]}"));
        using var unset = new RecordedStripe(new() { SecretKey = RecordedStripe.Key });
        Assert.Null(unset.Provider.Read(Call(Harmless, await library.Sign(Harmless, " ", Now)), Now));

        WebhookNotice? Read(string header) => stripe.Provider.Read(Call(Harmless, header), Now);
    }

    [Fact]
    public async Task Nobody_else_gets_in_and_nothing_happens()
    {
        var ana = await app.Somebody();
        var (order, payment, answer) = await app.Begin(ana, "stripe");
        var intent = answer.GetProperty("providerReference").GetString()!;
        var body = Harmless.Replace("evt_1", "evt_hostile", StringComparison.Ordinal).Replace("pi_1", intent, StringComparison.Ordinal);
        var (good, at) = (await library.Sign(body, Secret, Now), Now.ToUnixTimeSeconds());
        var signature = good.Split(',')[1];

        (string What, string? Header, byte[] Body)[] variants =
        [
            ("no signature", null, Bytes(body)),
            ("an empty one", "", Bytes(body)),
            ("only a time", $"t={at}", Bytes(body)),
            ("only a signature", signature, Bytes(body)),
            ("an older scheme", good.Replace("v1=", "v0=", StringComparison.Ordinal), Bytes(body)),
            ("another secret", await library.Sign(body, "another", Now), Bytes(body)),
            ("no secret", await library.Sign(body, " ", Now), Bytes(body)),
            ("another event's signature", await library.Sign(Harmless, Secret, Now), Bytes(body)),
            ("another time than was signed", $"t={at + 1},{signature}", Bytes(body)),
            ("another spelling of the time", $"t=0{at},{signature}", Bytes(body)),
            ("two times", $"t={at},t={at},{signature}", Bytes(body)),
            ("half a signature", good[..^32], Bytes(body)),
            ("a signature and more", good + "00", Bytes(body)),
            ("no hex", $"t={at},v1={new string('g', 64)}", Bytes(body)),
            ("no number", $"t=now,{signature}", Bytes(body)),
            ("a time before all", $"t=-{at},{signature}", Bytes(body)),
            ("a time past all", $"t={new string('9', 40)},{signature}", Bytes(body)),
            ("an old one", await library.Sign(body, Secret, Now.AddMinutes(-6)), Bytes(body)),
            ("one of tomorrow", await library.Sign(body, Secret, Now.AddDays(1)), Bytes(body)),
            ("a byte more", good, Bytes(body + " ")),
            ("a byte less", good, Bytes(body[..^1])),
            ("another amount", good, Bytes(body.Replace("succeeded", "succeedeD", StringComparison.Ordinal))),
            ("many signatures", $"t={at},{string.Join(',', Enumerable.Repeat("v1=00", 500))},{signature}", Bytes(body)),
            .. Signed(
                ("nothing", ""),
                ("no JSON", "{"),
                ("null", "null"),
                ("an array", $"[{body}]"),
                ("two ids", body.Replace("{\"id\":\"evt_hostile\"", "{\"id\":\"evt_hostile\",\"id\":\"evt_other\"", StringComparison.Ordinal)),
                ("no id", body.Replace("\"id\":\"evt_hostile\",", "", StringComparison.Ordinal)),
                ("a number for an id", body.Replace("\"evt_hostile\"", "1e400", StringComparison.Ordinal)),
                ("an empty id", body.Replace("evt_hostile", "", StringComparison.Ordinal)),
                ("a long id", body.Replace("evt_hostile", new string('e', 256), StringComparison.Ordinal)),
                ("a NUL in the id", body.Replace("evt_hostile", "evt_\\u0000", StringComparison.Ordinal)),
                ("half a character in the id", body.Replace("evt_hostile", "evt_\\ud800", StringComparison.Ordinal)),
                ("half a character in a name", body.Replace("\"object\":\"event\"", "\"\\udc00\":1,\"\\ud800\":2", StringComparison.Ordinal)),
                ("no type", body.Replace("\"type\":\"payment_intent.succeeded\",", "", StringComparison.Ordinal)),
                ("a long type", body.Replace("payment_intent.succeeded", new string('t', 101), StringComparison.Ordinal)),
                ("a deep one", string.Concat(Enumerable.Repeat("{\"a\":", 5000)) + "1" + new string('}', 5000)),
                ("a mark of byte order", "\ufeff" + body)),
            ("no UTF-8", StripeSignature.Sign(Secret, [(byte)'{', 0xFF, (byte)'}'], Now), [(byte)'{', 0xFF, (byte)'}']),
        ];

        foreach (var (what, header, sent) in variants)
            Assert.True((await Send(sent, header)).StatusCode is HttpStatusCode.Unauthorized, what);

        await app.EventsCome();
        Assert.Equal(0, await app.Count($"select count(*) from payments.webhook_events where event_id like 'evt_hostile%' or length(event_id) > 200"));
        Assert.Equal(("pending", ("pending", "pending")), (await app.StatusOf(payment), await app.OrderOf(order)));
        // The same without the change gets in, so it was the change.
        Assert.Equal(HttpStatusCode.OK, (await Send(body, good)).StatusCode);

        IEnumerable<(string, string?, byte[])> Signed(params (string What, string Body)[] bodies) =>
            bodies.Select(one => ($"{one.What}, signed", (string?)StripeSignature.Sign(Secret, Bytes(one.Body), Now), Bytes(one.Body)));
    }

    [Fact]
    public async Task An_event_that_claims_a_success_moves_nothing_that_Stripe_does_not_confirm()
    {
        var ana = await app.Somebody();
        var (order, payment, answer) = await app.Begin(ana, "stripe");
        var body = $$$"""{"id":"evt_claims","object":"event","type":"payment_intent.succeeded","data":{"object":{"id":"{{{answer.GetProperty("providerReference").GetString()}}}","object":"payment_intent","status":"succeeded","amount_received":2500,"metadata":{"payment_id":"{{{payment}}}" } } } }""";
        await (await Send(body, await library.Sign(body, Secret, Now))).Read(HttpStatusCode.OK);
        await app.EventsCome();
        Assert.Equal(("pending", ("pending", "pending")), (await app.StatusOf(payment), await app.OrderOf(order)));
        Assert.Equal(1, await app.Count($"select count(*) from payments.webhook_events where event_id = 'evt_claims' and state = 'handled' and payment_id = {payment}"));
    }

    [Theory]
    [InlineData("payment_intent.succeeded", """{"id":"pi_1","object":"payment_intent"}""", "pi_1")]
    [InlineData("payment_intent.amount_capturable_updated", """{"id":"pi_1","object":"payment_intent"}""", "pi_1")]
    [InlineData("charge.refunded", """{"id":"ch_1","object":"charge","payment_intent":"pi_1"}""", "pi_1")]
    [InlineData("charge.updated", """{"id":"ch_1","object":"charge","payment_intent":{"id":"pi_1","object":"payment_intent"}}""", "pi_1")]
    [InlineData("charge.refund.updated", """{"id":"re_1","object":"refund","payment_intent":"pi_1"}""", "pi_1")]
    [InlineData("refund.failed", """{"id":"re_1","object":"refund","payment_intent":"pi_1"}""", "pi_1")]
    [InlineData("charge.dispute.created", """{"id":"du_1","object":"dispute","payment_intent":"pi_1"}""", "pi_1")]
    [InlineData("charge.dispute.closed", """{"id":"du_1","object":"dispute","payment_intent":"pi_1"}""", "pi_1")]
    [InlineData("charge.succeeded", """{"id":"ch_1","object":"charge","payment_intent":null}""", null)]
    [InlineData("customer.created", """{"id":"cus_1","object":"customer"}""", null)]
    [InlineData("payout.paid", """{"id":"po_1","object":"payout","payment_intent":"pi_1"}""", null)]
    [InlineData("payment_intent.succeeded", """{"id":{"a":1},"object":"payment_intent"}""", null)]
    [InlineData("payment_intent.succeeded", """{"id":"pi_\u0000","object":"payment_intent"}""", null)]
    [InlineData("payment_intent.succeeded", """{"id":"pi_\ud800","object":"payment_intent"}""", null)]
    [InlineData("payment_intent.succeeded", """[]""", null)]
    [InlineData("payment_intent.succeeded", "7", null)]
    public void An_event_names_the_payment_intent_that_it_is_about(string type, string thing, string? subject)
    {
        var notice = StripeEvent.Read(Bytes($$"""{"id":"evt_1","object":"event","type":"{{type}}","data":{"object":{{thing}} } }"""));
        Assert.Equal(new("evt_1", type, subject), notice);
    }

    [Theory]
    [InlineData("\"0197f3a0-1111-7000-8000-000000000000\"", true)]
    [InlineData("\"0197f3a011117000800000000000000\"", false)]
    [InlineData("\"\\ud800\"", false)]
    [InlineData("7", false)]
    [InlineData("null", false)]
    public void An_event_repeats_our_payments_id_where_its_thing_has_it(string id, bool isKnown) =>
        Assert.Equal(isKnown, StripeEvent.Read(Bytes($$$"""{"id":"evt_1","type":"refund.created","data":{"object":{"object":"refund","payment_intent":"pi_1","metadata":{"payment_id":{{{id}}} } } } }"""))!.PaymentId is not null);

    [Fact]
    public void A_thin_event_has_no_subject() => Assert.Equal(
        new("evt_test_1", "v1.billing.meter.error_report_triggered", null), StripeEvent.Read(Bytes("""{"id":"evt_test_1","object":"v2.core.event","type":"v1.billing.meter.error_report_triggered","related_object":{"id":"mtr_1"}}""")));

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static WebhookCall Call(string body, string header) =>
        new(Bytes(body), new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["stripe-signature"] = header }, new Dictionary<string, string>(StringComparer.Ordinal));

    private Task<HttpResponseMessage> Send(string body, string? header) => Send(Bytes(body), header);

    private Task<HttpResponseMessage> Send(byte[] body, string? header)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/webhooks/stripe") { Content = new ByteArrayContent(body) { Headers = { ContentType = new("application/json") { CharSet = "utf-8" } } } };
        if (header is not null)
            request.Headers.TryAddWithoutValidation("Stripe-Signature", header);
        return app.Guest.SendAsync(request, _ct);
    }
}
