using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using Quitanda.Payments;
using Quitanda.Payments.MercadoPago;
using Quitanda.Payments.Payments;
using Quitanda.Payments.Providers;
using Quitanda.Payments.Simulator;
using Quitanda.Platform;

namespace Quitanda.Tests.Payments.MercadoPago;

/// <summary>The real adapter on a line whose other end is the test: what is asked is kept, and answered with what was planned. A question that nobody planned fails.</summary>
internal sealed class FarMercadoPago : HttpMessageHandler, IHttpClientFactory
{
    public const string Token = "APP_USR-only-for-tests";

    public static readonly Guid PaymentId = Guid.ParseExact("019c8f3a-5d5e-7c7a-9c51-2f7a1b0c4d21", "D");

    private readonly Queue<(int Status, string Body)> _answers = new();

    /// <summary>What was asked, in its order.</summary>
    public List<Question> Asked { get; } = [];

    public TestClock Clock { get; } = new();

    public IPaymentProvider Provider(MercadoPagoSettings? settings = null, string? publicUrl = "https://api.example.com")
    {
        var mine = Options.Create(settings ?? new MercadoPagoSettings { AccessToken = Token, PublicKey = "APP_USR-public", WebhookSecrets = "first second" });
        var payments = Options.Create(new PaymentSettings { PublicUrl = publicUrl });
        var simulation = new Simulation(payments, Options.Create(new StripeSettings()), mine, Options.Create(new RazorpaySettings()),
            Secrets.From(new SecretSettings { TokenSigning = QuitandaApp.TestSecret, DataProtection = QuitandaApp.TestSecret }));
        return new MercadoPagoProvider(new MercadoPagoLine(new ProviderLine(this), mine, simulation), mine, payments, simulation, Clock);
    }

    /// <summary>Plans the next answer.</summary>
    public FarMercadoPago Says(int status, string body)
    {
        _answers.Enqueue((status, body));
        return this;
    }

    public PaymentOrder Order(PaymentMethod? method = null, PaymentInput? input = null, int? installments = null, string? returnUrl = null, TimeSpan? hold = null, string currency = "BRL") =>
        new(PaymentId, new(2590, currency), method, installments, returnUrl, Clock.GetUtcNow() + (hold ?? TimeSpan.FromMinutes(30)), input ?? new(Email: "ana@example.com")) { CreatedAt = Clock.GetUtcNow() };

    public static Charge Charge(string reference, string? charge = null) => new(PaymentId, reference, charge, new(2590, "BRL"));

    /// <summary>A payment as the API tells it, with what the code reads of it.</summary>
    public static string Payment(string status, string detail = "", long id = 1316588293, string more = "", string created = "2026-03-04T11:00:00.000-04:00") => $$"""
        { "id": {{id}}, "status": "{{status}}", "status_detail": "{{detail}}", "currency_id": "BRL", "transaction_amount": 25.9, "transaction_amount_refunded": 0,
          "external_reference": "{{PaymentId}}", "date_created": "{{created}}" {{(more.Length > 0 ? $", {more}" : "")}} }
        """;

    public static string Results(params string[] payments) => $$"""{ "paging": { "total": {{payments.Length}}, "limit": 50, "offset": 0 }, "results": [{{string.Join(',', payments)}}] }""";

    public static string Error(int status, int? code = null, string message = "bad request") => code is null
        ? $$"""{ "message": "{{message}}", "error": "bad_request", "status": {{status}}, "cause": [] }"""
        : $$"""{ "message": "{{message}}", "error": "bad_request", "status": {{status}}, "cause": [{ "code": {{code}}, "description": "{{message}}", "data": "04-03-2026T15:00:00UTC" }] }""";

    public HttpClient CreateClient(string name)
    {
        Assert.Equal("payments.mercadopago", name);
#pragma warning disable RS0030 // This is the factory.
        return new(this, disposeHandler: false);
#pragma warning restore RS0030
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Assert.Equal($"Bearer {Token}", request.Headers.Authorization!.ToString());
        Asked.Add(new(request.Method.Method, request.RequestUri!.AbsoluteUri, request.Headers.TryGetValues("X-Idempotency-Key", out var keys) ? keys.Single() : null,
            request.Content is null ? null : await request.Content.ReadAsStringAsync(cancellationToken)));
        Assert.True(_answers.Count > 0, $"Nobody planned {Asked[^1]}");
        var (status, body) = _answers.Dequeue();
        return new((HttpStatusCode)status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
    }

    /// <param name="Method">GET, POST or PUT.</param>
    /// <param name="Address">Whole.</param>
    /// <param name="Key">Its <c>X-Idempotency-Key</c>.</param>
    /// <param name="Body">As it was sent.</param>
    internal sealed record Question(string Method, string Address, string? Key, string? Body)
    {
        public string Line => $"{Method} {Address["https://api.mercadopago.com".Length..]}";

        public void Is(string line, string? key, string? body)
        {
            Assert.Equal((line, key), (Line, Key));
            Assert.Equal(body is null ? null : JsonNode.Parse(body)!.ToJsonString(), Body is null ? null : JsonNode.Parse(Body)!.ToJsonString());
        }
    }
}
