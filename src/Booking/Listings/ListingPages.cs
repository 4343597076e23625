using Microsoft.Extensions.Options;
using Quitanda.Platform;

namespace Quitanda.Booking.Listings;

/// <summary>Listings that anyone sees, for the site map.</summary>
internal sealed class ListingPages(IOptions<BookingSettings> settings) : ISitemapSource
{
    public string Name => "listings";

    public string Tag => Listing.All;

    public string Template => settings.Value.ListingUrl;

    public Task<long> Count(Db db, CancellationToken ct) => db.ReadFirst($"select count(*) from booking.listings l where {Listing.Shown}", row => row.GetInt64(0), ct);

    public async Task<IReadOnlyList<SitemapPage>> Read(Db db, long skip, int take, CancellationToken ct) => await db.Read(
        $"select l.id, l.updated_at from booking.listings l where {Listing.Shown} order by l.id limit {take} offset {skip}",
        row => new SitemapPage(row.GetGuid(0), null, row.GetFieldValue<DateTimeOffset>(1)), ct);
}
