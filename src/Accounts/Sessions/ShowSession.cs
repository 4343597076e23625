using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Accounts.Sessions;

/// <summary>Shows one of the caller's sessions that have not ended.</summary>
internal static class ShowSession
{
    public static async Task<Results<Ok<SignedInDevice>, NotFound>> Handle(Guid id, Caller caller, Db db, TimeProvider clock, CancellationToken ct) =>
        await db.ReadFirst(
            $"select {SignedInDevice.Columns(caller.SessionId)} from accounts.sessions where id = {id} and {SignedInDevice.Going(caller.Id, clock.GetUtcNow())}", SignedInDevice.Read, ct) is { } session
            ? TypedResults.Ok(session)
            : TypedResults.NotFound();
}
