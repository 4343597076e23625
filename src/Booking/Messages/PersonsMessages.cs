using System.Runtime.CompilerServices;
using Quitanda.Platform;

namespace Quitanda.Booking.Messages;

/// <summary>What somebody wrote to the other side of bookings. That they wrote, and when, stays with the booking; what they wrote does not.</summary>
internal sealed class PersonsMessages : IPersonalData
{
    private const int AtOnce = 200;

    public string Name => "bookingMessages";

    public string Stays => "That a message was written on a booking, and when, stays with the booking, without its words.";

    public async IAsyncEnumerable<object> Export(Db db, Guid personId, [EnumeratorCancellation] CancellationToken ct)
    {
        var last = Guid.Empty;
        while (true)
        {
            var messages = await db.Read($"select {Message.Columns} from booking.messages m where m.author_id = {personId} and m.id > {last} order by m.id limit {AtOnce}", Message.Read, ct);
            foreach (var message in messages)
                yield return message;
            if (messages.Count < AtOnce)
                yield break;
            last = messages[^1].Id;
        }
    }

    public Task Erase(Db db, Guid personId, CancellationToken ct) => db.Execute($"update booking.messages set text = null where author_id = {personId} and text is not null", ct);
}
