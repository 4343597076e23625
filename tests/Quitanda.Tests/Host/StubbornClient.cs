using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Quitanda.Tests.Host;

/// <summary>What a careful client does of a host that may die at any moment: it asks with the same key until there is an answer.</summary>
internal sealed class StubbornClient(HttpClient client)
{
    /// <summary>The only refusals that mean "again".</summary>
    private static readonly string[] Again = ["idempotency_in_progress", "payment_processing"];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>Asks until it is answered with <paramref name="wanted"/>, or with a refusal whose code is one of <paramref name="settled"/>.</summary>
    public async Task<JsonElement> Ask(HttpMethod method, string token, string path, string? key, object? body, HttpStatusCode wanted, string[]? again = null, string[]? settled = null)
    {
        while (true)
        {
            using var request = new HttpRequestMessage(method, path);
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            if (key is not null)
                request.Headers.Add("Idempotency-Key", key);
            if (body is not null)
                request.Content = JsonContent.Create(body);
            try
            {
                using var response = await client.SendAsync(request, Ct);
                var text = await response.Content.ReadAsStringAsync(Ct);
                if (response.StatusCode == wanted)
                    return text.Length == 0 ? default : JsonDocument.Parse(text).RootElement;
                if (Has(text, settled))
                    return JsonDocument.Parse(text).RootElement;
                // Or the database is coming back.
                Assert.True(response.StatusCode == HttpStatusCode.ServiceUnavailable || Has(text, Again) || Has(text, again), $"{path} answered {response.StatusCode}: {text}");
            }
            catch (Exception error) when (error is HttpRequestException or IOException or TaskCanceledException && !Ct.IsCancellationRequested)
            {
                // The host died with the request in flight; whether it was done is what the key is for.
            }

            // The other process needs a moment to come up.
            await Task.Delay(50, Ct);
        }
    }

    /// <summary>The access token of somebody of the demo.</summary>
    public async Task<string> SignIn(JsonElement person)
    {
        using var response = await client.PostAsJsonAsync("/api/v1/auth/login", person, Ct);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync<JsonElement>(Ct)).GetProperty("accessToken").GetString()!;
    }

    private static bool Has(string text, string[]? codes) => codes is not null && codes.Any(code => text.Contains($"\"{code}\"", StringComparison.Ordinal));
}
