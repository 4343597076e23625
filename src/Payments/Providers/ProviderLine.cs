using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Payments.Simulator;

namespace Quitanda.Payments.Providers;

/// <summary>One question to a provider.</summary>
/// <param name="Method">GET, POST, PUT or DELETE.</param>
/// <param name="Address">Absolute.</param>
internal sealed record ProviderQuestion(HttpMethod Method, Uri Address)
{
    /// <summary>Makes the body; called for every attempt.</summary>
    public Func<HttpContent>? Content { get; init; }

    /// <summary>Adds headers, those that carry keys among them.</summary>
    public Action<HttpRequestHeaders>? Headers { get; init; }

    /// <summary>Whether asking twice does no more than asking once: it only reads, or carries a key that the provider honours.</summary>
    public required bool MayRepeat { get; init; }
}

/// <summary>What a provider said: any status below 500 but 429.</summary>
internal readonly record struct ProviderAnswer(int Status, JsonElement Body)
{
    public bool IsSuccess => Status is >= 200 and < 300;
}

/// <summary>Asks providers over HTTP: in bounded time, for bounded answers, following no redirect, again only where that does no harm. No word of what is said is logged.</summary>
internal sealed class ProviderLine(IHttpClientFactory clients)
{
    /// <summary>Bytes of an answer that are read at the most: a page of a hundred charges has some 500,000.</summary>
    private const int AnswerBytesAtMost = 4 * 1024 * 1024;

    private const int DepthAtMost = 32;

    /// <summary>How often a question that may be repeated is asked.</summary>
    private const int Attempts = 3;

    /// <summary>The HTTP client of a provider, by its name.</summary>
    public static string ClientOf(string provider) => $"payments.{provider}";

    /// <summary>Adds a provider's HTTP client.</summary>
    public static IHttpClientBuilder Add(IServiceCollection services, string provider) =>
        // The factory's own log lines would tell each address with what stands in it.
        services.AddHttpClient(ClientOf(provider), client =>
        {
            client.MaxResponseContentBufferSize = AnswerBytesAtMost;
            client.DefaultRequestHeaders.UserAgent.Add(new("Quitanda", null));
        })
            .ConfigurePrimaryHttpMessageHandler(given => given.GetRequiredService<Simulation>().IsOn(provider) ? new SimulatorHandler(given, provider) : new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                UseCookies = false,
                ConnectTimeout = TimeSpan.FromSeconds(5),
                PooledConnectionLifetime = TimeSpan.FromMinutes(5),
                AutomaticDecompression = DecompressionMethods.All,
            })
            .RemoveAllLoggers();

    /// <summary>Asks, waiting at the most <paramref name="timeoutSeconds"/> for each answer.</summary>
    /// <exception cref="ProviderUnavailableException">No answer, 5xx, 429, or no JSON: nobody knows what came of it.</exception>
    public async Task<ProviderAnswer> Ask(string provider, ProviderQuestion question, int timeoutSeconds, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await Once(provider, question, timeoutSeconds, ct);
            }
            catch (ProviderUnavailableException) when (question.MayRepeat && attempt < Attempts && !ct.IsCancellationRequested)
            {
#pragma warning disable CA5394 // Not a secret.
                await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(50, 150 << attempt)), TimeProvider.System, ct);
#pragma warning restore CA5394
            }
        }
    }

    private async Task<ProviderAnswer> Once(string provider, ProviderQuestion question, int timeoutSeconds, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(TimeSpan.FromSeconds(timeoutSeconds));
        using var request = new HttpRequestMessage(question.Method, question.Address) { Content = question.Content?.Invoke() };
        request.Headers.Accept.Add(new("application/json"));
        question.Headers?.Invoke(request.Headers);
        try
        {
            using var client = clients.CreateClient(ClientOf(provider));
            using var response = await client.SendAsync(request, limit.Token);
            var status = (int)response.StatusCode;
            if (status is >= 500 or 429 or 408)
                throw new ProviderUnavailableException($"{provider} answered {status}.");
            var bytes = await response.Content.ReadAsByteArrayAsync(limit.Token);
            return new(status, bytes.Length == 0 ? default : Parse(provider, status, bytes));
        }
        catch (HttpRequestException error)
        {
            throw new ProviderUnavailableException($"{provider} cannot be reached: {error.HttpRequestError}.", error);
        }
        catch (IOException error)
        {
            throw new ProviderUnavailableException($"{provider} broke off its answer.", error);
        }
        catch (OperationCanceledException error) when (limit.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            throw new ProviderUnavailableException($"{provider} did not answer within {timeoutSeconds} s.", error);
        }
    }

    private static JsonElement Parse(string provider, int status, byte[] bytes)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = DepthAtMost });
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            // What somebody between us and them says in HTML is not their word.
            throw new ProviderUnavailableException($"{provider} answered {status} with something that is no JSON.");
        }
    }
}
