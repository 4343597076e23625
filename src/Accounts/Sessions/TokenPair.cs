using Microsoft.Extensions.Options;
using Quitanda.Accounts.Users;
using Quitanda.Platform;

namespace Quitanda.Accounts.Sessions;

/// <summary>A new pair of tokens.</summary>
/// <param name="AccessToken">For <c>Authorization: Bearer</c>.</param>
/// <param name="RefreshToken">Good for one new pair.</param>
/// <param name="ExpiresIn">Seconds that the access token is good for.</param>
/// <param name="TokenType">Always <c>Bearer</c>.</param>
internal sealed record TokenPair(string AccessToken, string RefreshToken, int ExpiresIn, string TokenType);

/// <summary>Somebody who has just signed in.</summary>
internal sealed record SignedIn(Account User, string AccessToken, string RefreshToken, int ExpiresIn, string TokenType);

/// <summary>Begins sessions and makes their tokens.</summary>
internal sealed class Sessions(AccessTokens accessTokens, IEnumerable<IJoinsGuests> joins, IOptions<AccountSettings> settings, TimeProvider clock)
{
    /// <summary>How long a refresh token, and so a session that is not used, lives.</summary>
    public TimeSpan Lifetime { get; } = TimeSpan.FromDays(settings.Value.RefreshTokenDays);

    /// <summary>Begins a session with its first pair. What somebody left as a guest of this device becomes theirs.</summary>
    public SignedIn Begin(Db db, Account user, long version, Device device)
    {
        var now = clock.GetUtcNow();
        var id = Guid.CreateVersion7();
        var refreshToken = OpaqueToken.New();
        db.Write($"""
            insert into accounts.sessions (id, user_id, device, ip, created_at, last_seen_at, expires_at)
            values ({id}, {user.Id}, {device.Name}, {device.Ip}, {now}, {now}, {now + Lifetime})
            """);
        db.Write($"insert into accounts.refresh_tokens (hash, session_id, created_at, expires_at) values ({OpaqueToken.HashOf(refreshToken)}, {id}, {now}, {now + Lifetime})");
        db.Write(LastSeen.Note(user.Id, now));
        if (device.GuestId is { } guest)
            foreach (var module in joins)
                module.Join(db, guest, user.Id);
        return new(user, accessTokens.Issue(user.Id, id, version), refreshToken, accessTokens.LifetimeSeconds, BearerHandler.Scheme);
    }

    /// <summary>The pair of a session that goes on.</summary>
    public TokenPair Continue(Guid userId, Guid sessionId, long version, string refreshToken) =>
        new(accessTokens.Issue(userId, sessionId, version), refreshToken, accessTokens.LifetimeSeconds, BearerHandler.Scheme);
}
