using Microsoft.Extensions.DependencyInjection;
using Quitanda.Booking;
using Quitanda.MovingIn.Sources;
using Quitanda.Platform;

namespace Quitanda.MovingIn.Kinds;

/// <summary>What its owners rent out, by the day.</summary>
internal sealed class Listings : Kind<IncomingListing>
{
    public const string KindName = "listings";

    public static readonly string[] Tables = ["listings", "rentals", "rental_items", "spaces", "venues"];

    public static readonly string[] Owner = ["owner_id", "host_id", "vendor_id", "provider_id", "user_id"];

    public override string Name => KindName;

    public override Layout Layout { get; } = new(
        Tables,
        [
            new("id", "id", "listing_id"), new("owner", Owner), new("title", "title", "name"), new("description", "description"), new("category", "category", "category_name", "category.name", "category.title"),
            new("price", "price_per_day_cents", "price_per_day", "daily_price", "daily_rate", "price_cents", "price"), new("currency", "currency"),
            new("city", "city", "location", "place", "location.city"), new("address", "address", "street_address"), new("lat", "lat", "latitude"), new("lng", "lng", "lon", "longitude"),
            new("capacity", "capacity", "max_guests", "guests"), new("units", "units", "quantity", "stock"), new("isActive", "is_active", "active", "is_available", "available", "status"),
            new("isApproved", "is_approved", "approved", "approval_status", "is_verified"), new("image", "images", "image_urls", "image_url", "image", "photo.url", "photo.image_url", "photo.path"),
            new("createdAt", "created_at", "created"), new("updatedAt", "updated_at", "updated"), new("deletedAt", "deleted_at", "is_deleted"),
        ],
        new Side("category", Categories.Tables, (["id"], ["category_id"])),
        new Side("photo", ["images", "listing_images", "photos"], (["listing_id"], ["id"])));

    public override IEnumerable<(string Kind, string? OldId)> Named(SourceRow row) => [(Users.KindName, row.Id("owner"))];

    protected override IncomingListing? Map(SourceRow row, string oldId, Reading reading)
    {
        if (row.Flag("deletedAt") == true)
            row.Says.Refuse("deleted", "It was deleted there.");
        if (row.Amount("price") is not { } price)
        {
            row.Says.Refuse("price_invalid", "It has no price.");
            return null;
        }

        if (Needed(row, Users.KindName, "owner", "owner") is not { } owner || !row.Says.MayCome)
            return null;
        var created = row.Past("createdAt");
        return new(
            reading.IdOf(KindName, oldId, created), owner, row.Text("title"), row.Text("description"), row.Text("category"), new(price, row.Id("currency")?.ToUpperInvariant() ?? reading.Currency), row.Text("city"),
            row.Text("address"), (double?)row.Number("lat"), (double?)row.Number("lng"), (int?)Math.Clamp(row.Whole("capacity") ?? 0, 0, int.MaxValue), (int)Math.Clamp(row.Whole("units") ?? 1, int.MinValue, int.MaxValue),
            row.Stands("isActive", otherwise: true), row.Stands("isApproved", otherwise: true), reading.StoreZone.Id, reading.Metadata(oldId, row.Says, ("importedImage", row.Image("image"))), created, row.Past("updatedAt"));
    }

    protected override Task<IReadOnlyList<Arrival>> Take(IServiceProvider services, IncomingListing[] incoming, CancellationToken ct) => services.GetRequiredService<IBookingIntake>().TakeListings(incoming, ct);
}
