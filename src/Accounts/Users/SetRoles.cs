using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Accounts.Sessions;
using Quitanda.Platform;

namespace Quitanda.Accounts.Users;

/// <summary>Gives a user exactly these roles. Access tokens of before are refused within 30 seconds; a refresh gives one with the new roles. The last admin cannot be lost.</summary>
[Refuses("last_admin")]
internal static class SetRoles
{
    internal sealed record Request([MinLength(1), MaxLength(5)] Role[] Roles);

    public static async Task<Results<Ok<Account>, NotFound>> Handle(Guid id, Request request, Db db, TimeProvider clock, CancellationToken ct)
    {
        if (await Admins.LockWith(db, id, ct) is not { } user)
            return TypedResults.NotFound();

        var wasAdmin = user.IsActingAdmin;
        user.Hold(Account.Together(request.Roles), clock.GetUtcNow());
        if (wasAdmin)
            Admins.RequireOne(db);
        db.Evict(KnownUsers.Tag(id));
        return TypedResults.Ok(Account.Of(user));
    }
}
