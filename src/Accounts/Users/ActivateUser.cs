using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Accounts.Sessions;
using Quitanda.Platform;

namespace Quitanda.Accounts.Users;

/// <summary>Lets a deactivated user sign in again. Their sessions of before stay ended.</summary>
internal static class ActivateUser
{
    public static async Task<Results<Ok<Account>, NotFound>> Handle(Guid id, Db db, TimeProvider clock, CancellationToken ct)
    {
        if (await Admins.LockWith(db, id, ct) is not { } user)
            return TypedResults.NotFound();

        user.Activate(clock.GetUtcNow());
        db.Evict(KnownUsers.Tag(id));
        return TypedResults.Ok(Account.Of(user));
    }
}
