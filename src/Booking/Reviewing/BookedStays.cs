using Npgsql;
using Quitanda.Booking.Listings;
using Quitanda.Platform;
using Quitanda.Reviews;

namespace Quitanda.Booking.Reviewing;

/// <summary>Bookings as reviews see them: one that is completed is a stay that is over, for good.</summary>
internal sealed class BookedStays(Db db, Shown shown) : IStays
{
    private static readonly Sql Columns = Sql.Raw("b.id, b.listing_id, b.owner_id, b.renter_id, case when b.status = 'completed' then b.completed_at end");

    public async Task<bool> IsThere(Guid listingId, Caller? reader, CancellationToken ct)
    {
        // An answer that is kept ends with what it is about.
        shown.Tag(Listing.Tag(listingId));
        // As the listing itself: not for who only was an owner once, since customers are all shown the same.
        return await db.ReadFirst(
            $"""
            select true from booking.listings l
            where l.id = {listingId} and l.archived_at is null and (({Listing.Shown}) or {reader?.Is(Roles.Admin) == true} or ({reader?.Is(Roles.Owner) == true} and l.owner_id = {reader?.Id ?? Guid.Empty}))
            """, row => row.GetBoolean(0), ct);
    }

    public Task<Stay?> Find(Guid id, CancellationToken ct) => db.ReadFirst($"select {Columns} from booking.bookings b where b.id = {id}", Read, ct);

    public async Task<IReadOnlyList<Stay>> Over(Guid renterId, Guid listingId, int atMost, CancellationToken ct) => await db.Read(
        $"""
        select {Columns} from booking.bookings b where b.renter_id = {renterId} and b.listing_id = {listingId} and b.status = 'completed'
        order by b.completed_at desc, b.id desc limit {atMost}
        """, Read, ct);

    public Task<bool> Knows(Guid ownerId, Guid renterId, CancellationToken ct) => db.ReadFirst(
        $"""
        select true from booking.bookings b
        where b.renter_id = {renterId} and b.owner_id = {ownerId} and b.status in ('requested', 'pending', 'paid', 'confirmed', 'completed') limit 1
        """, row => row.GetBoolean(0), ct);

    private static Stay Read(NpgsqlDataReader row) => new(
        row.GetGuid(0), row.GetGuid(1), row.GetGuid(2), row.GetGuid(3), row.IsDBNull(4) ? null : row.GetFieldValue<DateTimeOffset>(4));
}
