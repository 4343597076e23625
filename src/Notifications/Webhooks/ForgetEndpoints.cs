using Quitanda.Platform;

namespace Quitanda.Notifications.Webhooks;

/// <summary>Takes away what was delivered to endpoints that are deleted, little by little, and then the endpoints.</summary>
internal sealed class ForgetEndpoints(Db db) : IHandle<Tick>
{
    public const string Kind = "notifications.forget-endpoints";

    public static readonly TimeSpan Period = TimeSpan.FromMinutes(5);

    private const int AtMost = 5000;

    public async Task Handle(Tick message, CancellationToken ct)
    {
        var gone = await db.Execute(
            $"""
            delete from notifications.webhook_deliveries where id in (
                select d.id from notifications.webhook_endpoints w join notifications.webhook_deliveries d on d.endpoint_id = w.id where w.deleted_at is not null limit {AtMost})
            """, ct);
        if (gone < AtMost)
            await db.Execute($"delete from notifications.webhook_endpoints w where w.deleted_at is not null and not exists (select from notifications.webhook_deliveries d where d.endpoint_id = w.id)", ct);
    }
}
