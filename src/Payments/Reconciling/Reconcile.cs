using Quitanda.Payments.Payments;
using Quitanda.Payments.Refunds;
using Quitanda.Platform;

namespace Quitanda.Payments.Reconciling;

/// <summary>
/// Finds what a provider has not said the last word about, and has it asked: charges whose creation nobody heard the end of, charges that wait for their payers, refunds on
/// their way. An event that was lost is so made good.
/// </summary>
internal sealed class Reconcile(Db db, TimeProvider clock) : IHandle<Tick>
{
    public const string Kind = "payments.reconcile";

    /// <summary>How often it looks, and so how late a lost event is made good.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMinutes(3);

    /// <summary>What is younger is left to its event.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Payments a tick, those asked after longest ago first; the next one takes the rest.</summary>
    private const int AtMost = 200;

    /// <summary>A refund that no job looks after any more is taken up again this often.</summary>
    private static readonly TimeSpan RefundPatience = TimeSpan.FromHours(1);

    public async Task Handle(Tick message, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        // The condition is the index's own, word for word, so that a plan made without values may use it.
        var waiting = await db.Read(
            $"""
            select id, provider_reference is null from payments.payments
            where status in ('processing', 'pending') and provider <> 'manual' and updated_at <= {now - Patience} and (asked_at is null or asked_at <= {now - Patience})
            order by asked_at nulls first, id limit {AtMost}
            """, row => (Id: row.GetGuid(0), IsUnknown: row.GetBoolean(1)), ct);
        foreach (var (id, isUnknown) in waiting)
            // Under a key of the tick's own: a job that gave up keeps the old one.
            if (isUnknown)
                db.Schedule(CreateAtProvider.Kind, new CreateAtProvider.Message(id), now, $"{CreateAtProvider.Kind}:{id}@{now:yyyyMMddHH}");
            else
                db.Schedule(AskProvider.Kind, new AskProvider.Message(id), now, $"{AskProvider.Kind}:{id}@{now:yyyyMMddHH}");

        var refunds = await db.Read($"select id from payments.refunds where status = 'pending' and updated_at <= {now - RefundPatience} order by created_at limit {AtMost}", row => row.GetGuid(0), ct);
        foreach (var id in refunds)
            db.Schedule(PayBack.Kind, new PayBack.Message(id), now, $"{PayBack.Kind}:{id}@{now:yyyyMMddHH}");
    }
}
