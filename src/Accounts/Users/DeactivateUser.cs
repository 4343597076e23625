using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Accounts.Sessions;
using Quitanda.Platform;

namespace Quitanda.Accounts.Users;

/// <summary>Shuts a user out: they cannot sign in, their sessions end, and their access tokens are refused within 30 seconds. The last admin cannot be lost.</summary>
[Refuses("last_admin")]
internal static class DeactivateUser
{
    public static async Task<Results<Ok<Account>, NotFound>> Handle(Guid id, Db db, TimeProvider clock, CancellationToken ct)
    {
        if (await Admins.LockWith(db, id, ct) is not { } user)
            return TypedResults.NotFound();

        var now = clock.GetUtcNow();
        var wasAdmin = user.IsActingAdmin;
        user.Deactivate(now);
        if (wasAdmin)
            Admins.RequireOne(db);
        db.Write($"update accounts.sessions set revoked_at = {now} where user_id = {id} and revoked_at is null");
        db.Evict(KnownUsers.Tag(id));
        return TypedResults.Ok(Account.Of(user));
    }
}
