using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Payments.MercadoPago;
using Quitanda.Payments.Providers;
using Quitanda.Payments.Simulator;

namespace Quitanda.Tests.Payments.MercadoPago;

public sealed class MercadoPagoWebhookTests(SimulatedPaymentsApp app) : IClassFixture<SimulatedPaymentsApp>
{
    private const string Secret = "only-for-tests-of-signatures";

    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    /// <summary>The example of "Webhooks" in Mercado Pago's documentation.</summary>
    private const string Example = """{"id":12345,"live_mode":true,"type":"payment","date_created":"2015-03-25T10:04:58.396-04:00","user_id":44444,"api_version":"v1","action":"payment.created","data":{"id":"999999999"}}""";

    [Fact]
    public void A_notice_is_about_what_its_address_says_and_named_by_that_and_its_body() =>
        Assert.Equal(new WebhookNotice("payment:999999999:12345", "payment.created", "999999999"), Read(Example, "999999999"));

    [Fact]
    public void Another_body_under_a_signature_that_was_caught_cannot_take_the_name_of_a_notice_of_another_payment()
    {
        // What will come about 888 is 888's; whoever replays 999's signature with that body speaks of 999.
        var coming = Read(Example.Replace("999999999", "888", StringComparison.Ordinal), "888")!;
        var forged = Read(Example.Replace("999999999", "888", StringComparison.Ordinal), "999999999")!;
        Assert.NotEqual(coming.EventId, forged.EventId, StringComparer.Ordinal);
        Assert.Equal("999999999", forged.Subject);
        // Nor that of one that would be handled otherwise.
        Assert.NotEqual(Read(Example, "999999999")!.EventId, Read(Example.Replace("\"payment\"", "\"nothing\"", StringComparison.Ordinal), "999999999")!.EventId, StringComparer.Ordinal);
    }

    [Theory]
    [InlineData("""{"id":"1","type":"topic_chargebacks_wh","actions":["changed_case_status"],"data":{"id":233000061680860000}}""", "233000061680860000", "topic_chargebacks_wh:233000061680860000:1", "topic_chargebacks_wh", "chargeback:233000061680860000")]
    [InlineData("""{"id":1,"type":"merchant_order","action":"order.created"}""", "5", "merchant_order:5:1", "order.created", null)]
    [InlineData("""{"type":"payment"}""", "5", "payment:5:at-1742505638683", "payment", "5")]
    [InlineData("""{"id":1,"type":"payment"}""", "ORDTST01", "payment:ORDTST01:1", "payment", null)]
    [InlineData("""{"id":1,"type":"payment"}""", null, "payment:-:1", "payment", null)]
    [InlineData("""{"id":{"a":1},"type":["payment"],"action":"\ud800","data":7}""", "5", "unknown:5:at-1742505638683", "unknown", null)]
    [InlineData("""{"id":1e999999,"type":"payment"}""", "5", "payment:5:at-1742505638683", "payment", "5")]
    [InlineData("""{"id":"1\u0000","type":"nothing","type":"payment"}""", "5", "payment:5:at-1742505638683", "payment", "5")]
    [InlineData("""{"id":1,"type":"payment","\ud800":1}""", "5", "unknown:5:at-1742505638683", "unknown", null)]
    public void What_is_signed_is_read_and_what_is_odd_in_it_is_not(string body, string? about, string id, string type, string? subject) =>
        Assert.Equal(new WebhookNotice(id, type, subject), Read(body, about));

    [Fact]
    public void Every_name_that_is_read_can_be_kept()
    {
        var random = new Random(42);
        for (var round = 0; round < 5000; round++)
        {
            var noise = new byte[random.Next(1, 120)];
            random.NextBytes(noise);
            var body = Encoding.UTF8.GetBytes(Example);
            for (var at = 0; at < random.Next(1, 6); at++)
                body[random.Next(body.Length)] = (byte)random.Next(256);
            foreach (var bytes in new[] { noise, body })
                if (Read(bytes, "999999999") is { } notice)
                {
                    Assert.InRange(notice.EventId.Length, 1, 255);
                    Assert.InRange(notice.Type.Length, 1, 100);
                    Assert.DoesNotContain(notice.EventId + notice.Type + notice.Subject, char.IsControl);
                }
        }
    }

    [Fact]
    public async Task Nothing_that_is_not_Mercado_Pagos_is_taken_in()
    {
        var ana = await app.Somebody();
        var (_, payment, begun) = await app.Begin(ana, "mercadopago", method: null);
        await app.EventsCome();
        var before = await app.Count($"select count(*) from payments.webhook_events");
        var good = Signature("999999999", "request-1", "1742505638683", app.Services.GetRequiredService<Simulation>().KeyOf("mercadopago"));
        var deep = new string('[', 5000);

        (string Query, string? Header, string? Request, byte[] Body)[] hostile =
        [
            ("?data.id=999999999", null, "request-1", Bytes(Example)),
            ("?data.id=999999999", "", "request-1", Bytes(Example)),
            ("?data.id=999999999", good, null, Bytes(Example)),
            ("?data.id=999999999", good, "request-2", Bytes(Example)),
            ("?data.id=999999998", good, "request-1", Bytes(Example)),
            ("", good, "request-1", Bytes(Example)),
            ("?data.id=999999999&data.id=999999998", good, "request-1", Bytes(Example)),
            ("?id=999999999", good, "request-1", Bytes(Example)),
            ("?data.id=999999999%3Brequest-id:request-1", Signature("999999999", "request-1", "1742505638683", app.Services.GetRequiredService<Simulation>().KeyOf("mercadopago")), null, Bytes(Example)),
            ("?data.id=999999999", good.Replace("1742505638683", "1742505638684", StringComparison.Ordinal), "request-1", Bytes(Example)),
            ("?data.id=999999999", good + "," + good, "request-1", Bytes(Example)),
            ("?data.id=999999999", good.Replace("v1=", "v0=", StringComparison.Ordinal), "request-1", Bytes(Example)),
            ("?data.id=999999999", good[..^2] + "zz", "request-1", Bytes(Example)),
            ("?data.id=999999999", Signature("999999999", "request-1", "1742505638683", "another-secret"), "request-1", Bytes(Example)),
            ("?data.id=999999999", Signature("999999999", "request-1", "1742505638683", ""), "request-1", Bytes(Example)),
            ("?data.id=999999999", good, "request-1", []),
            ("?data.id=999999999", good, "request-1", Bytes("null")),
            ("?data.id=999999999", good, "request-1", Bytes("[" + Example + "]")),
            ("?data.id=999999999", good, "request-1", Bytes(Example[..^1])),
            ("?data.id=999999999", good, "request-1", Bytes(deep)),
            ("?data.id=999999999", good, "request-1", [0xff, 0xfe, 0x00]),
            ("?data.id=999999999", good, "request-1", Bytes("id=1&type=payment")),
            ("?data.id=" + new string('9', 3000), "ts=1,v1=" + new string('0', 64), "request-1", Bytes(Example)),
            ("?data.id=%00%F0%9F%98%80", "ts=99999999999999999999999,v1=" + new string('f', 64), "request-1", Bytes(Example)),
        ];
        foreach (var (query, header, request, body) in hostile)
        {
            using var call = new HttpRequestMessage(HttpMethod.Post, "/api/v1/webhooks/mercadopago" + query) { Content = new ByteArrayContent(body) { Headers = { ContentType = new("application/json") } } };
            if (header is not null)
                call.Headers.TryAddWithoutValidation("x-signature", header);
            if (request is not null)
                call.Headers.TryAddWithoutValidation("x-request-id", request);
            using var answer = await app.Guest.SendAsync(call, _ct);
            // A NUL in an address is refused before anybody reads it.
            Assert.True(answer.StatusCode == (query.Contains("%00", StringComparison.Ordinal) ? HttpStatusCode.BadRequest : HttpStatusCode.Unauthorized), $"{query} {header}: {answer.StatusCode}");
        }

        await app.EventsCome();
        Assert.Equal(before, await app.Count($"select count(*) from payments.webhook_events"));
        Assert.Equal("pending", await app.StatusOf(payment));
        Assert.Equal(begun.GetProperty("updatedAt").GetRawText(), (await ana.Look(payment)).GetProperty("updatedAt").GetRawText());
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static string Signature(string? about, string? request, string time, string secret) => $"ts={time},v1={SignatureCheck.Sign(secret, MercadoPagoWebhook.Signed(about, request, time))}";

    private static WebhookNotice? Read(string body, string? about) => Read(Bytes(body), about);

    private static WebhookNotice? Read(byte[] body, string? about)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["X-Signature"] = Signature(about, "request-1", "1742505638683", Secret), ["x-request-id"] = "request-1" };
        return MercadoPagoWebhook.Read(new(body, headers, about is null ? [] : new Dictionary<string, string>(StringComparer.Ordinal) { ["data.id"] = about }), [Secret]);
    }
}
