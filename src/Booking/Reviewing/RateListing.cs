using Quitanda.Booking.Listings;
using Quitanda.Platform;
using Quitanda.Reviews;

namespace Quitanda.Booking.Reviewing;

/// <summary>Keeps with a listing what its reviews come to, whatever it is told of, in whatever order, and however often: it counts anew.</summary>
internal sealed class RateListing(Db db, IReviews reviews) : IHandle<RatingChanged>
{
    public const string Kind = "booking.rate-listing";

    public async Task Handle(RatingChanged message, CancellationToken ct)
    {
        if (message.Kind != Stay.Listing)
            return;
        // What is counted is held until this commits, so nobody who counted sooner writes later.
        var (stars, count) = await reviews.Count(message.Kind, message.Id, ct);
        var was = await db.ReadFirst(
            $"""
            with was as (
                select id, rating_sum, rating_count from booking.listings
                where id = {message.Id} and (rating_sum <> {stars} or rating_count <> {count}) for no key update
            )
            update booking.listings l set rating_sum = {stars}, rating_count = {count} from was where l.id = was.id
            returning was.rating_sum, was.rating_count
            """, row => ((long Stars, int Count)?)(row.GetInt64(0), row.GetInt32(1)), ct);
        if (was is not { } before)
            return;
        // Lists are ordered by more decimals than are shown.
        db.Evict(Listing.All);
        if (before.Count != count || ListingDetails.RatingOf(before.Stars, before.Count) != ListingDetails.RatingOf(stars, count))
            db.Evict(Listing.Tag(message.Id));
    }
}
