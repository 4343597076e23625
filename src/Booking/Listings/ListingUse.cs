using Quitanda.Platform;

namespace Quitanda.Booking.Listings;

/// <summary>What of a listing is in use from now on, which some of its changes must wait for. Its row is locked by the caller.</summary>
internal static class ListingUse
{
    /// <summary>The longest that anything counted lasts: a day of 25 hours.</summary>
    private static readonly TimeSpan LongestCell = TimeSpan.FromHours(25);

    private static readonly Sql Open = Sql.Raw("b.status in ('requested', 'pending', 'paid', 'confirmed')");

    /// <summary>Whether it has open bookings ahead, asked for or held.</summary>
    public static Task<bool> IsBooked(Db db, Guid id, DateTimeOffset now, CancellationToken ct) =>
        db.ReadFirst($"select exists (select from booking.bookings b where b.listing_id = {id} and {Open} and b.ends_at > {now})", row => row.GetBoolean(0), ct);

    /// <summary>Whether anything of it is asked for, held or closed from now on.</summary>
    public static Task<bool> IsTaken(Db db, Guid id, DateTimeOffset now, CancellationToken ct) => db.ReadFirst(
        $"""
        select exists (select from booking.bookings b where b.listing_id = {id} and {Open} and b.held_until > {now})
            or exists (select from booking.taken t where t.listing_id = {id} and upper(t.during) > {now})
            or exists (select from booking.blocks k where k.listing_id = {id} and k.ends_at > {now})
        """, row => row.GetBoolean(0), ct);

    /// <summary>Has it another number of units, all told apart or all counted as before.</summary>
    /// <exception cref="RefusedException"><c>units_in_use</c>: those that would go are held or closed.</exception>
    public static async Task SetUnits(Db db, Listing listing, int units, DateTimeOffset now, CancellationToken ct)
    {
        // What calendars elsewhere close is all there is, however much that is: the units that go are open again, and those that stay are not.
        if (!listing.IsPooled)
            await db.Execute($"delete from booking.taken t using booking.blocks k where t.listing_id = {listing.Id} and t.unit > {units} and k.id = t.block_id and k.feed_id is not null", ct);
        var isInUse = listing.IsPooled ? await IsCountedAbove(db, listing.Id, units, now, ct) : await db.ReadFirst(
            $"select exists (select from booking.taken t where t.listing_id = {listing.Id} and t.unit > {units} and upper(t.during) > {now})", row => row.GetBoolean(0), ct);
        if (isInUse)
            throw new RefusedException("units_in_use", "Of the units that would go some are held or closed.");
        if (listing.IsPooled)
            await SetCapacity(db, listing.Id, units, now, ct);
    }

    /// <summary>Has its add-ons other stocks.</summary>
    /// <exception cref="RefusedException"><c>add_on_in_use</c>: more of one are booked than there would be.</exception>
    public static async Task SetStocks(Db db, Guid listingId, IReadOnlyList<AddOn> before, IReadOnlyList<AddOn> after, DateTimeOffset now, CancellationToken ct)
    {
        foreach (var addOn in after)
            if (addOn.Stock is { } stock && before.FirstOrDefault(known => known.Id == addOn.Id) is { } known && known.Stock != stock)
            {
                if (await IsCountedAbove(db, addOn.Id!.Value, stock, now, ct) || (known.Stock is null && await IsBookedUncounted(db, listingId, addOn.Id.Value, now, ct)))
                    throw new RefusedException("add_on_in_use", $"More are booked of {known.Name}.") { Facts = new Dictionary<string, object>(StringComparer.Ordinal) { ["addOnId"] = addOn.Id.Value } };
                await SetCapacity(db, addOn.Id.Value, stock, now, ct);
            }
    }

    /// <summary>Whether it is in open bookings ahead that were made while nobody counted it.</summary>
    private static Task<bool> IsBookedUncounted(Db db, Guid listingId, Guid addOn, DateTimeOffset now, CancellationToken ct) => db.ReadFirst(
        $"select exists (select from booking.bookings b where b.listing_id = {listingId} and {Open} and b.ends_at > {now} and b.add_ons @> {Sql.Json(new[] { new { Id = addOn, IsCounted = false } })})", row => row.GetBoolean(0), ct);

    private static Task<bool> IsCountedAbove(Db db, Guid resource, int capacity, DateTimeOffset now, CancellationToken ct) => db.ReadFirst(
        $"select exists (select from booking.counts c where c.resource_id = {resource} and c.at > {now - LongestCell} and c.taken > {capacity})", row => row.GetBoolean(0), ct);

    private static Task<int> SetCapacity(Db db, Guid resource, int capacity, DateTimeOffset now, CancellationToken ct) =>
        db.Execute($"update booking.counts set capacity = {capacity} where resource_id = {resource} and at > {now - LongestCell}", ct);
}
