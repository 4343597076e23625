using Npgsql;
using Quitanda.Booking.Bookings;
using Quitanda.Booking.Listings;
using Quitanda.Platform;

namespace Quitanda.Booking.Calendars;

/// <summary>
/// Closes a listing while calendars elsewhere are busy: all its units, as far as nobody has them. A booking is never displaced; where it is in the way, the rest of the time is closed and the owner is told.
/// The listing is locked by the caller.
/// </summary>
internal sealed class Closing(Db db, IMail mail, TimeProvider clock)
{
    /// <summary>A calendar is busy at these times now, and at no others. What it had closed besides is open again, unless another has it closed as well.</summary>
    public async Task Replace(Listing listing, Feed feed, IReadOnlyList<Period> busy, CancellationToken ct)
    {
        DateTimeOffset[] from = [.. busy.Select(period => period.From)], until = [.. busy.Select(period => period.Until)];
        var (now, ids) = (clock.GetUtcNow(), busy.Select(_ => Guid.CreateVersion7()).ToArray());
        var gone = await db.Read(
            $"""
            delete from booking.blocks b where b.feed_id = {feed.Id}
                and not exists (select from unnest({from}, {until}) as busy (starts_at, ends_at) where busy.starts_at = b.starts_at and busy.ends_at = b.ends_at)
            returning b.starts_at, b.ends_at
            """, ReadPeriod, ct);
        var units = UnitsOf(listing);
        await db.Execute(
            $"""
            insert into booking.blocks (id, listing_id, starts_at, ends_at, quantity, units, created_at, feed_id)
            select busy.id, {listing.Id}, busy.starts_at, busy.ends_at, {listing.Units}, {units}, {now}, {feed.Id}
            from unnest({ids}, {from}, {until}) as busy (id, starts_at, ends_at)
            where not exists (select from booking.blocks b where b.feed_id = {feed.Id} and b.starts_at = busy.starts_at and b.ends_at = busy.ends_at)
            """, ct);
        await Apply(listing, ct);
        TellFree(listing, gone, now);
    }

    /// <summary>Takes a calendar away, with all that it closed.</summary>
    public async Task Remove(Listing listing, Feed feed, CancellationToken ct)
    {
        var gone = await db.Read($"delete from booking.blocks where feed_id = {feed.Id} returning starts_at, ends_at", ReadPeriod, ct);
        await db.Execute($"delete from booking.feeds where id = {feed.Id}", ct);
        await Apply(listing, ct);
        TellFree(listing, gone, clock.GetUtcNow());
    }

    /// <summary>Closes what calendars elsewhere say and nobody has: also what became free since they were read.</summary>
    public async Task Apply(Listing listing, CancellationToken ct)
    {
        var (now, units) = (clock.GetUtcNow(), UnitsOf(listing));
        await db.Execute($"update booking.blocks set quantity = {listing.Units}, units = {units} where listing_id = {listing.Id} and feed_id is not null and quantity <> {listing.Units}", ct);
        // One after the other: what one has closed is not free for the next.
        foreach (var feed in await db.Read($"select id from booking.feeds where listing_id = {listing.Id} order by created_at, id", row => row.GetGuid(0), ct))
            await db.Execute(
                $"""
                insert into booking.taken (listing_id, unit, during, block_id)
                select b.listing_id, u.unit, gap, b.id
                from booking.blocks b cross join generate_series(1, {listing.Units}) as u (unit)
                cross join lateral unnest(tstzmultirange(tstzrange(b.starts_at, b.ends_at)) - coalesce((
                    select range_agg(t.during) from booking.taken t where t.listing_id = b.listing_id and t.unit = u.unit and t.during && tstzrange(b.starts_at, b.ends_at)), tstzmultirange())) gap
                where b.feed_id = {feed} and b.ends_at > {now}
                """, ct);
        db.Evict(Listing.TimesTag(listing.Id));
        await TellConflicts(listing, now, ct);
    }

    /// <summary>Which units are closed: all of them.</summary>
    private static int[] UnitsOf(Listing listing) => [.. Enumerable.Range(1, listing.Units)];

    /// <summary>Tells the owner of bookings that lie where a calendar elsewhere is busy, of each once.</summary>
    private async Task TellConflicts(Listing listing, DateTimeOffset now, CancellationToken ct)
    {
        await db.Execute(
            $"""
            delete from booking.feed_conflicts c using booking.feeds f
            where f.id = c.feed_id and f.listing_id = {listing.Id} and not exists (select from {Overlaps(listing, now)} and b.feed_id = c.feed_id and k.id = c.booking_id)
            """, ct);
        var found = await db.Read(
            $"""
            with found as (
                insert into booking.feed_conflicts (feed_id, booking_id, created_at) select distinct b.feed_id, k.id, {now} from {Overlaps(listing, now)}
                on conflict do nothing returning feed_id, booking_id
            )
            select f.name, k.code, k.starts_at, k.ends_at from found join booking.feeds f on f.id = found.feed_id join booking.bookings k on k.id = found.booking_id order by f.name, k.starts_at, k.code
            """, row => (Feed: row.GetString(0), Code: row.GetString(1), Period: new Period(row.GetFieldValue<DateTimeOffset>(2), row.GetFieldValue<DateTimeOffset>(3))), ct);
        if (found.Count > 0)
            mail.Send(listing.OwnerId, new FeedConflicts(listing.Title, [.. found.Take(FeedConflicts.LinesAtMost)
                .Select(one => new FeedConflicts.Line(one.Feed, one.Code, listing.Clock.DayOf(one.Period.From), listing.Clock.LastDayOf(one.Period)))]));
    }

    /// <summary>Bookings <c>k</c> that hold something while a calendar's block <c>b</c> says that it is busy, as tables and condition.</summary>
    public static Sql Overlaps(Listing listing, DateTimeOffset now) => Sql.Of(
        $"""
        booking.blocks b join booking.bookings k on k.listing_id = b.listing_id and k.starts_at < b.ends_at and k.ends_at > b.starts_at
        where b.listing_id = {listing.Id} and b.feed_id is not null and b.ends_at > {now} and k.status in ('pending', 'paid', 'confirmed')
        """);

    private void TellFree(Listing listing, List<Period> gone, DateTimeOffset now)
    {
        var ahead = gone.Where(period => period.Until > now).ToList();
        if (ahead.Count > 0)
            db.Publish(new TimeFreed(listing.Id, ahead.Min(period => period.From), ahead.Max(period => period.Until)));
    }

    private static Period ReadPeriod(NpgsqlDataReader row) => new(row.GetFieldValue<DateTimeOffset>(0), row.GetFieldValue<DateTimeOffset>(1));
}

/// <summary>Time became free: what calendars elsewhere say of it is closed again.</summary>
internal sealed class CloseFreedTime(Db db, Closing closing) : IHandle<TimeFreed>
{
    public const string Kind = "booking.close-freed-time";

    public async Task Handle(TimeFreed message, CancellationToken ct)
    {
        if (await db.ReadFirst($"select 1 from booking.feeds where listing_id = {message.ListingId} limit 1", row => row.GetInt32(0), ct) == 1
            && await Listing.Lock(db, message.ListingId, ct) is { ArchivedAt: null, IsPooled: false } listing)
            await closing.Apply(listing, ct);
    }
}
