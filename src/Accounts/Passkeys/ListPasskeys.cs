using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Accounts.Passkeys;

/// <summary>Lists the caller's passkeys.</summary>
internal static class ListPasskeys
{
    internal sealed record Query : PageQuery;

    private static readonly SortField[] Sorts = [new("-createdAt", "created_at", "timestamptz"), new("name", "name", "text")];

    public static async Task<Ok<Page<OwnedPasskey>>> Handle([AsParameters] Query query, Caller caller, Db db, CancellationToken ct) =>
        TypedResults.Ok(await db.List(query, OwnedPasskey.Columns, Sql.Raw("accounts.passkeys"), $"user_id = {caller.Id}", "id", Sorts, OwnedPasskey.Read, ct));
}
