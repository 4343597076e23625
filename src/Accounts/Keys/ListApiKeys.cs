using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Accounts.Keys;

/// <summary>Lists the caller's API keys, expired ones included. What was shown of a key when it was made is shown no more.</summary>
internal static class ListApiKeys
{
    internal sealed record Query : PageQuery;

    private static readonly SortField[] Sorts = [new("-createdAt", "created_at", "timestamptz"), new("name", "name", "text")];

    public static async Task<Ok<Page<OwnedApiKey>>> Handle([AsParameters] Query query, Caller caller, Db db, CancellationToken ct) =>
        TypedResults.Ok(await db.List(query, OwnedApiKey.Columns, Sql.Raw("accounts.api_keys"), $"user_id = {caller.Id}", "id", Sorts, OwnedApiKey.Read, ct));
}
