using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Accounts.Passkeys;

/// <summary>Shows one of the caller's passkeys.</summary>
internal static class ReadPasskey
{
    public static async Task<Results<Ok<OwnedPasskey>, NotFound>> Handle(Guid id, Caller caller, Db db, CancellationToken ct) =>
        await db.ReadFirst($"select {OwnedPasskey.Columns} from accounts.passkeys where id = {id} and user_id = {caller.Id}", OwnedPasskey.Read, ct) is { } passkey
            ? TypedResults.Ok(passkey)
            : TypedResults.NotFound();
}
