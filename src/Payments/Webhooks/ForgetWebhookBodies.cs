using Quitanda.Platform;

namespace Quitanda.Payments.Webhooks;

/// <summary>Lets go of what providers wrote, once it is past any use: who paid stands in it. What happened when, and to which payment, stays.</summary>
internal sealed class ForgetWebhookBodies(Db db, TimeProvider clock) : IHandle<Tick>
{
    public const string Kind = "payments.forget-webhook-bodies";

    public static readonly TimeSpan Period = TimeSpan.FromHours(1);

    /// <summary>What was handled, or is about nothing of ours, is looked at by somebody soon or by nobody.</summary>
    private static readonly TimeSpan Kept = TimeSpan.FromDays(14);

    /// <summary>What waits for somebody waits longer.</summary>
    private static readonly TimeSpan KeptParked = TimeSpan.FromDays(90);

    private const int AtMost = 5000;

    public Task Handle(Tick message, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        return db.Execute(
            $"""
            update payments.webhook_events set body = null where id in (
                select id from payments.webhook_events where body is not null and received_at <= {now - Kept} and (state in ('handled', 'ignored') or received_at <= {now - KeptParked})
                order by received_at limit {AtMost})
            """, ct);
    }
}
