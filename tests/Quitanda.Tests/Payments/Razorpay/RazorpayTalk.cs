using System.Net;
using System.Text;
using Microsoft.Extensions.Options;
using Quitanda.Payments;
using Quitanda.Payments.Providers;
using Quitanda.Payments.Razorpay;
using Quitanda.Payments.Simulator;
using Quitanda.Platform;

namespace Quitanda.Tests.Payments.Razorpay;

/// <summary>Our side of a talk with Razorpay, and what the test has Razorpay answer: every question must have been planned, and is kept.</summary>
internal sealed class RazorpayTalk : HttpMessageHandler, IHttpClientFactory
{
    public const string WebhookSecret = "what-the-dashboard-was-told";

    public static readonly Guid Payment = Guid.Parse("018f0000-0000-7000-8000-000000000001");

    private readonly List<(string Question, int Status, string Body)> _planned = [];

    public RazorpayTalk()
    {
        var settings = Options.Create(new RazorpaySettings { KeyId = "the-key-id", KeySecret = "the-key-secret", WebhookSecrets = $"the-one-before {WebhookSecret}", BaseUrl = "https://razorpay.example" });
        var simulation = new Simulation(Options.Create(new PaymentSettings()), Options.Create(new StripeSettings()), Options.Create(new MercadoPagoSettings()), settings, secrets: null!);
        Us = new(new RazorpayApi(new ProviderLine(this), settings, simulation), settings, simulation);
    }

    public RazorpayProvider Us { get; }

    /// <summary>What was asked, such as <c>GET /v1/orders/order_1/payments</c>.</summary>
    public List<string> Asked { get; } = [];

    public List<string> Bodies { get; } = [];

    public List<string?> RefundKeys { get; } = [];

    public static Charge ChargeOf(string? payment = null, long amount = 5000) => new(Payment, "order_RB58MiP5SPFYyM", payment, new Money(amount, "INR"));

    public static PaymentOrder OrderOf(long amount = 5000, int? installments = null, PaymentInput? input = null) =>
        new(Payment, new Money(amount, "INR"), Method: null, installments, ReturnUrl: null, ExpiresAt: null, input ?? PaymentInput.None);

    /// <summary>Has a question answered. The last of several plans stands for every further asking.</summary>
    public RazorpayTalk Plan(string question, string body, int status = 200)
    {
        _planned.Add((question, status, body));
        return this;
    }

    /// <summary>Has a question about a list answered.</summary>
    public RazorpayTalk Items(string question, params string[] items) => Plan(question, $$"""{"entity":"collection","count":{{items.Length}},"items":[{{string.Join(',', items)}}]}""");

#pragma warning disable RS0030 // It opens no socket.
    public HttpClient CreateClient(string name) => name == ProviderLine.ClientOf("razorpay") ? new(this, disposeHandler: false) : throw new InvalidOperationException($"Not the client of Razorpay: {name}.");
#pragma warning restore RS0030

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var question = $"{request.Method} {request.RequestUri!.PathAndQuery}";
        Asked.Add(question);
        Assert.Equal("razorpay.example", request.RequestUri.Host);
        Assert.Equal("the-key-id:the-key-secret", Encoding.UTF8.GetString(Convert.FromBase64String(request.Headers.Authorization!.Parameter!)));
        if (request.Content is not null)
        {
            Assert.Equal("application/json", request.Content.Headers.ContentType!.MediaType);
            Bodies.Add(await request.Content.ReadAsStringAsync(cancellationToken));
            RefundKeys.Add(request.Headers.TryGetValues(RazorpayApi.RefundKeyHeader, out var keys) ? keys.Single() : null);
        }

        var at = _planned.FindIndex(plan => question.StartsWith(plan.Question, StringComparison.Ordinal) && (question.Length == plan.Question.Length || question[plan.Question.Length] is '?' or '&'));
        Assert.True(at >= 0, $"Nobody planned {question}.");
        var (planned, status, body) = _planned[at];
        if (_planned.FindIndex(at + 1, plan => plan.Question == planned) >= 0)
            _planned.RemoveAt(at);
        return new((HttpStatusCode)status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
    }
}
