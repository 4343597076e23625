using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Quitanda.Payments;
using Quitanda.Payments.Providers;
using Quitanda.Payments.Simulator;
using Quitanda.Payments.Stripe;
using Quitanda.Platform;

namespace Quitanda.Tests.Payments.Stripe;

/// <summary>The adapter with answers that are given beforehand, and every request as it would leave the house.</summary>
internal sealed class RecordedStripe : IDisposable
{
    public const string Key = "only-for-tests-a-key";

    private readonly Recorder _recorder = new();
    private readonly ServiceProvider _services;

    public RecordedStripe(StripeSettings? settings = null)
    {
        var services = new ServiceCollection();
        services.AddHttpClient(ProviderLine.ClientOf("stripe")).ConfigurePrimaryHttpMessageHandler(() => _recorder);
        _services = services.BuildServiceProvider();
        var stripe = Options.Create(settings ?? new StripeSettings { SecretKey = Key, PublishableKey = "a-public-key", WebhookSecrets = "first second" });
        var secrets = Secrets.From(new() { TokenSigning = QuitandaApp.TestSecret, DataProtection = QuitandaApp.TestSecret });
        var simulation = new Simulation(Options.Create(new PaymentSettings()), stripe, Options.Create(new MercadoPagoSettings()), Options.Create(new RazorpaySettings()), secrets);
        Provider = new(new(new(_services.GetRequiredService<IHttpClientFactory>()), stripe, simulation), stripe);
    }

    public StripeProvider Provider { get; }

    /// <summary>What was asked, the first first.</summary>
    public IReadOnlyList<Asked> Asked => [.. _recorder.Asked];

    /// <summary>Answers the next question that has no answer yet.</summary>
    public RecordedStripe Answers(string json, int status = 200)
    {
        _recorder.Answers.Enqueue((status, json));
        return this;
    }

    public RecordedStripe Answers(object body, int status = 200) => Answers(JsonSerializer.Serialize(body), status);

    public void Dispose()
    {
        _services.Dispose();
        _recorder.Dispose();
    }

    private sealed class Recorder : HttpMessageHandler
    {
        public ConcurrentQueue<Asked> Asked { get; } = new();

        public ConcurrentQueue<(int Status, string Json)> Answers { get; } = new();

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
            Asked.Enqueue(new(request.Method.Method, request.RequestUri!.OriginalString, request.Headers.ToDictionary(header => header.Key, header => string.Join(", ", header.Value), StringComparer.OrdinalIgnoreCase),
                request.Content?.Headers.ContentType?.MediaType, body));
            Assert.True(Answers.TryDequeue(out var answer), $"Nobody planned {request.Method} {request.RequestUri}.");
            return new((HttpStatusCode)answer.Status) { Content = new StringContent(answer.Json, Encoding.UTF8, "application/json") };
        }
    }
}

/// <summary>A request as it would leave the house.</summary>
internal sealed record Asked(string Method, string Address, IReadOnlyDictionary<string, string> Headers, string? ContentType, string Body)
{
    /// <summary>The fields of its form, as <c>name=value</c>, in the order of their names.</summary>
    public string[] Form => [.. Body.Split('&').Select(part => Uri.UnescapeDataString(part.Replace('+', ' '))).Order(StringComparer.Ordinal)];
}
