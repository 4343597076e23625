using System.Runtime.CompilerServices;
using Quitanda.Files;
using Quitanda.Platform;

namespace Quitanda.Booking.Listings;

/// <summary>What somebody offers. Erased, it is archived: its bookings need it. Where it was exactly, its images and notes go.</summary>
internal sealed class PersonsListings(IFiles files, TimeProvider clock) : IPersonalData
{
    private const int AtOnce = 200;

    public string Name => "listings";

    public string Stays => "Listings stay with title, description, city and prices for those who booked them, shown to nobody else, without address, place, images and notes.";

    public async IAsyncEnumerable<object> Export(Db db, Guid personId, [EnumeratorCancellation] CancellationToken ct)
    {
        var last = Guid.Empty;
        while (true)
        {
            var page = await db.Read(
                $"""
                select {Listing.Columns}, k.name from booking.listings l join booking.categories k on k.slug = l.category
                where l.owner_id = {personId} and l.id > {last} order by l.id limit {AtOnce}
                """, row => (Listing: Listing.Read(row), Category: row.GetString(Listing.ColumnCount)), ct);
            foreach (var (listing, category) in page)
                yield return new
                {
                    Listing = ListingDetails.Of(listing, category, owner: null, files, forOwner: true),
                    Blocks = await db.Read(
                        $"select k.starts_at, k.ends_at, k.quantity, k.reason from booking.blocks k where k.listing_id = {listing.Id} order by k.starts_at, k.id",
                        row => new { StartAt = row.GetFieldValue<DateTimeOffset>(0), EndAt = row.GetFieldValue<DateTimeOffset>(1), Quantity = row.GetInt32(2), Reason = row.IsDBNull(3) ? null : row.GetString(3) }, ct),
                    listing.ArchivedAt,
                };
            if (page.Count < AtOnce)
                yield break;
            last = page[^1].Listing.Id;
        }
    }

    public async Task Erase(Db db, Guid personId, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        // In the order of their ids, like everybody who locks more than one.
        var gone = await db.Read(
            $"""
            with locked as (
                select id from booking.listings where owner_id = {personId} order by id for no key update
            )
            update booking.listings l set
                archived_at = coalesce(l.archived_at, {now}), address = null, lat = null, lng = null, images = {Sql.Json(Array.Empty<object>())}, metadata = {Sql.Json(new object())}, approval_note = null
            from locked where l.id = locked.id
                and (l.archived_at is null or l.address is not null or l.lat is not null or l.images <> {Sql.Json(Array.Empty<object>())} or l.metadata <> {Sql.Json(new object())} or l.approval_note is not null)
            returning l.id
            """, row => row.GetGuid(0), ct);
        await db.Execute($"update booking.blocks k set reason = null from booking.listings l where l.owner_id = {personId} and k.listing_id = l.id and k.reason is not null", ct);
        foreach (var id in gone)
        {
            await files.ShowOwn(Listing.ShownBy, id, personId, [], ct);
            ListingSearch.Remove(db, id);
            Listing.Evict(db, id);
        }
    }
}
