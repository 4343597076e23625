using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Quitanda.Accounts.Keys;
using Quitanda.Platform;

namespace Quitanda.Accounts.Sessions;

/// <summary>
/// Knows the caller by <c>Authorization: Bearer</c>, by an API key, on routes that browsers open without headers by a ticket, or where guests may come by a guest's token. It says who it is;
/// what they may do, and whether they still may anything, is looked up.
/// </summary>
/// <remarks>
/// A token that is no good is 401 on every route, those for anyone too: answering its sender as a guest would show them an empty cart, or a shop
/// without their prices, where they should be told to sign in again. Where the database is away the look-up throws, which is 503: not knowing is not a no.
/// </remarks>
internal sealed class BearerHandler(AccessTokens tokens, StreamTickets tickets, KnownUsers users, KeyDoor door, Guests guests, Limits limits) : IAuthenticationRequestHandler
{
    public const string Scheme = "Bearer";

    private HttpContext _http = null!;
    private AuthenticateResult? _result;

    public Task InitializeAsync(AuthenticationScheme scheme, HttpContext context)
    {
        _http = context;
        return Task.CompletedTask;
    }

    /// <summary>Runs before anything else of the request; true where the answer is already given.</summary>
    public async Task<bool> HandleRequestAsync()
    {
        var metadata = _http.GetEndpoint()?.Metadata;
        var authorization = _http.Request.Headers.Authorization;
        var ticket = metadata?.GetMetadata<TakesTicket>() is null ? null : TicketOf(authorization);
        if (metadata?.GetMetadata<KeyScope>() is { } scope && metadata.GetMetadata<IgnoresAccessToken>() is null && _http.Request.Headers.TryGetValue(KeyScope.Header, out var key))
            return await Admitted(await door.Admit(_http, key, scope));
        if ((authorization.Count == 0 && ticket is null) || metadata?.GetMetadata<IgnoresAccessToken>() is not null)
        {
            _result = AuthenticateResult.NoResult();
            // A guest's token that is no good is nobody's: there is no sign-in to send its sender to.
            if (metadata?.GetMetadata<TakesGuests>() is not null && guests.Find(_http) is { } guest)
                Welcome(Guests.CallerOf(guest));
            return false;
        }

        switch (ticket is null ? await Read(authorization) : await Spend(ticket))
        {
            case TokenState.Expired:
                _http.Response.Headers.WWWAuthenticate = "Bearer error=\"invalid_token\", error_description=\"The access token has expired\"";
                await Refuse(Problem.Of(StatusCodes.Status401Unauthorized, "token_expired", "The access token has expired."));
                return true;
            case TokenState.Invalid:
                _http.Response.Headers.WWWAuthenticate = "Bearer error=\"invalid_token\"";
                await Refuse(Problem.Of(StatusCodes.Status401Unauthorized, detail: ticket is null ? "The access token is not good, or not any more." : "The ticket is not good, or not any more."));
                return true;
            default:
                return false;
        }
    }

    public Task<AuthenticateResult> AuthenticateAsync() => Task.FromResult(_result ?? AuthenticateResult.NoResult());

    public Task ChallengeAsync(AuthenticationProperties? properties) => Problem.Of(StatusCodes.Status401Unauthorized).ExecuteAsync(_http);

    public Task ForbidAsync(AuthenticationProperties? properties) => Problem.Of(StatusCodes.Status403Forbidden).ExecuteAsync(_http);

    /// <summary>Whoever tries tokens is counted by address: a request that is refused here has no user.</summary>
    private Task Refuse(Problem problem) => (limits.Count(_http) ?? problem).ExecuteAsync(_http);

    private async ValueTask<TokenState> Read(StringValues header)
    {
        // Another scheme is another handler's; two headers are nobody's.
        if (header is not [{ } value])
            return TokenState.Invalid;
        if (!value.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
        {
            _result = AuthenticateResult.NoResult();
            return TokenState.Valid;
        }

        var state = tokens.Read(value.AsSpan("Bearer ".Length).Trim(' '), out var token);
        if (state != TokenState.Valid)
            return state;
        return await Know(token.UserId, token.SessionId, token.Version, token.ExpiresAt);
    }

    /// <summary>
    /// What stands in the query, or in the header, where SignalR's clients put what they were given. An access token in a query is no ticket, and
    /// refused: it would be good for minutes to whoever reads a proxy's log.
    /// </summary>
    private string? TicketOf(StringValues header)
    {
        if (header is [{ } value])
            return value.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) && StreamTickets.IsOne(value.AsSpan("Bearer ".Length).Trim(' ')) ? value["Bearer ".Length..].Trim(' ') : null;
        var query = _http.Request.Query;
        return header.Count > 0 ? null : query.TryGetValue(TakesTicket.Parameter, out var ticket) || query.TryGetValue(TakesTicket.RealtimeParameter, out ticket) ? ticket.ToString() : null;
    }

    private async ValueTask<TokenState> Spend(string ticket) => await tickets.Spend(ticket, _http.RequestAborted) is { } holder
        ? await Know(holder.UserId, holder.SessionId, holder.Version, holder.GoodUntil)
        : TokenState.Invalid;

    private async ValueTask<TokenState> Know(Guid userId, Guid sessionId, long? version, DateTimeOffset? goodUntil)
    {
        if (await users.Find(userId, _http.RequestAborted) is not { } user || !user.MayCall(sessionId, version))
            return TokenState.Invalid;

        Welcome(new Caller(userId, user.Roles, sessionId) { Version = version, GoodUntil = goodUntil });
        return TokenState.Valid;
    }

    /// <summary>Goes by what the door for keys said; true where that is the answer.</summary>
    private async Task<bool> Admitted(KeyAnswer answer)
    {
        _result = AuthenticateResult.NoResult();
        // Whoever is refused for a scope has a good key, and is counted as its owner.
        if (answer.Caller is { } caller)
            _http.User = Welcome(caller);
        if (answer.Refusal is null)
            return false;
        await Refuse(answer.Refusal);
        return true;
    }

    private ClaimsPrincipal Welcome(Caller caller)
    {
        var principal = new ClaimsPrincipal(new CallerIdentity(caller));
        _result = AuthenticateResult.Success(new AuthenticationTicket(principal, Scheme));
        return principal;
    }
}
