using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Catalog.Options;

/// <summary>Shows one option of a product with its count, for staff. Everybody sees it with its product.</summary>
internal static class ShowOption
{
    public static async Task<Results<Ok<ShownOption>, NotFound>> Handle(Guid id, Guid optionId, Db db, CancellationToken ct) =>
        await Read(db, id, optionId, ct) is { } option ? TypedResults.Ok(option) : TypedResults.NotFound();

    public static async Task<ShownOption?> Read(Db db, Guid id, Guid optionId, CancellationToken ct)
    {
        var groups = await db.ReadFirst(
            $"""
            select option_groups, currency, (select jsonb_object_agg(s.option_id, s.stock) from catalog.option_stock s where s.option_id = {optionId})
            from catalog.products where id = {id} and archived_at is null
            """,
            row => ShownGroup.Of(OptionGroup.Read(row.IsDBNull(0) ? null : row.GetString(0)), row.IsDBNull(2) ? null : row.GetString(2), row.GetString(1), forStaff: true), ct);
        return groups?.SelectMany(group => group.Options).FirstOrDefault(option => option.Id == optionId);
    }
}
