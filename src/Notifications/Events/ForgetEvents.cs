using Microsoft.Extensions.Options;
using Quitanda.Notifications.Webhooks;
using Quitanda.Platform;

namespace Quitanda.Notifications.Events;

/// <summary>Forgets events that are older than a setting says, with their deliveries, and notes how far, so that whoever was away for longer is told so.</summary>
internal sealed class ForgetEvents(Db db, TimeProvider clock, IOptions<WebhookSettings> settings) : IHandle<Tick>
{
    public const string Kind = "notifications.forget-events";

    public static readonly TimeSpan Period = TimeSpan.FromMinutes(5);

    private const int AtMost = 5000;

    public Task Handle(Tick message, CancellationToken ct) => db.Execute(
        $"""
        with gone as (
            delete from notifications.events where id in (
                select e.id from notifications.events e where e.created_at < {clock.GetUtcNow().AddDays(-settings.Value.EventDays)} and e.position is not null order by e.created_at limit {AtMost})
            returning position)
        update notifications.event_feed set forgotten = greatest(forgotten, (select max(position) from gone)) where exists (select from gone)
        """, ct);
}
