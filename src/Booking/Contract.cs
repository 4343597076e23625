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
