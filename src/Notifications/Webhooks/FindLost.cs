using Quitanda.Platform;

namespace Quitanda.Notifications.Webhooks;

/// <summary>
/// Finds deliveries that wait though no job will ever come to them: it died, or an operator deleted it. Each counts as an attempt that failed, so it is tried again, given up and
/// told of as any other.
/// </summary>
internal sealed class FindLost(Db db, Deliver deliver, TimeProvider clock) : IHandle<Tick>
{
    public const string Kind = "notifications.find-lost-deliveries";

    public static readonly TimeSpan Period = TimeSpan.FromMinutes(5);

    /// <summary>Of those that are due sooner, jobs are on their way.</summary>
    private static readonly TimeSpan Late = TimeSpan.FromMinutes(5);

    /// <summary>Deliveries of an endpoint a tick; the next one takes the rest.</summary>
    private const int AtMost = 100;

    public async Task Handle(Tick message, CancellationToken ct)
    {
        var dueBefore = clock.GetUtcNow() - Late;
        var endpoints = await db.Read(
            $"""
            select w.id from notifications.webhook_endpoints w
            where {Endpoint.IsOpen} and exists (select from notifications.webhook_deliveries d where d.endpoint_id = w.id and d.status = 'waiting' and d.next_at < {dueBefore}) order by w.id
            """, row => row.GetGuid(0), ct);
        foreach (var endpoint in endpoints)
            if ((await Lost(endpoint, dueBefore, ct)).Count > 0)
                await Fail(endpoint, dueBefore, ct);
    }

    /// <summary>Looks once more under the endpoint's lock, under which nobody else changes its deliveries: another process may have found them first.</summary>
    private async Task Fail(Guid endpoint, DateTimeOffset dueBefore, CancellationToken ct)
    {
        if (await Endpoint.Lock(db, endpoint, ct) is not { DisabledReason: null })
            return;
        foreach (var message in await Lost(endpoint, dueBefore, ct))
            await deliver.Write(message, new(clock.GetUtcNow(), DurationMs: 0, StatusCode: null, DeliveryError.Lost, Answer: null), ct);
    }

    private Task<List<Deliver.Message>> Lost(Guid endpoint, DateTimeOffset dueBefore, CancellationToken ct) => db.Read(
        $"""
        select d.id, d.turn from notifications.webhook_deliveries d
        where d.endpoint_id = {endpoint} and d.status = 'waiting' and d.next_at < {dueBefore} and not exists (
            select from ({Db.QueuedFor(Deliver.Kind, endpoint)}) job where (job.payload ->> 'deliveryId')::uuid = d.id and (job.payload ->> 'turn')::integer = d.turn)
        order by d.next_at, d.id limit {AtMost}
        """, row => new Deliver.Message(row.GetGuid(0), endpoint, row.GetInt32(1)), ct);
}
