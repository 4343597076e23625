using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Quitanda.Platform;

namespace Quitanda.Accounts.OAuth;

/// <summary>
/// Where a provider leads a browser back to. Always answers with the way to the front end: with a one-time `code` for <c>/auth/oauth/exchange</c>, good for 60 seconds, or with an `error`
/// (`access_denied`, `invalid_state`, `provider_unavailable`, `provider_error`, `email_not_verified`, `account_inactive`), behind the `#` of its address. Only the browser that began can end it, once.
/// </summary>
[Writes]
[Refuses("not_found", 404)]
internal static partial class FinishProviderSignIn
{
    private const string InvalidState = "invalid_state";
    private const string AccessDenied = "access_denied";

    /// <summary>What a provider may say (RFC 6749, 4.1.2.1; OpenID Connect Core, 3.1.2.6). Anything else in a query is somebody's own text, and gets into no log.</summary>
    private static readonly string[] Known =
    [
        "invalid_request", "unauthorized_client", "unsupported_response_type", "invalid_scope", "server_error", "temporarily_unavailable",
        "interaction_required", "login_required", "account_selection_required", "consent_required", "invalid_request_uri", "invalid_request_object", "request_not_supported",
        "request_uri_not_supported", "registration_not_supported",
    ];

    internal sealed record Query
    {
        /// <summary>The one that was gone to.</summary>
        [StringLength(30)]
        public string Provider { get; init; } = "";

        /// <summary>What the browser was sent there with.</summary>
        [StringLength(200)]
        public string? State { get; init; }

        /// <summary>What the provider gave.</summary>
        [StringLength(4096)]
        public string? Code { get; init; }

        /// <summary>Why it gave nothing.</summary>
        [StringLength(200)]
        public string? Error { get; init; }

        /// <summary>Who it is (RFC 9207).</summary>
        [StringLength(1000)]
        public string? Iss { get; init; }
    }

    /// <summary>What came of asking the provider.</summary>
    internal sealed record Outcome(Vouched? Who, string? Error, string? Reason);

    public static async Task<CallOut<Redirection>> Handle(
        [AsParameters] Query query, Browser browser, Db db, Providers providers, FrontEnd frontEnd, ILogger<Providers> log, TimeProvider clock, CancellationToken ct)
    {
        var provider = providers.Of(query.Provider);
        if (await Spend(query, browser, db, clock.GetUtcNow(), ct) is not { } begun)
            return Answer(Back(null, "error", InvalidState));
        if (query.Error is not null || query.Code is not { Length: > 0 })
        {
            var word = query.Error switch
            {
                AccessDenied => AccessDenied,
                "temporarily_unavailable" or "server_error" => ProviderFailedException.Unavailable,
                _ => ProviderFailedException.Wrong,
            };
            // Whoever says no there is nobody's trouble; anything else is the operator's.
            if (word != AccessDenied)
            {
                var reason = Known.Contains(query.Error, StringComparer.Ordinal) ? $"It answered {query.Error}." : "It sent back neither a code nor a known error.";
                Failed(log, query.Provider, reason);
                db.Audit(Arrivals.Refused(query.Provider, word, null) with { Facts = Arrivals.Facts(query.Provider, word, reason) });
            }

            return Answer(Back(begun.ReturnTo, "error", word));
        }

        var inbound = new Inbound(query.Code, query.Iss, new(begun.RedirectUri, query.State!, Flow.VerifierOf(browser.Secret!, query.State!), Flow.NonceOf(browser.Secret!, query.State!)));
        return CallOut<Redirection>.To(
            Back(begun.ReturnTo, "error", ProviderFailedException.Unavailable),
            calling => Ask(provider, inbound, query.Provider, log, calling),
            async (scope, outcome, writing) =>
            {
                var (name, value) = await Write(outcome, begun, query.Provider, browser.IsAt(frontEnd.Home!), scope, writing);
                return Back(begun.ReturnTo, name, value);
            });

        Redirection Back(string? returnTo, string name, string value) => frontEnd.To(returnTo, query.Provider, name, value);
    }

    /// <summary>One statement decides: of many who come back with one state, the first of the same browser from the same provider has it, and it is gone before the provider is asked.</summary>
    private static async Task<BegunSignIn?> Spend(Query query, Browser browser, Db db, DateTimeOffset now, CancellationToken ct)
    {
        if (!Flow.IsOne(query.State) || browser.Secret is null)
            return null;
        var (hash, browserHash) = (OpaqueToken.HashOf(query.State!), OpaqueToken.HashOf(browser.Secret));
        return await db.ReadFirst(
            $"""
            delete from accounts.oauth_states where hash = {hash} and browser_hash = {browserHash} and provider = {query.Provider} and expires_at > {now}
            returning redirect_uri, return_to, challenge, expires_at
            """,
            row => new BegunSignIn
            {
                Hash = hash,
                BrowserHash = browserHash,
                Provider = query.Provider,
                RedirectUri = row.GetString(0),
                ReturnTo = row.IsDBNull(1) ? null : row.GetString(1),
                Challenge = row.IsDBNull(2) ? null : row.GetFieldValue<byte[]>(2),
                ExpiresAt = row.GetFieldValue<DateTimeOffset>(3),
            }, ct);
    }

    private static async Task<Outcome> Ask(ISignInProvider provider, Inbound inbound, string id, ILogger log, CancellationToken ct)
    {
        try
        {
            return new(await provider.Redeem(inbound, ct), null, null);
        }
        catch (ProviderFailedException error)
        {
            Failed(log, id, error.Message);
            return new(null, error.Word, error.Message);
        }
    }

    private static async Task<(string Name, string Value)> Write(Outcome outcome, BegunSignIn begun, string provider, bool isAtHome, IServiceProvider scope, CancellationToken ct)
    {
        var db = scope.GetRequiredService<Db>();
        if (outcome.Who is not { } who)
        {
            db.Audit(Arrivals.Refused(provider, outcome.Error!, null) with { Facts = Arrivals.Facts(provider, outcome.Error!, outcome.Reason) });
            return ("error", outcome.Error!);
        }

        var (userId, error) = await scope.GetRequiredService<Arrivals>().Find(db, scope.GetRequiredService<IMail>(), provider, who, ct);
        if (error is not null)
            return ("error", error);

        var code = OpaqueToken.New();
        var now = scope.GetRequiredService<TimeProvider>().GetUtcNow();
        db.Write($"""
            insert into accounts.oauth_codes (hash, user_id, browser_hash, challenge, created_at, expires_at)
            values ({OpaqueToken.HashOf(code)}, {userId}, {(isAtHome ? begun.BrowserHash : null)}, {begun.Challenge}, {now}, {now + OneTimeCode.Lifetime})
            """);
        return ("code", code);
    }

    /// <summary>An answer that nobody need be asked for.</summary>
    private static CallOut<Redirection> Answer(Redirection answer) => CallOut<Redirection>.To(answer, _ => Task.FromResult(true), (_, _, _) => Task.FromResult(answer));

    [LoggerMessage(131, LogLevel.Warning, "A sign-in by {Provider} failed: {Reason}")]
    private static partial void Failed(ILogger log, string provider, string reason);
}
