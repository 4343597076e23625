using System.Buffers.Text;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Quitanda.Platform;

namespace Quitanda.Accounts.OAuth;

/// <summary>
/// Leads a browser to a provider to sign in there: a page links to it, and does not fetch it. Within 10 minutes the same browser comes back to
/// <c>/auth/oauth/{provider}/callback</c>. Where the provider cannot be reached, it is led back to the front end with `error` at once.
/// </summary>
[Writes]
[Refuses("not_found", 404)]
internal static partial class BeginProviderSignIn
{
    internal sealed record Query : IPrepared
    {
        /// <summary>One of <c>/auth/oauth</c>.</summary>
        [StringLength(30)]
        public string Provider { get; init; } = "";

        /// <summary>The page of the front end to go on at, its path or its whole address: told to the page <c>/oauth</c> below the front end's address, which alone gets the code.</summary>
        [StringLength(1000, MinimumLength = 1)]
        public string? ReturnTo { get; init; }

        /// <summary>The SHA-256, in base64url, of 43 random characters that the front end keeps and sends with the code (S256 of RFC 7636). Then the code is worth nothing to anybody else.</summary>
        [RegularExpression(Flow.Pattern)]
        public string? CodeChallenge { get; init; }

        /// <summary>Where the provider lets people in; null where it could not be asked.</summary>
        internal Uri? Door { get; private set; }

        /// <summary>Asks the provider, where it is not remembered, with no transaction open.</summary>
        async Task IPrepared.Prepare(IServiceProvider services, CancellationToken ct)
        {
            var provider = services.GetRequiredService<Providers>().Of(Provider);
            services.GetRequiredService<FrontEnd>().RequireOwn(ReturnTo);
            try
            {
                Door = await provider.FindDoor(ct);
            }
            catch (ProviderFailedException error)
            {
                NotReached(services.GetRequiredService<ILogger<Providers>>(), Provider, error.Message);
            }
        }
    }

    public static Redirection Handle([AsParameters] Query query, Browser browser, Db db, Providers providers, FrontEnd frontEnd, TimeProvider clock)
    {
        if (query.Door is not { } door)
            return frontEnd.To(query.ReturnTo, query.Provider, "error", ProviderFailedException.Unavailable);

        // Who clicks twice, or in two windows, comes back from either.
        var (state, secret, callback) = (OpaqueToken.New(), browser.Secret ?? OpaqueToken.New(), browser.CallbackOf(query.Provider));
        if (callback.Length > BegunSignIn.RedirectUriAtMost)
            throw new InvalidException("host", "is too long.");
        var challenge = query.CodeChallenge is { } given ? Base64Url.DecodeFromChars(given) : null;
        db.Write($"""
            insert into accounts.oauth_states (hash, browser_hash, provider, redirect_uri, return_to, challenge, expires_at)
            values ({OpaqueToken.HashOf(state)}, {OpaqueToken.HashOf(secret)}, {query.Provider}, {callback}, {query.ReturnTo}, {challenge}, {clock.GetUtcNow() + BegunSignIn.Lifetime})
            """);
        var to = providers.Of(query.Provider).Leave(door, new(callback, state, Flow.VerifierOf(secret, state), Flow.NonceOf(secret, state)));
        return new(to.AbsoluteUri) { Also = response => browser.Keep(response, secret) };
    }

    [LoggerMessage(130, LogLevel.Warning, "Nobody can sign in by {Provider}: {Reason}")]
    private static partial void NotReached(ILogger log, string provider, string reason);
}
