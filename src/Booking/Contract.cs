using Quitanda.Booking.Bookings;
using Quitanda.Platform;

namespace Quitanda.Booking;

/// <summary>A booking was made: it is requested of the owner, or held and to be paid.</summary>
public sealed record BookingMade(Guid BookingId, Guid ListingId, Guid OwnerId, Guid RenterId, string Status) : IAnnounces
{
    Announcement IAnnounces.Announcement => new(BookingEvents.BookingKind, BookingId, RenterId);
}

/// <summary>A booking changed its status; <c>Status</c> is the new one, as in the API.</summary>
public sealed record BookingStatusChanged(Guid BookingId, Guid ListingId, Guid OwnerId, Guid RenterId, string Status) : IAnnounces
{
    Announcement IAnnounces.Announcement => new(BookingEvents.BookingKind, BookingId, RenterId);
}

/// <summary>Time of a listing is free again that was taken.</summary>
public sealed record TimeFreed(Guid ListingId, DateTimeOffset From, DateTimeOffset Until);

/// <summary>Money came in for a booking that could not be held any more, and goes back.</summary>
public sealed record BookingPaymentReturned(Guid BookingId, Money Amount);

/// <summary>Money of a booking that was paid in a basket has to go back: the basket has it done.</summary>
public sealed record BookingRefundDue(Guid BookingId, Guid BasketId, Money Amount, string Reason);
