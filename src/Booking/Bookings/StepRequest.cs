using System.ComponentModel.DataAnnotations;
using Quitanda.Booking.Messages;
using Quitanda.Platform;

namespace Quitanda.Booking.Bookings;

/// <summary>What goes with a step of a booking.</summary>
/// <param name="Reason">Why; the other side reads it.</param>
[SchemaId("BookingStepRequest")]
internal sealed record StepRequest([StringLength(StepRequest.LongestReason)] string? Reason = null)
{
    private const int LongestReason = 500;

    /// <summary>The reason as the other side reads it: without ways to reach anybody until the booking is paid.</summary>
    public string? For(Reservation booking) => booking.PaidAt is null ? ContactDetails.Masked(Reason, LongestReason) : Reason;
}
