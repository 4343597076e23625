using Quitanda.Payments.Payments;
using Quitanda.Payments.Refunds;
using Quitanda.Payments.Webhooks;
using Quitanda.Platform;

namespace Quitanda.Payments.Reconciling;

/// <summary>
/// Finds what a provider has not said the last word about, and has it asked: charges whose creation nobody heard the end of, charges that wait for their payers, refunds on
/// their way, events that nobody could handle. What was lost on the way is so made good.
/// </summary>
internal sealed class Reconcile(Db db, SecondCharges.SecondCharges seconds, TimeProvider clock) : IHandle<Tick>
{
    public const string Kind = "payments.reconcile";

    /// <summary>How often it looks, and so how late a lost event is made good.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMinutes(3);

    /// <summary>What is younger is left to its event.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Payments of a kind a tick, those asked after longest ago first; the next one takes the rest. Asking counts whether or not it is answered, so a provider that is away keeps nobody else's waiting.</summary>
    private const int AtMost = 200;

    /// <summary>A refused payer may pay on the provider's page after all, and one who came too late may have paid just before.</summary>
    private static readonly TimeSpan AfterwardsEvery = TimeSpan.FromMinutes(15);

    private static readonly TimeSpan AfterwardsFor = TimeSpan.FromDays(2);

    /// <summary>Money that came in is asked after now and then, for as long as banks let their customers want it back.</summary>
    private static readonly TimeSpan LaterEvery = TimeSpan.FromDays(7);

    private static readonly TimeSpan DisputedEvery = TimeSpan.FromHours(6);

    private static readonly TimeSpan LaterFor = TimeSpan.FromDays(120);

    /// <summary>A tick's share of those: some ten thousand a day.</summary>
    private const int LaterAtMost = 20;

    /// <summary>A refund or an event that no job looks after any more is taken up again.</summary>
    private static readonly TimeSpan JobPatience = TimeSpan.FromHours(1);

    public async Task Handle(Tick message, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        // The conditions are the indexes' own, word for word, so that a plan made without values may use them.
        await Ask($"status in ('processing', 'pending') and updated_at <= {now - Patience} and (asked_at is null or asked_at <= {now - Patience})", AtMost, now, ct);
        await Ask($"status in ('failed', 'cancelled') and created_at > {now - AfterwardsFor} and updated_at <= {now - AfterwardsEvery} and (asked_at is null or asked_at <= {now - AfterwardsEvery})", AtMost, now, ct);
        await Ask($"""
            status in ('succeeded', 'disputed', 'partially_refunded') and created_at > {now - LaterFor}
                and (asked_at <= {now - LaterEvery} or (status = 'disputed' and asked_at <= {now - DisputedEvery}))
            """, LaterAtMost, now, ct);

        var refunds = await db.Read($"select id from payments.refunds where status = 'pending' and updated_at <= {now - JobPatience} order by created_at limit {AtMost}", row => row.GetGuid(0), ct);
        foreach (var id in refunds)
            db.Schedule(PayBack.Kind, new PayBack.Message(id), now, KeyOf(PayBack.Kind, id, now));

        await seconds.AskAgain(now, ct);

        var events = await db.Read(
            $"select provider, event_id from payments.webhook_events where state = 'received' and received_at <= {now - JobPatience} order by received_at limit {AtMost}", row => new HandleWebhook.Message(row.GetString(0), row.GetString(1)), ct);
        foreach (var received in events)
            db.Schedule(HandleWebhook.Kind, received, now, $"{HandleWebhook.KeyOf(received.Provider, received.EventId)}@{now:yyyyMMddHH}");
    }

    private async Task Ask(Sql which, int atMost, DateTimeOffset now, CancellationToken ct)
    {
        var asked = await db.Read(
            $"""
            update payments.payments set asked_at = {now} where id in (
                select id from payments.payments where provider <> 'manual' and {which} order by asked_at nulls first, id limit {atMost} for update skip locked)
            returning id, provider_reference is null
            """, row => (Id: row.GetGuid(0), IsUnknown: row.GetBoolean(1)), ct);
        foreach (var (id, isUnknown) in asked)
            if (isUnknown)
                db.Schedule(CreateAtProvider.Kind, new CreateAtProvider.Message(id), now, KeyOf(CreateAtProvider.Kind, id, now));
            else
                db.Schedule(AskProvider.Kind, new AskProvider.Message(id), now, KeyOf(AskProvider.Kind, id, now));
    }

    /// <summary>Of the hour's own: a job that gave up keeps its key.</summary>
    private static string KeyOf(string kind, Guid id, DateTimeOffset now) => $"{kind}:{id}@{now:yyyyMMddHH}";
}
