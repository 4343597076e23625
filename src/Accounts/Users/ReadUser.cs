using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Accounts.Users;

/// <summary>Shows an admin one user's account.</summary>
internal static class ReadUser
{
    public static async Task<Results<Ok<Account>, NotFound>> Handle(Guid id, Db db, CancellationToken ct) =>
        await db.ReadFirst($"select {Account.Columns} from accounts.users where id = {id}", Account.Read, ct) is { } account ? TypedResults.Ok(account) : TypedResults.NotFound();
}
