using Microsoft.Extensions.DependencyInjection;
using Quitanda.MovingIn.Sources;
using Quitanda.Platform;
using Quitanda.Reviews;

namespace Quitanda.MovingIn.Kinds;

/// <summary>What people said of products. Whether they had received them is not asked again.</summary>
internal sealed class ProductReviews : Kind<IncomingReview>
{
    public const string KindName = "reviews";

    private const string Product = "product";

    public override string Name => KindName;

    public override Layout Layout { get; } = new(
        ["reviews", "product_reviews", "ratings"],
        [
            new("id", "id", "review_id"), new("user", "user_id", "author_id", "customer_id"), new("product", "product_id"), new("rating", "rating", "stars", "score"),
            new("comment", "comment", "body", "content", "text", "review"), new("createdAt", "created_at", "created"),
        ]);

    public override IEnumerable<(string Kind, string? OldId)> Named(SourceRow row) => [(Users.KindName, row.Id("user")), (Products.KindName, row.Id("product"))];

    protected override IncomingReview? Map(SourceRow row, string oldId, Reading reading)
    {
        var created = row.Past("createdAt");
        if (Needed(row, Users.KindName, "user", "author") is not { } author || Needed(row, Products.KindName, "product", "product") is not { } product)
            return null;
        return new(reading.IdOf(KindName, oldId, created), Product, product, author, Stars(row), row.Text("comment"), StayId: null, CounterpartId: null, created);
    }

    protected override Task<IReadOnlyList<Arrival>> Take(IServiceProvider services, IncomingReview[] incoming, CancellationToken ct) => services.GetRequiredService<IReviewsIntake>().Take(incoming, ct);

    /// <summary>Stars; none where there is no whole number of them.</summary>
    internal static int Stars(SourceRow row) => (int)Math.Clamp(row.Whole("rating") ?? 0, 0, 100);
}

/// <summary>What people said of where they stayed. It is of a booking: the one that it names, or the newest that its author has there.</summary>
internal sealed class ListingReviews : Kind<IncomingReview>
{
    public override string Name => ProductReviews.KindName;

    public override Layout Layout { get; } = new(
        ["reviews", "listing_reviews", "ratings"],
        [
            new("id", "id", "review_id"), new("user", "user_id", "author_id", "renter_id", "consumer_id", "customer_id"), new("listing", [.. Bookings.Listing, "booking.listing_id"]),
            new("booking", "booking_id", "stay.id"), new("owner", [.. Listings.Owner.Select(column => $"listing.{column}")]), new("rating", "rating", "stars", "score"),
            new("comment", "comment", "body", "content", "text", "review"), new("createdAt", "created_at", "created"),
        ],
        new Side("booking", ["bookings", "reservations"], (["id"], ["booking_id"])),
        new Side("stay", ["bookings", "reservations"], (Bookings.Listing, Bookings.Listing), (Bookings.Renter, ["user_id", "author_id", "renter_id", "consumer_id", "customer_id"])),
        new Side("listing", Listings.Tables, (["id"], Bookings.Listing)));

    public override IEnumerable<(string Kind, string? OldId)> Named(SourceRow row) =>
        [(Users.KindName, row.Id("user")), (Users.KindName, row.Id("owner")), (Listings.KindName, row.Id("listing")), (Bookings.KindName, row.Id("booking"))];

    protected override IncomingReview? Map(SourceRow row, string oldId, Reading reading)
    {
        var created = row.Past("createdAt");
        if (Needed(row, Users.KindName, "user", "author") is not { } author || Needed(row, Listings.KindName, "listing", "listing") is not { } listing
            || Needed(row, Bookings.KindName, "booking", "stay") is not { } stay || Needed(row, Users.KindName, "owner", "owner") is not { } owner)
            return null;
        return new(reading.IdOf(Name, oldId, created), Stay.Listing, listing, author, ProductReviews.Stars(row), row.Text("comment"), stay, owner, created);
    }

    protected override Task<IReadOnlyList<Arrival>> Take(IServiceProvider services, IncomingReview[] incoming, CancellationToken ct) => services.GetRequiredService<IReviewsIntake>().Take(incoming, ct);
}
