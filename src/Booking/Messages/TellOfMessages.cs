using Quitanda.Booking.Letters;
using Quitanda.Platform;

namespace Quitanda.Booking.Messages;

/// <summary>Writes to one side of a booking that messages wait for them: once for each message that they have not read by then, and once an hour at the most.</summary>
internal sealed class TellOfMessages(Db db, IMail mail, TimeProvider clock) : IHandle<TellOfMessages.Message>
{
    public const string Kind = "booking.tell-of-messages";

    private static readonly TimeSpan Apart = TimeSpan.FromHours(1);

    internal sealed record Message(Guid BookingId, Side Reader);

    public async Task Handle(Message message, CancellationToken ct)
    {
        var (id, reader, now) = (message.BookingId, message.Reader, clock.GetUtcNow());
        // Whoever tells holds this row, so that of two only one does.
        var told = await db.ReadFirst(
            $"""
            insert into booking.message_letters as l (booking_id, reader, told_at) values ({id}, {reader}, {DateTimeOffset.UnixEpoch})
            on conflict (booking_id, reader) do update set told_at = l.told_at returning told_at
            """, row => row.GetFieldValue<DateTimeOffset>(0), ct);
        var (fresh, unread) = await db.ReadFirst(
            $"select count(*) filter (where told_at is null), count(*) from booking.messages where booking_id = {id} and author <> {reader} and read_at is null", row => (row.GetInt64(0), row.GetInt64(1)), ct);
        if (fresh == 0)
            return;
        if (told + Apart > now)
        {
            db.Schedule(Kind, message, told + Apart, $"{Kind}:{id}:{reader.Name()}:{told.UtcTicks}");
            return;
        }

        await db.Execute($"update booking.messages set told_at = {now} where booking_id = {id} and author <> {reader} and told_at is null", ct);
        await db.Execute($"update booking.message_letters set told_at = {now} where booking_id = {id} and reader = {reader}", ct);
        var (person, code, title) = await db.ReadFirst(
            $"select case when {reader == Side.Owner} then owner_id else renter_id end, code, title from booking.bookings where id = {id}", row => (row.GetGuid(0), row.GetString(1), row.GetString(2)), ct);
        mail.Send(person, new MessagesWait(code, title, unread, unread == 1));
    }
}
