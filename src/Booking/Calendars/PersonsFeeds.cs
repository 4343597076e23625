using System.Runtime.CompilerServices;
using Quitanda.Booking.Listings;
using Quitanda.Platform;

namespace Quitanda.Booking.Calendars;

/// <summary>The calendars elsewhere that somebody's listings read, and the secret addresses of their own. All of it goes, with what it closed.</summary>
internal sealed class PersonsFeeds(TimeProvider clock) : IPersonalData
{
    private const int AtOnce = 200;

    public string Name => "calendarFeeds";

    public string? Stays => null;

    public async IAsyncEnumerable<object> Export(Db db, Guid personId, [EnumeratorCancellation] CancellationToken ct)
    {
        var last = Guid.Empty;
        while (true)
        {
            var feeds = await db.Read(
                $"select {FeedDetails.Columns(clock.GetUtcNow())} from booking.feeds f join booking.listings l on l.id = f.listing_id where l.owner_id = {personId} and f.id > {last} order by f.id limit {AtOnce}",
                FeedDetails.Read, ct);
            foreach (var feed in feeds)
                yield return feed;
            if (feeds.Count < AtOnce)
                yield break;
            last = feeds[^1].Id;
        }
    }

    public async Task Erase(Db db, Guid personId, CancellationToken ct)
    {
        // As everybody who gives back a listing's time: the listing first, in the order of all.
        await db.Read($"select id from booking.listings where owner_id = {personId} order by id for update", row => row.GetGuid(0), ct);
        await db.Execute($"delete from booking.calendar_links k using booking.listings l where l.id = k.listing_id and l.owner_id = {personId}", ct);
        foreach (var listing in (await db.Read($"delete from booking.feeds f using booking.listings l where l.id = f.listing_id and l.owner_id = {personId} returning f.listing_id", row => row.GetGuid(0), ct)).Distinct())
            db.Evict(Listing.TimesTag(listing));
    }
}
