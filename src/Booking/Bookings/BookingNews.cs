using Quitanda.Platform;

namespace Quitanda.Booking.Bookings;

/// <summary>How a booking stands now.</summary>
internal sealed record BookingChanged(Guid Id, string Code, BookingStatus Status, PaymentStatus PaymentStatus, DateTimeOffset At)
{
    public static Task<List<RealtimeNews>> Read(Db db, Guid[] ids, Sql owner, CancellationToken ct) => db.Read(
        $"select {owner}, id, code, status, payment_status, updated_at from booking.bookings where id = any({ids})",
        row => new RealtimeNews(row.GetGuid(0), new BookingChanged(
            row.GetGuid(1), row.GetString(2), Wire.Parse<BookingStatus>(row.GetString(3)), Wire.Parse<PaymentStatus>(row.GetString(4)), row.GetFieldValue<DateTimeOffset>(5))), ct);
}

/// <summary>What the realtime hub tells of a booking: to its renter, and of every booking to admins.</summary>
internal sealed class BookingNews : IRealtimeSource
{
    public string Kind => BookingEvents.BookingKind;

    public string Message => "bookingChanged";

    public Roles? ForAllOf => Roles.Admin;

    public Task<List<RealtimeNews>> Read(Db db, Guid[] ids, CancellationToken ct) => BookingChanged.Read(db, ids, Sql.Raw("renter_id"), ct);
}

/// <summary>The same to the owner of what is booked, and to nobody else: admins have heard it already.</summary>
internal sealed class OwnersBookingNews : IRealtimeSource
{
    /// <summary>Announced beside the booking itself: an announcement names one person.</summary>
    public const string OwnersKind = "owners_booking";

    public string Kind => OwnersKind;

    public string Message => "bookingChanged";

    public Roles? ForAllOf => null;

    public Task<List<RealtimeNews>> Read(Db db, Guid[] ids, CancellationToken ct) => BookingChanged.Read(db, ids, Sql.Raw("owner_id"), ct);
}
