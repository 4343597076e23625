using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Accounts.Addresses;

/// <summary>Shows one of the caller's addresses.</summary>
internal static class ReadAddress
{
    public static async Task<Results<Ok<SavedAddress>, NotFound>> Handle(Guid id, Caller caller, Db db, CancellationToken ct) =>
        await db.ReadFirst($"select {SavedAddress.Columns} from accounts.addresses where id = {id} and user_id = {caller.Id}", SavedAddress.Read, ct) is { } address
            ? TypedResults.Ok(address)
            : TypedResults.NotFound();
}
