using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Accounts.Users;

/// <summary>Shows the caller their own account.</summary>
internal static class ReadMe
{
    public static async Task<Results<Ok<Account>, NotFound>> Handle(Caller caller, Db db, CancellationToken ct) =>
        await db.ReadFirst($"select {Account.Columns} from accounts.users where id = {caller.Id}", Account.Read, ct) is { } account ? TypedResults.Ok(account) : TypedResults.NotFound();
}
