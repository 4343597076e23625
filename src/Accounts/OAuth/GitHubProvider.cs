using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Quitanda.Accounts.OAuth;

/// <summary>
/// GitHub, or a GitHub Enterprise Server. It is no OpenID provider: who came is asked of its API (https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps
/// and https://docs.github.com/en/rest/users/emails), with a token that is used for these two questions and kept nowhere.
/// </summary>
internal sealed class GitHubProvider(ProviderSettings settings, Outside outside) : ISignInProvider
{
    private readonly string _issuer = settings.Issuer.Length > 0 ? settings.Issuer.TrimEnd('/') : "https://github.com";
    private readonly string _api = settings.ApiUrl.Length > 0 ? settings.ApiUrl.TrimEnd('/') : "https://api.github.com";
    private readonly string _scopes = settings.Scopes.Length > 0 ? settings.Scopes : "read:user user:email";

    public Task<Uri> FindDoor(CancellationToken ct) => Task.FromResult(new Uri($"{_issuer}/login/oauth/authorize"));

    public Uri Leave(Uri door, Outbound outbound) => Query.Add(door,
        ("client_id", settings.ClientId), ("redirect_uri", outbound.RedirectUri), ("scope", _scopes), ("state", outbound.State),
        ("code_challenge", Flow.ChallengeOf(outbound.Verifier)), ("code_challenge_method", "S256"));

    public async Task<Vouched> Redeem(Inbound inbound, CancellationToken ct)
    {
        // What it refuses it answers with 200 as well, and an error in place of the token.
        var answer = await outside.Post(new($"{_issuer}/login/oauth/access_token"), new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["client_id"] = settings.ClientId,
            ["client_secret"] = settings.ClientSecret,
            ["code"] = inbound.Code,
            ["redirect_uri"] = inbound.Sent.RedirectUri,
            ["code_verifier"] = inbound.Sent.Verifier,
        }, "token endpoint", ct);
        if (answer.Text("access_token") is not { } access)
            throw ProviderFailedException.Of("It gave no access token.");

        var user = await outside.Get(new($"{_api}/user"), "user", ct, Signed);
        if (user.Number("id") is not { } id)
            throw ProviderFailedException.Of("Its user has no id.");
        var emails = await outside.GetList(new($"{_api}/user/emails?per_page=100"), "list of addresses", ct, Signed);
        // The name can be changed and taken by somebody else; the number lasts.
        var primary = emails.EnumerateArray().FirstOrDefault(email => email.ValueKind == JsonValueKind.Object && email.IsTrue("primary"));
        var address = primary.ValueKind == JsonValueKind.Object ? primary.Text("email", 254) : null;
        return new(_issuer, id.ToString(CultureInfo.InvariantCulture), address, address is not null && primary.IsTrue("verified"), user.Text("name") ?? user.Text("login"));

        void Signed(HttpRequestHeaders headers)
        {
            headers.Authorization = new("Bearer", access);
            headers.Accept.Clear();
            headers.Accept.Add(new("application/vnd.github+json"));
            headers.Add("X-GitHub-Api-Version", "2022-11-28");
        }
    }
}
