using Quitanda.Notifications.Texting;
using Quitanda.Notifications.WebPush;
using Quitanda.Platform;

namespace Quitanda.Notifications.Deliveries;

/// <summary>Notes in the log what nothing will deliver any more: its job is dead, or an operator deleted it. Put back into the queue, it is delivered all the same.</summary>
[EvenWhenOff]
internal sealed class EndLost(Db db, TimeProvider clock) : IHandle<Tick>
{
    public const string Kind = "notifications.end-lost-deliveries";

    public static readonly TimeSpan Period = TimeSpan.FromHours(1);

    /// <summary>Of more, the next tick takes the rest.</summary>
    private const int AtMost = 5000;

    public Task Handle(Tick message, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        // Whoever delivers ends the job and the delivery in one commit, or makes the next job in it: so one that waits has one.
        return db.Execute(
            $"""
            with queued as materialized ({MailNote.Queued} union all {Queued(SendSms.Kind)} union all {Queued(SendPush.Kind)})
            update notifications.deliveries set status = 'failed', reason = 'gave_up', updated_at = {now}, finished_at = {now}
            where status = 'pending' and id in (
                select d.id from notifications.deliveries d where d.status = 'pending' and not exists (select from queued where queued.id = d.id) order by d.id limit {AtMost})
            """, ct);
    }

    private static Sql Queued(string kind) => Sql.Of($"select (job.payload ->> 'deliveryId')::uuid from ({Db.Queued(kind)}) job");
}
