using System.Runtime.CompilerServices;
using Quitanda.Platform;

namespace Quitanda.Notifications.Preferences;

/// <summary>How somebody wants to be told.</summary>
internal sealed class PersonsPreferences(Choices choices, QuietTimes quiet) : IPersonalData
{
    public string Name => "notificationPreferences";

    public string? Stays => null;

    public async IAsyncEnumerable<object> Export(Db db, Guid personId, [EnumeratorCancellation] CancellationToken ct)
    {
        yield return await NoticePreferences.Read(choices, quiet, personId, ct);
    }

    public async Task Erase(Db db, Guid personId, CancellationToken ct)
    {
        await db.Execute($"delete from notifications.preferences where person_id = {personId}", ct);
        await db.Execute($"delete from notifications.people where person_id = {personId}", ct);
    }
}
