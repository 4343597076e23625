using Quitanda.Notifications.Webhooks;
using Quitanda.Platform;

namespace Quitanda.Notifications.Events;

/// <summary>Records what a module published, and has every endpoint that asked for it told. The event, its deliveries and the job's end are one commit.</summary>
internal sealed class RecordEvent<T>(Db db, CurrentJob job, TimeProvider clock) : IHandle<T> where T : notnull
{
    public async Task Handle(T message, CancellationToken ct)
    {
        var (type, data) = EventType.Of(message);
        var (id, now) = (Guid.CreateVersion7(job.MadeAt), clock.GetUtcNow());
        var endpoints = await db.Read(
            $"""
            with made as (
                insert into notifications.events (id, type, occurred_at, data, job_id, created_at) values ({id}, {type}, {job.MadeAt}, {Sql.Json(data)}, {job.Number}, {now})
                on conflict (job_id) do nothing returning id)
            select w.id from notifications.webhook_endpoints w cross join made where {Endpoint.IsOpen} and w.events && {EventType.PatternsFor(type)} order by w.id
            """, row => row.GetGuid(0), ct);
        foreach (var endpoint in endpoints)
            Delivery.Begin(db, id, endpoint, type, now);
    }
}
