using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using Quitanda.Payments.Providers;
using Quitanda.Payments.Simulator;

namespace Quitanda.Payments.MercadoPago;

/// <summary>Asks Mercado Pago's API. Its paths carry their version; the API has no other.</summary>
internal sealed class MercadoPagoLine(ProviderLine line, IOptions<MercadoPagoSettings> settings, Simulation simulation)
{
    /// <summary>What stands for an access token where there is no Mercado Pago.</summary>
    public const string SimulatedToken = "simulated";

    private const string Name = MercadoPagoSetup.ProviderName;

    /// <summary>"Already posted the same request in the last minute": then the first one arrived.</summary>
    private const int PostedBefore = 2001;

    /// <summary>Reads.</summary>
    /// <param name="path">With its query, beginning with <c>/</c>.</param>
    /// <param name="ct">Ends the waiting.</param>
    public Task<ProviderAnswer> Get(string path, CancellationToken ct) => Ask(HttpMethod.Get, path, body: null, key: null, ct);

    /// <summary>Sets a state, which is the same however often it is set.</summary>
    public Task<ProviderAnswer> Put(string path, JsonObject body, string? key, CancellationToken ct) => Ask(HttpMethod.Put, path, body, key, ct);

    /// <summary>Makes something, once for each key.</summary>
    public Task<ProviderAnswer> Post(string path, JsonObject body, string key, CancellationToken ct) => Ask(HttpMethod.Post, path, body, key, ct);

    /// <summary>The number of what was wrong with a question; null where none is named.</summary>
    public static int? CodeOf(JsonElement refusal)
    {
        var cause = refusal.Member("cause");
        return (cause.ValueKind is JsonValueKind.Array ? cause.Elements().FirstOrDefault() : cause).Member("code").Number() is { } code and >= 0 and <= 1_000_000 ? (int)code : null;
    }

    /// <exception cref="ProviderUnavailableException">The access token is not taken, or nobody knows what came of it.</exception>
    private async Task<ProviderAnswer> Ask(HttpMethod method, string path, JsonObject? body, string? key, CancellationToken ct)
    {
        var token = simulation.IsOn(Name) ? SimulatedToken : settings.Value.AccessToken;
        var answer = await line.Ask(Name, new(method, new Uri(settings.Value.BaseUrl.TrimEnd('/') + path))
        {
            Content = body is null ? null : () => new ByteArrayContent(Encoding.UTF8.GetBytes(body.ToJsonString())) { Headers = { ContentType = new("application/json") } },
            Headers = headers =>
            {
                headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
                if (key is not null)
                    headers.Add("X-Idempotency-Key", key);
            },
            MayRepeat = true,
        }, settings.Value.TimeoutSeconds, ct);
        if (answer.Status is 401 or 403)
            throw new ProviderUnavailableException($"{Name} does not take MercadoPago:AccessToken: it answered {answer.Status}.");
        if (answer.Status is 409 or 423 or 424 or 425 || (!answer.IsSuccess && IsAboutTheKey(answer.Body)))
            throw new ProviderUnavailableException($"{Name} answered {answer.Status} about the key of a question: it may have been asked before.");
        return answer;
    }

    /// <summary>Whether a refusal says that the question came before, and so nothing of what came of it.</summary>
    private static bool IsAboutTheKey(JsonElement refusal) =>
        CodeOf(refusal) is PostedBefore
        || Says(refusal.Member("message")) || Says(refusal.Member("cause").Elements().FirstOrDefault().Member("description"));

    private static bool Says(JsonElement text) => text.Text() is { } said && said.Contains("idempot", StringComparison.OrdinalIgnoreCase);
}
