using Quitanda.Booking;
using Quitanda.Platform;

namespace Quitanda.Notifications.Notices;

/// <summary>Tells renters and owners how bookings come along: what their letters tell, and to whom.</summary>
internal sealed class TellOfBookings(Notifier notifier, IBookings bookings) : IHandle<BookingMade>, IHandle<BookingStatusChanged>
{
    public const string MadeKind = "notifications.tell-of-made-bookings";
    public const string ChangedKind = "notifications.tell-of-bookings";

    public Task Handle(BookingMade message, CancellationToken ct) => message.Status switch
    {
        "requested" => Tell(message.BookingId, at: null, NoticeKinds.BookingRequested, [message.OwnerId], ct),
        // What costs nothing is confirmed when it is made.
        "confirmed" => Tell(message.BookingId, at: null, NoticeKinds.BookingConfirmed, [message.RenterId, message.OwnerId], ct),
        // Of one that is only held nobody is told until it is paid.
        _ => Task.CompletedTask,
    };

    public async Task Handle(BookingStatusChanged message, CancellationToken ct)
    {
        var (owner, renter) = (message.OwnerId, message.RenterId);
        switch (message.Status)
        {
            case "requested":
                await Tell(NoticeKinds.BookingRequested, owner);
                break;
            case "paid" when await bookings.Brief(message.BookingId, ct) is { AsksOwner: true }:
                await Tell(NoticeKinds.BookingRequested, owner);
                break;
            case "pending" when message.Before == "requested":
                await Tell(NoticeKinds.BookingAccepted, renter);
                break;
            case "confirmed":
                await Tell(message.Before == "confirmed" ? NoticeKinds.BookingMoved : NoticeKinds.BookingConfirmed, renter, owner);
                break;
            case "declined":
                await Tell(NoticeKinds.BookingDeclined, renter);
                break;
            case "cancelled":
                var isKnown = await bookings.Brief(message.BookingId, ct) is { IsKnownToOwner: true };
                await Tell(NoticeKinds.BookingCancelled, isKnown ? [renter, owner] : [renter]);
                break;
            case "expired":
                await Tell(NoticeKinds.BookingExpired, renter);
                break;
            default:
                break;
        }

        Task Tell(NoticeKind kind, params Guid[] people) => this.Tell(message.BookingId, message.At, kind, people, ct);
    }

    private async Task Tell(Guid bookingId, DateTimeOffset? at, NoticeKind kind, Guid[] people, CancellationToken ct)
    {
        if (await bookings.Brief(bookingId, ct) is not { } booking)
            return;
        // Whoever rents what is their own is told once.
        foreach (var person in people.Distinct())
            await notifier.Tell(
                person, kind, Happening.Of(bookingId, at), at, new BookingFacts(booking.Code, OneLine.Of(booking.Title)),
                new Dictionary<string, string>(StringComparer.Ordinal) { ["bookingId"] = bookingId.ToString(), ["bookingCode"] = booking.Code }, ct);
    }
}
