using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Accounts.Sessions;

/// <summary>Ends the session that a refresh token belongs to, and with it its access tokens, within 30 seconds at the most. A token that is no good has nothing to end, which is answered the same.</summary>
internal static class SignOut
{
    internal sealed record Request([StringLength(200, MinimumLength = 1)] string RefreshToken);

    public static async Task<NoContent> Handle(Request request, Db db, TimeProvider clock, CancellationToken ct)
    {
        var userId = await db.ReadFirst(
            $"""
            update accounts.sessions s set revoked_at = {clock.GetUtcNow()}
            from accounts.refresh_tokens t
            where t.hash = {OpaqueToken.HashOf(request.RefreshToken)} and s.id = t.session_id and s.revoked_at is null
            returning s.user_id
            """, reader => (Guid?)reader.GetGuid(0), ct);
        if (userId is { } id)
            db.Evict(KnownUsers.Tag(id));
        return TypedResults.NoContent();
    }
}
