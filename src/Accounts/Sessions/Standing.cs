using Microsoft.AspNetCore.Http;
using Quitanda.Platform;

namespace Quitanda.Accounts.Sessions;

/// <summary>Whether a caller may still give themselves a way into their account.</summary>
internal static class Standing
{
    /// <summary>
    /// Locks the caller's user, and refuses whose session has ended or whose account is gone. They were let in moments ago, but between that and this the account may have been taken
    /// back: what was made to open it after its ways in were closed would be open for good.
    /// </summary>
    /// <exception cref="RefusedException"><c>unauthenticated</c> (401).</exception>
    public static async Task Hold(Db db, Caller caller, CancellationToken ct)
    {
        var isThere = await db.ReadFirst($"select 1 from accounts.users where id = {caller.Id} and is_active for no key update", _ => true, ct);
        // A statement of its own, which sees what was committed while the first one waited for the lock.
        if (!isThere || await db.ReadFirst($"select 1 from accounts.sessions where id = {caller.SessionId} and revoked_at is not null", _ => true, ct))
            throw new RefusedException("unauthenticated", "This sign-in has ended.", StatusCodes.Status401Unauthorized);
    }
}
