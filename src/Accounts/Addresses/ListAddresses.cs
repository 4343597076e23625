using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Accounts.Addresses;

/// <summary>Lists the caller's addresses.</summary>
internal static class ListAddresses
{
    internal sealed record Query : PageQuery;

    private static readonly SortField[] Sorts = [new("createdAt", "created_at", "timestamptz"), new("label", "label", "text")];

    public static async Task<Ok<Page<SavedAddress>>> Handle([AsParameters] Query query, Caller caller, Db db, CancellationToken ct) =>
        TypedResults.Ok(await db.List(query, SavedAddress.Columns, Sql.Raw("accounts.addresses"), $"user_id = {caller.Id}", "id", Sorts, SavedAddress.Read, ct));
}
