using Quitanda.Notifications.Notices;
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

    private const int AtOnce = 500;

    public async Task Handle(Tick message, CancellationToken ct)
    {
        for (Guid? last = Guid.Empty; last is not null;)
        {
            var waiting = await db.Read(
                $"select id, channel from notifications.deliveries where status = 'pending' and id > {last.Value} order by id limit {AtOnce}",
                row => (Id: row.GetGuid(0), Channel: Wire.Parse<Channel>(row.GetString(1))), ct);
            HashSet<Guid> lost = [.. waiting.Select(delivery => delivery.Id)];
            // Whoever delivers ends the job and the delivery in one commit, or makes the next job in it: so one that waits has one.
            lost.ExceptWith(await OutstandingJobs.Of(db, SendSms.Kind, "deliveryId", Those(Channel.Sms), ct));
            lost.ExceptWith(await OutstandingJobs.Of(db, SendPush.Kind, "deliveryId", Those(Channel.Push), ct));
            lost.ExceptWith(await OutstandingJobs.OfMails(db, Those(Channel.Email), ct));
            var now = clock.GetUtcNow();
            await db.Execute(
                $"update notifications.deliveries set status = 'failed', reason = 'gave_up', updated_at = {now}, finished_at = {now} where id = any({lost.ToArray()}) and status = 'pending'", ct);
            last = waiting.Count < AtOnce ? null : waiting[^1].Id;

            Guid[] Those(Channel channel) => [.. waiting.Where(delivery => delivery.Channel == channel).Select(delivery => delivery.Id)];
        }
    }
}
