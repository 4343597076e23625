using Microsoft.Extensions.Options;
using Quitanda.Notifications.Webhooks;
using Quitanda.Platform;

namespace Quitanda.Notifications.Events;

/// <summary>
/// Forgets events that are older than a setting says, with their deliveries, and notes how far, so that whoever was away for longer is told so. A part at a time, first of the
/// deliveries: each event may have been told to a hundred endpoints, ten times over.
/// </summary>
internal sealed class ForgetEvents(Db db, TimeProvider clock, IOptions<WebhookSettings> settings) : IHandle<Tick>, IHandle<ForgetEvents.Message>
{
    public const string Kind = "notifications.forget-events";

    /// <summary>The next part, at once.</summary>
    public const string NextKind = "notifications.forget-more-events";

    public static readonly TimeSpan Period = TimeSpan.FromMinutes(5);

    private const int AtMost = 5000;

    internal sealed record Message;

    public Task Handle(Tick message, CancellationToken ct) => Forget(ct);

    public Task Handle(Message message, CancellationToken ct) => Forget(ct);

    private async Task Forget(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        Sql Old() => $"select e.id from notifications.events e where e.created_at < {now.AddDays(-settings.Value.EventDays)} and e.position is not null order by e.created_at limit {AtMost}";
        var gone = await db.Execute(
            $"""
            delete from notifications.webhook_deliveries where id in (
                select d.id from ({Old()}) old join notifications.webhook_deliveries d on d.event_id = old.id limit {AtMost})
            """, ct);
        if (gone < AtMost)
            gone = await db.ReadFirst(
                $"""
                with gone as (delete from notifications.events where id in ({Old()}) returning position),
                noted as (update notifications.event_feed set forgotten = greatest(forgotten, (select max(position) from gone)) where exists (select from gone))
                select count(*)::integer from gone
                """, row => row.GetInt32(0), ct);
        // One at a time, though the next tick comes before the last part is done.
        if (gone == AtMost)
            db.Schedule(NextKind, new Message(), now, NextKind);
    }
}
