using System.Runtime.CompilerServices;
using Quitanda.Accounts.Users;
using Quitanda.Platform;

namespace Quitanda.Accounts.Keys;

/// <summary>The API keys of a person. They go with the account, and no process takes a key of somebody it does not know.</summary>
internal sealed class PersonsApiKeys : IPersonalData, IWayIn
{
    public string Name => "apiKeys";

    public string? Stays => null;

    public IReadOnlyList<string> Tables => ["api_keys"];

    public async IAsyncEnumerable<object> Export(Db db, Guid personId, [EnumeratorCancellation] CancellationToken ct)
    {
        foreach (var key in await db.Read($"select {OwnedApiKey.Columns} from accounts.api_keys where user_id = {personId} order by id", OwnedApiKey.Read, ct))
            yield return key;
    }

    public Task Erase(Db db, Guid personId, CancellationToken ct) => Task.CompletedTask;

    public async Task Close(Db db, Guid userId, CancellationToken ct)
    {
        foreach (var hash in await db.Read($"delete from accounts.api_keys where user_id = {userId} returning hash", row => row.GetFieldValue<byte[]>(0), ct))
            db.Evict(KnownKeys.Tag(hash));
    }
}
