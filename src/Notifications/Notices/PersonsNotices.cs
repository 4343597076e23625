using System.Runtime.CompilerServices;
using Quitanda.Platform;

namespace Quitanda.Notifications.Notices;

/// <summary>What somebody was told.</summary>
internal sealed class PersonsNotices : IPersonalData
{
    private const int AtOnce = 200;

    public string Name => "notifications";

    public string? Stays => null;

    public async IAsyncEnumerable<object> Export(Db db, Guid personId, [EnumeratorCancellation] CancellationToken ct)
    {
        var last = Guid.Empty;
        while (true)
        {
            var notices = await db.Read($"select {Notice.Columns} from notifications.notices n where n.person_id = {personId} and n.id > {last} order by n.id limit {AtOnce}", Notice.Read, ct);
            foreach (var notice in notices)
                yield return notice;
            if (notices.Count < AtOnce)
                yield break;
            last = notices[^1].Id;
        }
    }

    public Task Erase(Db db, Guid personId, CancellationToken ct) => db.Execute($"delete from notifications.notices where person_id = {personId}", ct);
}
