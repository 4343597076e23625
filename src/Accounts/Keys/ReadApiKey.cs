using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Accounts.Keys;

/// <summary>Shows one of the caller's API keys, but for the key itself.</summary>
internal static class ReadApiKey
{
    public static async Task<Results<Ok<OwnedApiKey>, NotFound>> Handle(Guid id, Caller caller, Db db, CancellationToken ct) =>
        await db.ReadFirst($"select {OwnedApiKey.Columns} from accounts.api_keys where id = {id} and user_id = {caller.Id}", OwnedApiKey.Read, ct) is { } key
            ? TypedResults.Ok(key)
            : TypedResults.NotFound();
}
