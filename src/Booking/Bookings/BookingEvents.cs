using Quitanda.Platform;

namespace Quitanda.Booking.Bookings;

/// <summary>A booking's timeline as a stream. Whoever adds to it holds the booking's lock, so its positions are seen in their order.</summary>
internal sealed class BookingEvents : IStreamSource
{
    public const string BookingKind = "booking";

    public string Kind => BookingKind;

    public Task<List<StreamEvent>> Read(Db db, IReadOnlyList<StreamPlace> places, int limit, CancellationToken ct)
    {
        var (ids, after) = (places.Select(place => place.Stream).ToArray(), places.Select(place => place.After).ToArray());
        return db.Read(
            $"""
            select wanted.place, e.position, e.status, e.at, e.made_by, e.reason
            from unnest({ids}, {after}) with ordinality as wanted (id, after, place)
            cross join lateral (
                select * from booking.booking_events where booking_id = wanted.id and position > wanted.after order by position limit {limit}
            ) e
            order by wanted.place, e.position
            """,
            row =>
            {
                var step = BookingDetails.Step.Read(row, 2);
                return new StreamEvent((int)row.GetInt64(0) - 1, row.GetInt32(1), "statusChanged", step, Reservation.IsFinal(step.Status));
            }, ct);
    }
}
