using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Quitanda.Payments.Providers;
using Quitanda.Payments.Simulator;

namespace Quitanda.Tests.Payments.Razorpay;

/// <summary>What Razorpay tells, and what only says that it is Razorpay's. The events are those of its pages, shortened: razorpay.com/docs/webhooks/payments, /orders, /refunds, /disputes.</summary>
public sealed class RazorpayWebhookTests(SimulatedPaymentsApp app) : IClassFixture<SimulatedPaymentsApp>
{
    private const string Captured = """
        {"entity":"event","account_id":"acc_BFQ7uQEaa7j2z7","event":"payment.captured","contains":["payment"],"payload":{"payment":{"entity":{"id":"pay_DESlfW9H8K9uqM","entity":"payment","amount":100,
        "currency":"INR","status":"captured","order_id":"order_DESlLckIVRkHWj","method":"netbanking","amount_refunded":0,"captured":true,"notes":[],"fee":2,"tax":0,"created_at":1567674599}}},"created_at":1567674606}
        """;

    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    private string Secret => app.Services.Get<Simulation>().KeyOf("razorpay");

    [Theory]
    [InlineData("payment.captured", """{"payment":{"entity":{"id":"pay_DESlfW9H8K9uqM","order_id":"order_DESlLckIVRkHWj","notes":[]}}}""", "order_DESlLckIVRkHWj")]
    [InlineData("order.paid", """{"payment":{"entity":{"id":"pay_DESlfW9H8K9uqM","order_id":"order_DESlLckIVRkHWj"}},"order":{"entity":{"id":"order_DESlLckIVRkHWj","notes":[]}}}""", "order_DESlLckIVRkHWj")]
    [InlineData("refund.processed", """{"refund":{"entity":{"id":"rfnd_FS8TWyPrCsa0OB","payment_id":"pay_FPoJKWQQ8lK13n"}},"payment":{"entity":{"id":"pay_FPoJKWQQ8lK13n","order_id":"order_FPoIeimWki9j8A"}}}""", "order_FPoIeimWki9j8A")]
    [InlineData("refund.failed", """{"refund":{"entity":{"id":"rfnd_FS8TWyPrCsa0OB","payment_id":"pay_FPoJKWQQ8lK13n"}}}""", "pay_FPoJKWQQ8lK13n")]
    [InlineData("payment.dispute.created", """{"payment":{"entity":{"id":"pay_EFtmUsbwpXwBHI","order_id":"order_EFtkA6f5jdkfud"}},"dispute":{"entity":{"id":"disp_EsIAlDcoUr8CaQ","payment_id":"pay_EFtmUsbwpXwBHI"}}}""", "order_EFtkA6f5jdkfud")]
    [InlineData("payment.dispute.lost", """{"dispute":{"entity":{"id":"disp_EsIAlDcoUr8CaQ","payment_id":"pay_EFtmUsbwpXwBHI"}}}""", "pay_EFtmUsbwpXwBHI")]
    [InlineData("payment.captured", """{"payment":{"entity":{"id":"pay_WithoutOrder01","order_id":null}}}""", "pay_WithoutOrder01")]
    [InlineData("settlement.processed", """{"settlement":{"entity":{"id":"setl_1"}}}""", null)]
    public void An_event_is_about_its_order(string type, string payload, string? subject)
    {
        var notice = Read(EventOf(type, payload));
        Assert.Equal((type, subject, null), (notice!.Type, notice.Subject, notice.PaymentId));
    }

    [Fact]
    public void Our_payments_id_is_taken_from_the_order_and_never_from_what_its_payers_page_wrote()
    {
        var (ours, theirs) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        var captured = $$$"""{"payment":{"entity":{"id":"pay_1","order_id":"order_1","notes":{"payment_id":"{{{theirs}}}"} } } }""";
        Assert.Null(Read(EventOf("payment.captured", captured))!.PaymentId);
        var paid = $$$"""{{{captured[..^1]}}},"order":{"entity":{"id":"order_1","notes":{"payment_id":"{{{ours}}}"} } } }""";
        Assert.Equal(ours, Read(EventOf("order.paid", paid))!.PaymentId);
    }

    [Fact]
    public void An_event_is_known_again_by_its_body_whatever_the_unsigned_header_says()
    {
        var body = Encoding.UTF8.GetBytes(Captured);
        var first = Read(body, ("x-razorpay-event-id", "Gb5kMCdcAZ8jJ8"));
        Assert.Equal(first, Read(body, ("x-razorpay-event-id", "another")));
        Assert.Equal(first, Read(body));
        Assert.NotEqual(first!.EventId, Read(Encoding.UTF8.GetBytes(Captured.Replace("1567674606", "1567674607")))!.EventId, StringComparer.Ordinal);
    }

    [Fact]
    public void Each_of_several_secrets_is_good_and_none_is_none()
    {
        var talk = new RazorpayTalk();
        var body = Encoding.UTF8.GetBytes(Captured);
        foreach (var secret in (string[])[RazorpayTalk.WebhookSecret, "the-one-before"])
            Assert.NotNull(talk.Us.Read(Call(body, SignatureCheck.Sign(secret, body)), DateTimeOffset.UnixEpoch));
        foreach (var secret in (string[])["", "the-key-secret", "another", $"the-one-before {RazorpayTalk.WebhookSecret}"])
            Assert.Null(talk.Us.Read(Call(body, SignatureCheck.Sign(secret, body)), DateTimeOffset.UnixEpoch));
    }

    [Fact]
    public async Task Twenty_calls_that_are_not_Razorpays_do_nothing()
    {
        var ana = await app.Somebody();
        var (order, payment, answer) = await app.Begin(ana, "razorpay");
        var reference = answer.GetProperty("providerReference").GetString()!;
        var body = Encoding.UTF8.GetBytes(Captured.Replace("order_DESlLckIVRkHWj", reference));
        var good = SignatureCheck.Sign(Secret, body);
        static string Hashed(byte[] text) => Convert.ToHexStringLower(SHA256.HashData(text));

        (byte[] Body, string? Signature)[] calls =
        [
            (body, null),
            (body, ""),
            (body, " "),
            (body, "undefined"),
            (body, new('0', 64)),
            (body, good[..63]),
            (body, good + "0"),
            (body, "0x" + good),
            (body, "sha256=" + good),
            (body, $"{good},{good}"),
            (body, good[..63] + "g"),
            (body, (good[0] == 'f' ? '0' : 'f') + good[1..]),
            (body, Convert.ToBase64String(Convert.FromHexString(good))),
            (body, Hashed(body)),
            (body, Hashed([.. Encoding.UTF8.GetBytes(Secret), .. body])),
            (body, SignatureCheck.Sign("", body)),
            (body, SignatureCheck.Sign("simulated", body)),
            (body, SignatureCheck.Sign(app.Services.Get<Simulation>().KeyOf("stripe"), body)),
            ([.. body, (byte)'\n'], good),
            (Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(body).Replace("\"amount\":100", "\"amount\":101")), good),
            (body[..^1], good),
            ([], good),
            // What Checkout hands the payer's page is signed, too: with another key, and the payer has it.
            (Encoding.UTF8.GetBytes($"{reference}|pay_DESlfW9H8K9uqM"), SignatureCheck.Sign("simulated", Encoding.UTF8.GetBytes($"{reference}|pay_DESlfW9H8K9uqM"))),
        ];
        Assert.True(calls.Length >= 20);
        foreach (var (said, signature) in calls)
            Assert.Equal(HttpStatusCode.Unauthorized, (await Post(said, signature)).StatusCode);

        await app.EventsCome();
        Assert.Equal("pending", await app.StatusOf(payment));
        Assert.Equal("pending", (await app.OrderOf(order)).PaymentStatus);
        Assert.Equal(0, await app.Count($"select count(*) from payments.webhook_events where provider = 'razorpay' and subject = {reference}"));
    }

    [Fact]
    public async Task What_is_signed_and_makes_no_sense_is_kept_and_moves_nothing()
    {
        var ana = await app.Somebody();
        var (_, payment, answer) = await app.Begin(ana, "razorpay");
        var reference = answer.GetProperty("providerReference").GetString()!;
        byte[][] bodies =
        [
            [],
            "no JSON"u8.ToArray(),
            "null"u8.ToArray(),
            "[]"u8.ToArray(),
            "\"text\""u8.ToArray(),
            "{}"u8.ToArray(),
            """{"event":5,"payload":"text"}"""u8.ToArray(),
            """{"event":"\ud800","payload":{"payment":{"entity":{"order_id":"\ud800"}}}}"""u8.ToArray(),
            """{"event":"a\u0000b","payload":{"payment":{"entity":{"order_id":"order_\u0000"}}}}"""u8.ToArray(),
            """{"\ud800":1,"event":"payment.captured","payload":{"\udc00":2,"payment":{"entity":{"order_id":["order_1"]}}}}"""u8.ToArray(),
            """{"event":"payment.captured","payload":{"payment":{"entity":{"order_id":"../../orders","amount":1e999999}}}}"""u8.ToArray(),
            """{"event":"payment.captured","event":"payment.failed","payload":{"payment":{"entity":{"order_id":"order_1","order_id":12345678901234567890}}}}"""u8.ToArray(),
            EventOf(new('e', 5000), """{"order":{"entity":{"id":"LONG"}}}""".Replace("LONG", new('o', 5000))),
            Encoding.UTF8.GetBytes($"{new string('[', 5000)}{new string(']', 5000)}"),
            [.. """{"event":"payment.captured","payload":{"payment":{"entity":{"order_id":"order_"""u8, 0xC3, 0x28, .. "\"}}}}"u8],
            // The most that can be told: that it was paid. Razorpay says otherwise when it is asked.
            Encoding.UTF8.GetBytes(Captured.Replace("order_DESlLckIVRkHWj", reference).Replace("\"amount\":100", "\"amount\":2500")),
        ];
        foreach (var body in bodies)
            Assert.Equal(HttpStatusCode.OK, (await Post(body, SignatureCheck.Sign(Secret, body))).StatusCode);

        await app.EventsCome();
        Assert.Equal("pending", await app.StatusOf(payment));
        Assert.Equal(bodies.Length - 1, await app.Count($"select count(*) from payments.webhook_events where provider = 'razorpay' and state = 'ignored'"));
        Assert.Equal(1, await app.Count($"select count(*) from payments.webhook_events where provider = 'razorpay' and subject = {reference} and state = 'handled'"));
    }

    private static byte[] EventOf(string type, string payload) => Encoding.UTF8.GetBytes($$"""{"entity":"event","event":"{{type}}","payload":{{payload}},"created_at":1567674606}""");

    private static WebhookCall Call(byte[] body, string signature, params (string Name, string Value)[] headers) => new(
        body, headers.Append(("X-Razorpay-Signature", signature)).ToDictionary(header => header.Item1, header => header.Item2, StringComparer.OrdinalIgnoreCase), new Dictionary<string, string>(StringComparer.Ordinal));

    private static WebhookNotice? Read(byte[] body, params (string Name, string Value)[] headers) =>
        new RazorpayTalk().Us.Read(Call(body, SignatureCheck.Sign(RazorpayTalk.WebhookSecret, body), headers), DateTimeOffset.UnixEpoch);

    private async Task<HttpResponseMessage> Post(byte[] body, string? signature)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/webhooks/razorpay") { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Add("x-razorpay-event-id", Guid.CreateVersion7().ToString("N"));
        if (signature is not null)
            request.Headers.TryAddWithoutValidation("X-Razorpay-Signature", signature);
        return await app.Guest.SendAsync(request, _ct);
    }
}
