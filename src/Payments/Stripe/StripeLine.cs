using System.Globalization;
using Microsoft.Extensions.Options;
using Quitanda.Payments.Providers;
using Quitanda.Payments.Simulator;

namespace Quitanda.Payments.Stripe;

/// <summary>Stripe's HTTP API: forms go out, JSON comes back, in one version of it (https://docs.stripe.com/api).</summary>
internal sealed class StripeLine(ProviderLine line, IOptions<StripeSettings> settings, Simulation simulation)
{
    /// <summary>The version of the API that is read here, whatever the account's own is. A newer one is a change of this code.</summary>
    public const string Version = "2026-10-28.endive";

    /// <summary>Whether it stands in this process.</summary>
    public bool IsSimulated => simulation.IsOn(StripeSetup.ProviderName);

    /// <summary>What its events are signed with.</summary>
    public string[] WebhookSecrets => IsSimulated ? [simulation.KeyOf(StripeSetup.ProviderName)] : SignatureCheck.Secrets(settings.Value.WebhookSecrets);

    /// <summary>Asks for something.</summary>
    /// <param name="path">Below <c>/v1/</c>; what comes from outside is escaped in it.</param>
    /// <param name="ct">Ends the waiting.</param>
    /// <exception cref="ProviderUnavailableException">Nobody knows.</exception>
    public Task<ProviderAnswer> Get(string path, CancellationToken ct) => Ask(HttpMethod.Get, path, form: null, key: null, ct);

    /// <summary>Has something done, once for each key: Stripe keeps its answers for a day at the least.</summary>
    /// <param name="path">Below <c>/v1/</c>.</param>
    /// <param name="form">Names in Stripe's brackets, and values.</param>
    /// <param name="key">At most 255 characters.</param>
    /// <param name="ct">Ends the waiting.</param>
    /// <exception cref="ProviderUnavailableException">Nobody knows.</exception>
    public Task<ProviderAnswer> Post(string path, IReadOnlyList<(string Name, string Value)> form, string key, CancellationToken ct) => Ask(HttpMethod.Post, path, form, key, ct);

    /// <summary>A number as Stripe reads it.</summary>
    public static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private async Task<ProviderAnswer> Ask(HttpMethod method, string path, IReadOnlyList<(string Name, string Value)>? form, string? key, CancellationToken ct)
    {
        var secret = IsSimulated ? "simulated" : settings.Value.SecretKey;
        var answer = await line.Ask(StripeSetup.ProviderName, new(method, new Uri($"{settings.Value.BaseUrl.TrimEnd('/')}/v1/{path}"))
        {
            MayRepeat = true,
            Content = form is null ? null : () => new FormUrlEncodedContent(form.Select(field => KeyValuePair.Create(field.Name, field.Value))),
            Headers = headers =>
            {
                headers.Authorization = new("Bearer", secret);
                headers.Add("Stripe-Version", Version);
                if (key is not null)
                    headers.Add("Idempotency-Key", key);
            },
        }, settings.Value.TimeoutSeconds, ct);

        return answer.Status switch
        {
            401 or 403 => throw new ProviderUnavailableException($"stripe answered {answer.Status}: Stripe:SecretKey is not a key that may do this."),
            // Another process asks the same at this moment, or holds the object.
            409 => throw new ProviderUnavailableException("stripe is at the same thing already."),
            >= 200 and < 300 when answer.Body.ValueKind is not System.Text.Json.JsonValueKind.Object => throw new ProviderUnavailableException($"stripe answered {answer.Status} without an object."),
            // What is no refusal in Stripe's own form is not Stripe's word.
            not (>= 200 and < 300) when answer.Body.Object("error") is null => throw new ProviderUnavailableException($"stripe answered {answer.Status} without an error."),
            _ => answer,
        };
    }
}
