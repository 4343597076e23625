using System.Runtime.CompilerServices;
using Quitanda.Platform;

namespace Quitanda.Accounts.Keys;

/// <summary>The API keys of a person. They go with them.</summary>
internal sealed class PersonsApiKeys : IPersonalData
{
    public string Name => "apiKeys";

    public string? Stays => null;

    public async IAsyncEnumerable<object> Export(Db db, Guid personId, [EnumeratorCancellation] CancellationToken ct)
    {
        foreach (var key in await db.Read($"select {OwnedApiKey.Columns} from accounts.api_keys where user_id = {personId} order by id", OwnedApiKey.Read, ct))
            yield return key;
    }

    public async Task Erase(Db db, Guid personId, CancellationToken ct)
    {
        foreach (var hash in await db.Read($"delete from accounts.api_keys where user_id = {personId} returning hash", row => row.GetFieldValue<byte[]>(0), ct))
            db.Evict(KnownKeys.Tag(hash));
    }
}
