using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Payments.MercadoPago;
using Quitanda.Payments.Providers;
using Quitanda.Payments.Simulator;

namespace Quitanda.Tests.Payments.MercadoPago;

/// <summary>Mercado Pago's own npm library (mercadopago 3.6.1) beside ours: what it takes for genuine we do, and it can read the simulated Mercado Pago.</summary>
public sealed class MercadoPagoLibraryTests(SimulatedPaymentsApp app, MercadoPagoLibrary library) : IClassFixture<SimulatedPaymentsApp>, IClassFixture<MercadoPagoLibrary>
{
    private const string Secret = "only-for-tests-of-signatures";

    private static readonly byte[] Body = Encoding.UTF8.GetBytes("""{ "id": 12345, "live_mode": true, "type": "payment", "date_created": "2015-03-25T10:04:58.396-04:00", "user_id": 44444, "api_version": "v1", "action": "payment.created", "data": { "id": "999999999" } }""");

    [Fact]
    public async Task A_signature_is_good_for_us_when_it_is_good_for_their_validator()
    {
        var good = Signature("999999999", "f7b2a1d4", "1742505638683");
        (string? Header, string? Request, string? About)[] notices =
        [
            (good, "f7b2a1d4", "999999999"),
            (Signature("999999999", "f7b2a1d4", "1704908010"), "f7b2a1d4", "999999999"),
            (Signature("999999999", null, "1704908010"), null, "999999999"),
            (Signature(null, "f7b2a1d4", "1704908010"), "f7b2a1d4", null),
            (Signature(null, null, "1704908010"), null, null),
            (good.Replace("ts=1742505638683,", "", StringComparison.Ordinal) + ",ts=1742505638683", "f7b2a1d4", "999999999"),
            (good.Replace(",", ", ", StringComparison.Ordinal), "f7b2a1d4", "999999999"),
            (good + ",v2=00", "f7b2a1d4", "999999999"),
            (Signature("ORD01JQ4S4KY8HWQ6NA5PXB65B3D3", "f7b2a1d4", "1742505638683"), "f7b2a1d4", "ORD01JQ4S4KY8HWQ6NA5PXB65B3D3"),
            // And those that are not.
            (good, "f7b2a1d5", "999999999"),
            (good, null, "999999999"),
            (good, "f7b2a1d4", "999999998"),
            (good, "f7b2a1d4", null),
            (good.Replace("1742505638683", "1742505638684", StringComparison.Ordinal), "f7b2a1d4", "999999999"),
            (good.Replace("v1=", "v2=", StringComparison.Ordinal), "f7b2a1d4", "999999999"),
            (good.Replace("ts=", "t=", StringComparison.Ordinal), "f7b2a1d4", "999999999"),
            (good[..^1], "f7b2a1d4", "999999999"),
            ("", "f7b2a1d4", "999999999"),
            (null, "f7b2a1d4", "999999999"),
            ("ts=,v1=", "f7b2a1d4", "999999999"),
            ("ts=abc,v1=" + new string('0', 64), "f7b2a1d4", "999999999"),
        ];
        var said = await library.Ask(new { ask = "validate", notices = notices.Select(notice => new { xSignature = notice.Header, xRequestId = notice.Request, dataId = notice.About, secret = Secret }) });
        var theirs = said.GetProperty("good").EnumerateArray().Select(verdict => verdict.GetBoolean()).ToList();

        Assert.Equal(theirs, notices.Select(notice => MercadoPagoWebhook.Read(Call(notice.Header, notice.Request, notice.About), ["another", Secret]) is not null));
        Assert.Equal([.. Enumerable.Repeat(true, 9), .. Enumerable.Repeat(false, 12)], theirs);
    }

    [Fact]
    public async Task What_the_simulated_Mercado_Pago_signs_is_good_for_their_validator()
    {
        var simulation = app.Services.GetRequiredService<Simulation>();
        var simulated = app.Services.GetServices<ISimulatedProvider>().Single(provider => provider.Name == "mercadopago");
        var headers = simulated.Sign(new("1", "payment.updated", "999999999", Body, new Dictionary<string, string>(StringComparer.Ordinal) { ["data.id"] = "999999999", ["type"] = "payment" }), app.Clock.GetUtcNow());
        object[] notices =
        [
            new { xSignature = headers["x-signature"], xRequestId = headers["x-request-id"], dataId = "999999999", secret = simulation.KeyOf("mercadopago") },
            new { xSignature = headers["x-signature"], xRequestId = headers["x-request-id"], dataId = "999999999", secret = "another" },
        ];
        Assert.Equal("[true,false]", (await library.Ask(new { ask = "validate", notices })).GetProperty("good").GetRawText());
    }

    [Fact]
    public async Task Their_library_pays_looks_and_gives_back_at_the_simulated_Mercado_Pago()
    {
        await using var front = await SimulatedFront.Open(app.Services.GetRequiredService<Simulator>(), "mercadopago");
        var ours = Guid.CreateVersion7().ToString();

        var page = await Call("Preference", "create", new { body = new { items = new[] { new { id = "1", title = "Coxinha", quantity = 2, unit_price = 12.5, currency_id = "BRL" } }, external_reference = Guid.CreateVersion7().ToString() } }, 201);
        Assert.StartsWith("https://www.mercadopago.com.br/checkout/v1/redirect?pref_id=", page.GetProperty("init_point").GetString(), StringComparison.Ordinal);
        var preference = page.GetProperty("id").GetString();
        await Call("Preference", "update", new { id = preference, updatePreferenceRequest = new { expires = true, expiration_date_to = "2026-03-04T15:00:00.000+00:00" } }, 200);
        Assert.True((await Call("Preference", "get", new { preferenceId = preference }, 200)).GetProperty("expires").GetBoolean());

        var pix = await Call("Payment", "create", new { body = new { transaction_amount = 25.9, payment_method_id = "pix", payer = new { email = "ana@example.com" }, external_reference = ours } }, 201);
        Assert.Equal(("pending", "pending_waiting_transfer"), (pix.GetProperty("status").GetString(), pix.GetProperty("status_detail").GetString()));
        Assert.StartsWith("000201", pix.GetProperty("point_of_interaction").GetProperty("transaction_data").GetProperty("qr_code").GetString(), StringComparison.Ordinal);
        Assert.Equal("cancelled", (await Call("Payment", "cancel", new { id = pix.GetProperty("id").GetInt64() }, 200)).GetProperty("status").GetString());

        var card = await Call("Payment", "create", new { body = new { transaction_amount = 25.9, payment_method_id = "master", token = "APRO", installments = 1, payer = new { email = "ana@example.com" }, external_reference = ours } }, 201);
        var id = card.GetProperty("id").GetInt64();
        Assert.Equal("approved", (await Call("Payment", "get", new { id }, 200)).GetProperty("status").GetString());
        var refund = await Call("PaymentRefund", "create", new { payment_id = id, body = new { amount = 5.9 } }, 201);
        Assert.Equal(("approved", 5.9m), (refund.GetProperty("status").GetString(), refund.GetProperty("amount").GetDecimal()));
        Assert.Equal("approved", (await Call("PaymentRefund", "get", new { payment_id = id, refund_id = refund.GetProperty("id").GetInt64() }, 200)).GetProperty("status").GetString());
        await Call("PaymentRefund", "total", new { payment_id = id }, 201);
        var found = await Call("Payment", "search", new { options = new { external_reference = ours, sort = "date_created", criteria = "desc" } }, 200);
        Assert.Equal(["cancelled", "refunded"], found.GetProperty("results").EnumerateArray().Select(payment => payment.GetProperty("status").GetString()!).Order(StringComparer.Ordinal), StringComparer.Ordinal);

        await Call("Payment", "create", new { body = new { transaction_amount = 1, payment_method_id = "master", token = "invalid", payer = new { email = "ana@example.com" } } }, 400);
        await Call("Payment", "get", new { id = 1 }, 404);
        await Call("PaymentRefund", "create", new { payment_id = id, body = new { amount = 0.01 } }, 400);

        async Task<JsonElement> Call(string client, string method, object request, int status)
        {
            var said = await library.Ask(new { ask = "call", url = front.Url, client, method, request });
            Assert.True(said.GetProperty("status").GetInt32() == status, $"{client}.{method}: {said}");
            return said.TryGetProperty("answer", out var answer) ? answer : default;
        }
    }

    private static string Signature(string? about, string? request, string time) => $"ts={time},v1={SignatureCheck.Sign(Secret, MercadoPagoWebhook.Signed(about, request, time))}";

    private static WebhookCall Call(string? header, string? request, string? about)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        if (header is not null)
            headers["x-signature"] = header;
        if (request is not null)
            headers["x-request-id"] = request;
        return new(Body, headers, about is null ? [] : new Dictionary<string, string>(StringComparer.Ordinal) { ["data.id"] = about });
    }
}
