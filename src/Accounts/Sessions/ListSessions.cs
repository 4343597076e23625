using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Accounts.Sessions;

/// <summary>Lists where the caller is signed in: the sessions that have not ended, the one seen last first.</summary>
internal static class ListSessions
{
    internal sealed record Query : PageQuery;

    private static readonly SortField[] Sorts = [new("-lastSeenAt", "last_seen_at", "timestamptz"), new("createdAt", "created_at", "timestamptz")];

    public static async Task<Ok<Page<SignedInDevice>>> Handle([AsParameters] Query query, Caller caller, Db db, TimeProvider clock, CancellationToken ct) =>
        TypedResults.Ok(await db.List(
            query, SignedInDevice.Columns(caller.SessionId), Sql.Raw("accounts.sessions"), SignedInDevice.Going(caller.Id, clock.GetUtcNow()), "id", Sorts, SignedInDevice.Read, ct));
}
