using System.Runtime.CompilerServices;
using Quitanda.Platform;

namespace Quitanda.Notifications.Deliveries;

/// <summary>What was sent to somebody, and when; not where to, which is not kept.</summary>
internal sealed class PersonsDeliveries : IPersonalData
{
    private const int AtOnce = 200;

    public string Name => "notificationDeliveries";

    public string? Stays => null;

    public async IAsyncEnumerable<object> Export(Db db, Guid personId, [EnumeratorCancellation] CancellationToken ct)
    {
        var last = Guid.Empty;
        while (true)
        {
            var deliveries = await db.Read(
                $"select {Delivery.Columns} from notifications.deliveries d where d.person_id = {personId} and d.id > {last} order by d.id limit {AtOnce}", Delivery.Read, ct);
            foreach (var delivery in deliveries)
                yield return delivery;
            if (deliveries.Count < AtOnce)
                yield break;
            last = deliveries[^1].Id;
        }
    }

    public Task Erase(Db db, Guid personId, CancellationToken ct) => db.Execute($"delete from notifications.deliveries where person_id = {personId}", ct);
}
