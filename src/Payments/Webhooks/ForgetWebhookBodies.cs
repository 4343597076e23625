using Quitanda.Platform;

namespace Quitanda.Payments.Webhooks;

/// <summary>Lets go of what providers wrote, once it is past any use: who paid stands in it. What happened when, and to which payment, stays.</summary>
internal sealed class ForgetWebhookBodies(Db db, TimeProvider clock) : IHandle<Tick>
{
    public const string Kind = "payments.forget-webhook-bodies";

    public static readonly TimeSpan Period = TimeSpan.FromHours(1);

    /// <summary>Longer than any provider takes to answer what we ask of an event.</summary>
    private static readonly TimeSpan Kept = TimeSpan.FromDays(90);

    private const int AtMost = 5000;

    public Task Handle(Tick message, CancellationToken ct) => db.Execute(
        $"update payments.webhook_events set body = null where id in (select id from payments.webhook_events where body is not null and received_at <= {clock.GetUtcNow() - Kept} order by received_at limit {AtMost})", ct);
}
