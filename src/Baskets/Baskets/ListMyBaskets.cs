using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Baskets.Baskets;

/// <summary>Lists the caller's baskets, the newest first. What is in one is shown with it.</summary>
internal static class ListMyBaskets
{
    private static readonly SortField[] Sorts = [new("-createdAt", "b.created_at", "timestamptz")];

    internal sealed record Query : PageQuery;

    /// <summary>A basket in a list.</summary>
    /// <param name="Id">The basket.</param>
    /// <param name="Status">Where it stands.</param>
    /// <param name="PaymentStatus">Where its money stands.</param>
    /// <param name="TotalAmount">What it came to when it was last held.</param>
    /// <param name="ExpiresAt">Until when it is held.</param>
    /// <param name="CreatedAt">When it was made.</param>
    /// <param name="UpdatedAt">When it last changed.</param>
    [SchemaId("BasketSummary")]
    internal sealed record Summary(Guid Id, BasketStatus Status, PaymentStatus PaymentStatus, Money? TotalAmount, DateTimeOffset? ExpiresAt, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

    public static async Task<Ok<Page<Summary>>> Handle([AsParameters] Query query, Caller caller, Db db, CancellationToken ct) => TypedResults.Ok(await db.List(
        query, Sql.Raw("b.id, b.status, b.payment_status, b.total, b.currency, b.expires_at, b.created_at, b.updated_at"), Sql.Raw("baskets.baskets b"), Sql.Of($"b.owner_id = {caller.Id}"), "b.id", Sorts,
        row => new Summary(
            row.GetGuid(0), Wire.Parse<BasketStatus>(row.GetString(1)), Wire.Parse<PaymentStatus>(row.GetString(2)), row.IsDBNull(4) ? null : new(row.GetInt64(3), row.GetString(4)),
            row.IsDBNull(5) ? null : row.GetFieldValue<DateTimeOffset>(5), row.GetFieldValue<DateTimeOffset>(6), row.GetFieldValue<DateTimeOffset>(7)), ct));
}
