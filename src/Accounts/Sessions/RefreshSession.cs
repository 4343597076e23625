using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Accounts.Sessions;

/// <summary>
/// Gives a new pair of tokens for a refresh token, which is then spent. A spent one that comes again ends its whole session, since two
/// parties hold it: keep the new pair before using it, and do not refresh twice at once.
/// </summary>
[AnswersSecret]
[Refuses("unauthenticated", 401)]
internal static class RefreshSession
{
    internal sealed record Request([StringLength(200, MinimumLength = 1)] string RefreshToken);

    public static async Task<Results<Ok<TokenPair>, Problem>> Handle(Request request, Device device, Db db, Sessions sessions, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var spent = OpaqueToken.HashOf(request.RefreshToken);
        var next = OpaqueToken.New();

        // One statement decides: of many with one token, the first to get the row spends it and all others find it spent.
        var pair = await db.ReadFirst(
            $"""
            with spent as (
                update accounts.refresh_tokens t set spent_at = {now}
                from accounts.sessions s
                where t.hash = {spent} and t.spent_at is null and t.expires_at > {now} and s.id = t.session_id and s.revoked_at is null
                returning t.session_id
            ), alive as (
                update accounts.sessions s set last_seen_at = greatest(s.last_seen_at, {now}), expires_at = {now + sessions.Lifetime}, device = {device.Name}, ip = {device.Ip}
                from spent, accounts.users u
                where s.id = spent.session_id and s.revoked_at is null and u.id = s.user_id and u.is_active
                returning s.id, u.id as user_id, u.version
            ), seen as (
                {LastSeen.Note($"select user_id, {now.UtcDay()} from alive")}
            ), next as (
                insert into accounts.refresh_tokens (hash, session_id, created_at, expires_at)
                select {OpaqueToken.HashOf(next)}, id, {now}, {now + sessions.Lifetime} from alive
            )
            select user_id, id, version from alive
            """,
            reader => sessions.Continue(reader.GetGuid(0), reader.GetGuid(1), reader.GetInt64(2), next), ct);
        if (pair is not null)
            return TypedResults.Ok(pair);

        // Refused, but not thrown: the end of the family must be committed.
        var ended = await db.ReadFirst(
            $"""
            update accounts.sessions s set revoked_at = {now}
            from accounts.refresh_tokens t
            where t.hash = {spent} and t.spent_at is not null and s.id = t.session_id and s.revoked_at is null
            returning s.id, s.user_id
            """, reader => (Session: reader.GetGuid(0), User: reader.GetGuid(1)), ct);
        if (ended.Session != Guid.Empty)
        {
            db.Audit(new AuditEvent("RefreshTokenReused") { PersonId = ended.User, ResourceType = "sessions", ResourceId = ended.Session.ToString() });
            db.Evict(KnownUsers.Tag(ended.User));
        }

        return Problem.Of(StatusCodes.Status401Unauthorized, detail: "The refresh token is not good, or not any more; sign in again.");
    }
}
