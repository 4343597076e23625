using System.ComponentModel.DataAnnotations;
using Quitanda.Booking.Bookings;
using Quitanda.Platform;

namespace Quitanda.Booking;

/// <summary>A booking was made: it is requested of the owner, held and to be paid, or, where it costs nothing, confirmed.</summary>
public sealed record BookingMade(Guid BookingId, Guid ListingId, Guid OwnerId, Guid RenterId, string Status) : IAnnounces
{
    Announcement IAnnounces.Announcement => new(BookingEvents.BookingKind, BookingId, RenterId);

    Announcement? IAnnounces.Also => new(OwnersBookingNews.OwnersKind, BookingId, OwnerId);
}

/// <summary>A booking changed its status; <c>Status</c> is the new one, as in the API, <c>At</c> when it did, and <c>Before</c> the status that it had: one that has another time stays <c>confirmed</c>.</summary>
public sealed record BookingStatusChanged(Guid BookingId, Guid ListingId, Guid OwnerId, Guid RenterId, string Status, DateTimeOffset? At = null, string? Before = null) : IAnnounces
{
    Announcement IAnnounces.Announcement => new(BookingEvents.BookingKind, BookingId, RenterId);

    Announcement? IAnnounces.Also => new(OwnersBookingNews.OwnersKind, BookingId, OwnerId);
}

/// <summary>Time of a listing is free again that was taken.</summary>
public sealed record TimeFreed(Guid ListingId, DateTimeOffset From, DateTimeOffset Until);

/// <summary>Money came in for a booking that could not be held any more, and goes back.</summary>
public sealed record BookingPaymentReturned(Guid BookingId, Money Amount);

/// <summary>Money of a booking that was paid in a basket has to go back: the basket has it done.</summary>
public sealed record BookingRefundDue(Guid BookingId, Guid BasketId, Money Amount, string Reason);

/// <summary>What other modules may ask of bookings. Every call joins the caller's transaction.</summary>
public interface IBookings
{
    /// <summary>What a listing would come to for a time, and what stands against it. Nothing is held.</summary>
    /// <exception cref="InvalidException">The wish makes no sense for the listing: days for what is by the hour, an end before the beginning.</exception>
    Task<PricedRental> Price(WantedRental wanted, CancellationToken ct);

    /// <summary>How a booking is called; null where it is not there.</summary>
    Task<BookingBrief?> Brief(Guid bookingId, CancellationToken ct);

    /// <summary>The listings' rows locked in the order in which everybody locks them: before the first of several is held.</summary>
    Task LockListings(IReadOnlyCollection<Guid> listingIds, CancellationToken ct);

    /// <summary>Books a listing for a basket: it is held until that is paid, or lapses; also where its owner is asked, which is then done once it is paid.</summary>
    /// <exception cref="RefusedException">409, with the rule's name.</exception>
    Task<(Guid BookingId, Money Total)> Hold(WantedRental wanted, Guid renterId, Guid basketId, DateTimeOffset payBy, CancellationToken ct);
}

/// <summary>How a booking is called.</summary>
/// <param name="Code">What people call it by.</param>
/// <param name="Title">Of the listing, as it was.</param>
/// <param name="AsksOwner">Whether its owner says yes or no.</param>
/// <param name="IsKnownToOwner">Whether its owner has heard of it: of one that was only held they have not.</param>
public sealed record BookingBrief(string Code, string Title, bool AsksOwner, bool IsKnownToOwner);

/// <summary>A listing that somebody wants, and when: days of its own calendar, or instants.</summary>
/// <param name="ListingId">What is wanted.</param>
/// <param name="StartDate">The first day, of what is rented by the day.</param>
/// <param name="EndDate">The last day, inclusive.</param>
/// <param name="StartAt">The beginning, of what is rented by the hour: at a quarter of an hour.</param>
/// <param name="EndAt">The end, exclusive: at a quarter of an hour.</param>
/// <param name="Quantity">Units.</param>
/// <param name="AddOns">What is rented along.</param>
/// <param name="Guests">How many people it is for.</param>
/// <param name="Notes">For the owner.</param>
public sealed record WantedRental(
    Guid ListingId,
    DateOnly? StartDate = null,
    DateOnly? EndDate = null,
    DateTimeOffset? StartAt = null,
    DateTimeOffset? EndAt = null,
    [Range(1, 10_000)] int Quantity = 1,
    [MaxLength(50)] WantedRentalAddOn[]? AddOns = null,
    [Range(1, 1_000_000)] int? Guests = null,
    [StringLength(2000)] string? Notes = null);

/// <summary>An add-on, and how many of it.</summary>
public sealed record WantedRentalAddOn(Guid Id, [Range(1, 100_000)] int Quantity = 1);

/// <summary>What a listing would come to.</summary>
/// <param name="Title">The listing's; null where there is none to be booked.</param>
/// <param name="Total">With its deposit.</param>
/// <param name="Lines">What makes it up.</param>
/// <param name="Refusals">What stands against it: the rule's name and a sentence.</param>
public sealed record PricedRental(string? Title, SignedMoney? Total, IReadOnlyList<(string Rule, string? Label, SignedMoney Amount)> Lines, IReadOnlyList<(string Code, string Message)> Refusals);

/// <summary>Takes listings and bookings of another system in, many at once. Every call joins the caller's transaction.</summary>
public interface IBookingIntake
{
    /// <summary>Offers listings, one day at a time and booked at once. A category that is not here yet is made, with no commission.</summary>
    /// <returns>What became of each, in their order.</returns>
    Task<IReadOnlyList<Arrival>> TakeListings(IReadOnlyList<IncomingListing> listings, CancellationToken ct);

    /// <summary>
    /// Writes bookings down. Those whose time is not over hold it: of two that overlap, the first in the order given, and the other is refused. Their money stays where it was paid:
    /// nothing can be given back here, and no owner earns by them.
    /// </summary>
    /// <returns>What became of each, in their order.</returns>
    Task<IReadOnlyList<Arrival>> Take(IReadOnlyList<IncomingBooking> bookings, CancellationToken ct);
}

/// <summary>Something that was rented out elsewhere, by the day.</summary>
/// <param name="Id">What it is to be called here.</param>
/// <param name="OwnerId">Whose it is, here.</param>
/// <param name="Title">As people read it.</param>
/// <param name="Description">What it is.</param>
/// <param name="Category">The name of its category.</param>
/// <param name="Price">Of a day.</param>
/// <param name="City">Where it is.</param>
/// <param name="Address">Street and number.</param>
/// <param name="Lat">Degrees (WGS 84).</param>
/// <param name="Lng">There with <paramref name="Lat"/>, or not at all.</param>
/// <param name="Capacity">How many people it is for.</param>
/// <param name="Units">How many there are of it.</param>
/// <param name="IsActive">Whether it is offered.</param>
/// <param name="IsApproved">Whether it may be shown.</param>
/// <param name="TimeZone">Whose days are meant: the name of an IANA zone.</param>
/// <param name="Metadata">What is kept with the listing.</param>
/// <param name="CreatedAt">When it was added; now where it is null.</param>
/// <param name="UpdatedAt">When it was changed last.</param>
public sealed record IncomingListing(
    Guid Id, Guid OwnerId, string? Title, string? Description, string? Category, Money Price, string? City, string? Address, double? Lat, double? Lng, int? Capacity, int Units, bool IsActive, bool IsApproved,
    string TimeZone, IReadOnlyDictionary<string, string> Metadata, DateTimeOffset? CreatedAt, DateTimeOffset? UpdatedAt);

/// <summary>A booking of whole days.</summary>
/// <param name="Id">What it is to be called here.</param>
/// <param name="ListingId">Of what, here.</param>
/// <param name="RenterId">Who booked, here.</param>
/// <param name="Outcome">How it stands.</param>
/// <param name="PaymentStatus"><c>pending</c>, <c>paid</c>, <c>failed</c>, <c>partially_refunded</c> or <c>refunded</c>.</param>
/// <param name="First">The first day.</param>
/// <param name="Last">The last day, inclusive.</param>
/// <param name="Total">What it came to.</param>
/// <param name="Guests">How many people it was for.</param>
/// <param name="Notes">For the owner.</param>
/// <param name="CancelReason">Why it was called off.</param>
/// <param name="Metadata">What is kept with the booking.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ClosedAt">When it came to stand so; null where that is not known.</param>
public sealed record IncomingBooking(
    Guid Id, Guid ListingId, Guid RenterId, BookingOutcome Outcome, string PaymentStatus, DateOnly First, DateOnly Last, Money Total, int? Guests, string? Notes, string? CancelReason,
    IReadOnlyDictionary<string, string> Metadata, DateTimeOffset CreatedAt, DateTimeOffset? ClosedAt)
{
    /// <summary>Nothing of the person, so that none gets into a log by accident.</summary>
    public override string ToString() => nameof(IncomingBooking);
}

/// <summary>How a booking of another system stands.</summary>
public enum BookingOutcome
{
    /// <summary>It takes place, or has: which of the two, the clock says.</summary>
    Confirmed,

    /// <summary>It was called off.</summary>
    Cancelled,

    /// <summary>Its owner said no.</summary>
    Declined,
}
