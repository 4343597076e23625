using System.Runtime.CompilerServices;
using Quitanda.Booking.Payouts;
using Quitanda.Platform;

namespace Quitanda.Booking.PersonalData;

/// <summary>What an owner earned, and what was paid out to them. It belongs to the books: all of it stays, under an id that names nobody any more.</summary>
internal sealed class PersonsEarnings : IPersonalData
{
    private const int AtOnce = 1000;

    public string Name => "earnings";

    public string Stays => "What was earned by bookings and paid out stays for the books. What was not paid out by then is still owed.";

    public async IAsyncEnumerable<object> Export(Db db, Guid personId, [EnumeratorCancellation] CancellationToken ct)
    {
        var last = Guid.Empty;
        while (true)
        {
            var earnings = await db.Read($"select {Earning.Columns} from {Earning.From} where e.owner_id = {personId} and e.id > {last} order by e.id limit {AtOnce}", Earning.Read, ct);
            foreach (var earning in earnings)
                yield return new { Earning = earning };
            if (earnings.Count < AtOnce)
                break;
            last = earnings[^1].Id;
        }

        last = Guid.Empty;
        while (true)
        {
            var payouts = await db.Read($"select {Payout.Columns} from booking.payouts p where p.owner_id = {personId} and p.id > {last} order by p.id limit {AtOnce}", Payout.Read, ct);
            foreach (var payout in payouts)
                yield return new { Payout = payout };
            if (payouts.Count < AtOnce)
                yield break;
            last = payouts[^1].Id;
        }
    }

    public Task Erase(Db db, Guid personId, CancellationToken ct) => Task.CompletedTask;
}
