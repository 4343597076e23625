using Npgsql;
using Quitanda.Booking.Bookings;
using Quitanda.Booking.Listings;
using Quitanda.Booking.Pricing;
using Quitanda.Platform;

namespace Quitanda.Booking.Holding;

/// <summary>
/// Who has what, when. Whoever takes or gives back holds the listing's lock; so what is found free stays free, and an exclusion constraint and a check stand behind it, in the database itself.
/// </summary>
internal sealed class Holds(Db db, FreeTimes freeTimes)
{
    /// <summary>Takes the units and the add-ons of a booking for its whole time, buffers included, or nothing.</summary>
    /// <returns>Which units, where they are told apart.</returns>
    /// <exception cref="RefusedException"><c>slot_taken</c>, with the nearest free periods; <c>add_on_taken</c>.</exception>
    public async Task<int[]?> Take(Listing listing, Reservation booking, DateTimeOffset now, CancellationToken ct)
    {
        var units = await TakeUnits(listing, booking.Held, booking.Quantity, booking.Id, blockId: null, ct);
        if (units is null)
            throw await Taken(listing, booking.Period, booking.Quantity, now, ct);
        await TakeAddOns(listing, booking.AddOns, [.. listing.Clock.Cells(booking.Held)], ct);
        return listing.IsPooled ? null : units;
    }

    /// <summary>The same for a booking that had lapsed. Null where it cannot have all of it any more; then nothing is taken.</summary>
    /// <returns>Which units; none where they are counted.</returns>
    public async Task<int[]?> TryTake(Listing listing, Reservation booking, DateTimeOffset now, CancellationToken ct)
    {
        await db.Execute(Sql.Raw("savepoint before_taking"), ct);
        try
        {
            return await Take(listing, booking, now, ct) ?? [];
        }
        catch (RefusedException)
        {
            await db.Execute(Sql.Raw("rollback to savepoint before_taking"), ct);
            return null;
        }
    }

    /// <summary>Takes what a booking would hold in another time, beside what it holds already: its own units count as free for it.</summary>
    /// <returns>Which units, where they are told apart.</returns>
    /// <exception cref="RefusedException"><c>slot_taken</c>, with the nearest free periods; <c>add_on_taken</c>.</exception>
    public async Task<int[]?> TakeBeside(Listing listing, Reservation booking, Period period, DateTimeOffset now, CancellationToken ct)
    {
        Forget(listing.Id);
        var held = listing.Clock.WithBuffers(period);
        if (listing.IsPooled)
        {
            DateTimeOffset[] own = [.. booking.Clock.Cells(booking.Held)], more = [.. booking.Clock.Cells(held).Except(own)];
            if (await IsBusyElsewhere(listing, held, ct) || !await Count(listing.Id, more, booking.Quantity, listing.Units, ct))
                throw await Taken(listing, period, booking.Quantity, now, ct);
            await TakeAddOns(listing, booking.AddOns, more, ct);
            return null;
        }

        var units = await IsBusyElsewhere(listing, held, ct) ? null : await FreeUnits(listing, held, booking.Quantity, booking.Id, ct);
        if (units is null)
            throw await Taken(listing, period, booking.Quantity, now, ct);
        await Write(booking, [(booking.Units!, booking.Held), (units, held)], ct);
        await TakeAddOns(listing, booking.AddOns, [.. booking.Clock.Cells(held).Except(booking.Clock.Cells(booking.Held))], ct);
        return units;
    }

    /// <summary>Of two times that a booking holds, keeps one and gives the rest of the other back.</summary>
    public async Task Keep(Reservation booking, (int[]? Units, Period Held) kept, Period other, CancellationToken ct)
    {
        Forget(booking.ListingId);
        DateTimeOffset[] rest = [.. booking.Clock.Cells(other).Except(booking.Clock.Cells(kept.Held))];
        if (kept.Units is { } units)
            await Write(booking, [(units, kept.Held)], ct);
        else
            await Uncount(booking.ListingId, rest, booking.Quantity, ct);
        foreach (var addOn in booking.AddOns.Where(addOn => addOn.IsCounted))
            await Uncount(addOn.Id, rest, addOn.Quantity, ct);
    }

    /// <summary>Gives back all that a booking holds.</summary>
    /// <param name="booking">Which: as it was while it held.</param>
    /// <param name="units">The units it had, where they are told apart.</param>
    /// <param name="ct">Ends the work.</param>
    public async Task Return(Reservation booking, int[]? units, CancellationToken ct)
    {
        Forget(booking.ListingId);
        DateTimeOffset[] cells = [.. booking.Clock.Cells(booking.Held)];
        if (units is not null)
            await db.Execute($"delete from booking.taken where booking_id = {booking.Id}", ct);
        else
            await Uncount(booking.ListingId, cells, booking.Quantity, ct);
        foreach (var addOn in booking.AddOns.Where(addOn => addOn.IsCounted))
            await Uncount(addOn.Id, cells, addOn.Quantity, ct);
    }

    /// <summary>Closes units of a listing for a time.</summary>
    /// <returns>Which, where they are told apart; none where they are counted; null where too few are free, and none is closed.</returns>
    public Task<int[]?> Close(Listing listing, Period period, int quantity, Guid blockId, CancellationToken ct) => TakeUnits(listing, period, quantity, bookingId: null, blockId, ct);

    /// <summary>Opens again what a block closed.</summary>
    public async Task Open(Listing listing, Guid blockId, Period period, int quantity, int[]? units, CancellationToken ct)
    {
        Forget(listing.Id);
        if (units is not null)
            await db.Execute($"delete from booking.taken where block_id = {blockId}", ct);
        else
            await Uncount(listing.Id, [.. listing.Clock.Cells(period)], quantity, ct);
        db.Publish(new TimeFreed(listing.Id, period.From, period.Until));
    }

    /// <summary>The refusal of a period that is not free.</summary>
    public async Task<RefusedException> Taken(Listing listing, Period period, int quantity, DateTimeOffset now, CancellationToken ct) =>
        (await freeTimes.Refusal(listing, period, quantity, now, ct)).ToException();

    private async Task<int[]?> TakeUnits(Listing listing, Period held, int quantity, Guid? bookingId, Guid? blockId, CancellationToken ct)
    {
        Forget(listing.Id);
        if (await IsBusyElsewhere(listing, held, ct))
            return null;
        if (listing.IsPooled)
            return await Count(listing.Id, [.. listing.Clock.Cells(held)], quantity, listing.Units, ct) ? [] : null;
        try
        {
            var units = await db.Read(
                $"""
                with free as (
                    select u.unit from generate_series(1, {listing.Units}) as u (unit)
                    where not exists (select from booking.taken t where t.listing_id = {listing.Id} and t.unit = u.unit and t.during && tstzrange({held.From}, {held.Until}))
                    order by u.unit limit {quantity}
                )
                insert into booking.taken (listing_id, unit, during, booking_id, block_id)
                select {listing.Id}, unit, tstzrange({held.From}, {held.Until}), {bookingId}::uuid, {blockId}::uuid from free where (select count(*) from free) = {quantity}
                returning unit
                """, row => row.GetInt32(0), ct);
            return units.Count == quantity ? [.. units.Order()] : null;
        }
        catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.ExclusionViolation)
        {
            // Never while everybody locks the listing first. Nothing more can be asked in this transaction, and so nothing is named.
            throw new RefusedException("slot_taken", "It is taken in that time.");
        }
    }

    /// <summary>Forgets every answer that shows when a listing is free.</summary>
    private void Forget(Guid listing) => db.Evict(Listing.TimesTag(listing));

    /// <summary>Whether a calendar elsewhere is busy then. What it closes is taken as it becomes free, which may be a moment later: so it is asked as well.</summary>
    private Task<bool> IsBusyElsewhere(Listing listing, Period held, CancellationToken ct) => db.ReadFirst(
        $"select exists (select from booking.blocks k where k.listing_id = {listing.Id} and k.feed_id is not null and k.starts_at < {held.Until} and k.ends_at > {held.From})", row => row.GetBoolean(0), ct);

    private async Task<int[]?> FreeUnits(Listing listing, Period held, int quantity, Guid bookingId, CancellationToken ct)
    {
        // Its own first: as little moves as can be.
        var units = await db.Read(
            $"""
            select u.unit from generate_series(1, {listing.Units}) as u (unit)
            where not exists (
                select from booking.taken t
                where t.listing_id = {listing.Id} and t.unit = u.unit and t.during && tstzrange({held.From}, {held.Until}) and t.booking_id is distinct from {bookingId})
            order by not exists (select from booking.taken t where t.booking_id = {bookingId} and t.unit = u.unit), u.unit limit {quantity}
            """, row => row.GetInt32(0), ct);
        return units.Count == quantity ? [.. units.Order()] : null;
    }

    /// <summary>Replaces all rows of a booking. Times of one unit that overlap become one.</summary>
    private async Task Write(Reservation booking, (int[] Units, Period Held)[] times, CancellationToken ct)
    {
        await db.Execute($"delete from booking.taken where booking_id = {booking.Id}", ct);
        List<(int Unit, Period Held)> rows = [];
        foreach (var (units, held) in times)
            foreach (var unit in units)
            {
                var at = rows.FindIndex(row => row.Unit == unit && row.Held.Overlaps(held));
                if (at < 0)
                    rows.Add((unit, held));
                else
                    rows[at] = (unit, rows[at].Held.With(held));
            }

        int[] all = [.. rows.Select(row => row.Unit)];
        DateTimeOffset[] from = [.. rows.Select(row => row.Held.From)], until = [.. rows.Select(row => row.Held.Until)];
        await db.Execute(
            $"""
            insert into booking.taken (listing_id, unit, during, booking_id)
            select {booking.ListingId}, unit, tstzrange(held_from, held_until), {booking.Id} from unnest({all}, {from}, {until}) as t (unit, held_from, held_until)
            """, ct);
    }

    private async Task TakeAddOns(Listing listing, IReadOnlyList<BookedAddOn> addOns, DateTimeOffset[] cells, CancellationToken ct)
    {
        foreach (var addOn in addOns.Where(addOn => addOn.IsCounted))
            if (!await Count(addOn.Id, cells, addOn.Quantity, listing.Terms.AddOns.FirstOrDefault(offered => offered.Id == addOn.Id)?.Stock ?? 0, ct))
                throw Offer.OutOf(addOn.Id, addOn.Name).ToException();
    }

    /// <summary>Counts so many more in each cell. False where there are not so many in one; then the caller refuses, and all is undone.</summary>
    private async Task<bool> Count(Guid resource, DateTimeOffset[] cells, int quantity, int capacity, CancellationToken ct) => quantity <= capacity && await db.Execute(
        $"""
        insert into booking.counts as c (resource_id, at, taken, capacity) select {resource}, at, {quantity}, {capacity} from unnest({cells}) at
        on conflict (resource_id, at) do update set taken = c.taken + excluded.taken, capacity = excluded.capacity where c.taken + excluded.taken <= excluded.capacity
        """, ct) == cells.Length;

    private async Task Uncount(Guid resource, DateTimeOffset[] cells, int quantity, CancellationToken ct)
    {
        await db.Execute($"update booking.counts set taken = taken - {quantity} where resource_id = {resource} and at = any({cells})", ct);
        await db.Execute($"delete from booking.counts where resource_id = {resource} and at = any({cells}) and taken = 0", ct);
    }
}
