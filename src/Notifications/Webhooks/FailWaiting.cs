using Quitanda.Platform;

namespace Quitanda.Notifications.Webhooks;

/// <summary>Notes that what waits for an endpoint has failed, once it is disabled: a part of it, and then the next.</summary>
internal sealed class FailWaiting(Db db, TimeProvider clock) : IHandle<FailWaiting.Message>
{
    public const string Kind = "notifications.fail-waiting-deliveries";

    private const int AtMost = 1000;

    /// <param name="EndpointId">The endpoint.</param>
    internal sealed record Message(Guid EndpointId);

    public async Task Handle(Message message, CancellationToken ct)
    {
        // Enabled again meanwhile, what still waits is sent.
        if (await Endpoint.Lock(db, message.EndpointId, ct) is not { DisabledReason: not null })
            return;
        var now = clock.GetUtcNow();
        var failed = await db.Execute(
            $"""
            update notifications.webhook_deliveries set status = 'failed', error = 'disabled', next_at = null, turn = turn + 1, updated_at = {now}
            where id in (select d.id from notifications.webhook_deliveries d where d.endpoint_id = {message.EndpointId} and d.status = 'waiting' limit {AtMost})
            """, ct);
        if (failed == AtMost)
            db.Schedule(Kind, message, now);
    }
}
