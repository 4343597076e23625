using Quitanda.Platform;

namespace Quitanda.Booking.Messages;

/// <summary>That somebody wrote. What they wrote is read through the API.</summary>
internal sealed record BookingMessageWritten(Guid Id, Guid BookingId, Side From, DateTimeOffset At);

/// <summary>What the realtime hub tells of a message: to the other side, and to nobody else.</summary>
internal sealed class MessageNews : IRealtimeSource
{
    public const string MessageKind = "booking_message";

    public string Kind => MessageKind;

    public string Message => "bookingMessageWritten";

    public Roles? ForAllOf => null;

    public Task<List<RealtimeNews>> Read(Db db, Guid[] ids, CancellationToken ct) => db.Read(
        $"""
        select case m.author when 'renter' then b.owner_id else b.renter_id end, m.id, m.booking_id, m.author, m.created_at
        from booking.messages m join booking.bookings b on b.id = m.booking_id where m.id = any({ids})
        """,
        row => new RealtimeNews(row.GetGuid(0), new BookingMessageWritten(row.GetGuid(1), row.GetGuid(2), Wire.Parse<Side>(row.GetString(3)), row.GetFieldValue<DateTimeOffset>(4))), ct);
}
