using Quitanda.Platform;

namespace Quitanda.Ordering.Orders;

/// <summary>How many orders of a guest may be open and unpaid at once: who costs nothing to make could else take the stock and the places of a day with orders that nobody pays.</summary>
internal static class OpenOrders
{
    /// <summary>Refuses the order of a guest who has so many already, with the next statement that reads. The guest's orders come one after the other from here on, so that of many at once none is one too many.</summary>
    /// <exception cref="RefusedException"><c>too_many_open_orders</c>.</exception>
    public static void RequireRoom(Db db, Guid guestId, int atMost)
    {
        if (atMost == 0)
            return;
        var turn = $"guest orders {guestId}";
        // Two statements: the second sees what was written by whomever the first has waited for.
        db.Ahead($"select pg_advisory_xact_lock(hashtextextended({turn}, 0)) is not null", row => row.GetBoolean(0));
        db.Ahead(Count(guestId, atMost), row => row.GetInt64(0) < atMost ? true : throw Refusal(atMost).ToException());
    }

    /// <summary>Why a guest cannot order now; null where they can. Nothing is locked.</summary>
    public static async Task<Refusal?> RefusalOf(Db db, Guid guestId, int atMost, CancellationToken ct) =>
        atMost > 0 && await db.ReadFirst(Count(guestId, atMost), row => row.GetInt64(0), ct) >= atMost ? Refusal(atMost) : null;

    private static Sql Count(Guid guestId, int atMost) => Sql.Of($"""
        select count(*) from (
            select from ordering.orders where customer_id = {guestId} and status not in ('delivered', 'cancelled') and payment_status in ('pending', 'failed') limit {atMost}
        ) open
        """);

    private static Refusal Refusal(int atMost) => new(
        "too_many_open_orders", "There are orders that are not paid yet; pay or cancel one first.", new Dictionary<string, object>(StringComparer.Ordinal) { ["limit"] = atMost });
}
