using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Booking.Holding;
using Quitanda.Booking.Listings;
using Quitanda.Booking.Pricing;
using Quitanda.Platform;

namespace Quitanda.Booking.Bookings;

/// <summary>Says what a booking would cost, line by line, and everything that stands against it now. Nothing is held.</summary>
[ReadsOnly, Refuses("unknown_listing")]
internal static class QuoteBooking
{
    /// <summary>What a booking would cost.</summary>
    /// <param name="IsPossible">Whether nothing stands against it.</param>
    /// <param name="StartAt">Its beginning.</param>
    /// <param name="EndAt">Its end, exclusive.</param>
    /// <param name="PriceLines">What makes the price; they sum to the total.</param>
    /// <param name="Deposit">What of it comes back when all is well.</param>
    /// <param name="TotalAmount">All of it.</param>
    /// <param name="InstantBooking">Whether its owner need not be asked.</param>
    /// <param name="CancellationPolicy">What a renter who cancels gets back.</param>
    /// <param name="Refusals">Each rule that stands against it, by its name.</param>
    [SchemaId("BookingQuote")]
    internal sealed record Answer(
        bool IsPossible, DateTimeOffset StartAt, DateTimeOffset EndAt, IReadOnlyList<BookingSummary.Line> PriceLines, Money Deposit, SignedMoney TotalAmount, bool InstantBooking,
        IReadOnlyList<CancellationStep> CancellationPolicy, IReadOnlyList<Refusal> Refusals);

    public static async Task<Ok<Answer>> Handle(MakeBooking.Request request, Db db, FreeTimes freeTimes, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if (await Listing.Find(db, request.ListingId, ct) is not { IsShown: true } listing)
            throw new RefusedException("unknown_listing", "There is no such listing to be booked.");
        var (offer, refusals) = await freeTimes.Judge(listing, request.Wanted, now, ct);
        return TypedResults.Ok(new Answer(
            refusals.Count == 0, offer.Period.From, offer.Period.Until, BookingSummary.Line.Of(offer.Lines, listing.Currency), new(offer.Deposit, listing.Currency), new(offer.Total, listing.Currency),
            listing.Instant, listing.Terms.CancellationPolicy, refusals));
    }
}
