using System.Runtime.CompilerServices;
using Quitanda.Platform;

namespace Quitanda.Accounts.Keys;

/// <summary>The API keys of a person. They go with the account, and no process takes a key of somebody it does not know.</summary>
internal sealed class PersonsApiKeys : IPersonalData
{
    public string Name => "apiKeys";

    public string? Stays => null;

    public async IAsyncEnumerable<object> Export(Db db, Guid personId, [EnumeratorCancellation] CancellationToken ct)
    {
        foreach (var key in await db.Read($"select {OwnedApiKey.Columns} from accounts.api_keys where user_id = {personId} order by id", OwnedApiKey.Read, ct))
            yield return key;
    }

    public Task Erase(Db db, Guid personId, CancellationToken ct) => Task.CompletedTask;
}
