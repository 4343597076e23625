using System.Runtime.CompilerServices;
using Quitanda.Platform;

namespace Quitanda.Notifications.WebPush;

/// <summary>Browsers of somebody's that asked to be told.</summary>
internal sealed class PersonsSubscriptions : IPersonalData
{
    public string Name => "pushSubscriptions";

    public string? Stays => null;

    public async IAsyncEnumerable<object> Export(Db db, Guid personId, [EnumeratorCancellation] CancellationToken ct)
    {
        foreach (var subscription in await db.Read(
            $"select {PushSubscription.Columns} from notifications.push_subscriptions s where s.person_id = {personId} order by s.id limit {PushSubscriptions.AtMost}", PushSubscription.Read, ct))
            yield return subscription;
    }

    public Task Erase(Db db, Guid personId, CancellationToken ct) => db.Execute($"delete from notifications.push_subscriptions where person_id = {personId}", ct);
}
