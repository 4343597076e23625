using System.Runtime.CompilerServices;
using Quitanda.Platform;

namespace Quitanda.Booking.Waitlist;

/// <summary>What somebody waits, and has waited, for. It goes whole; what was booked for them is a booking's business.</summary>
internal sealed class PersonsWaits(TimeProvider clock) : IPersonalData
{
    private const int AtOnce = 200;

    public string Name => "waitlist";

    public string? Stays => null;

    public async IAsyncEnumerable<object> Export(Db db, Guid personId, [EnumeratorCancellation] CancellationToken ct)
    {
        var last = Guid.Empty;
        while (true)
        {
            var waits = await db.Read($"select {Wait.Columns(clock.GetUtcNow())} from {Wait.From} where w.person_id = {personId} and w.id > {last} order by w.id limit {AtOnce}", Wait.Read, ct);
            foreach (var wait in waits)
                yield return wait;
            if (waits.Count < AtOnce)
                yield break;
            last = waits[^1].Id;
        }
    }

    public Task Erase(Db db, Guid personId, CancellationToken ct) => db.Execute($"delete from booking.waits where person_id = {personId}", ct);
}
