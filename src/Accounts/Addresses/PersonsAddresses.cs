using System.Runtime.CompilerServices;
using Quitanda.Platform;

namespace Quitanda.Accounts.Addresses;

/// <summary>The addresses that somebody saved. They go with the account.</summary>
internal sealed class PersonsAddresses : IPersonalData
{
    public string Name => "addresses";

    public string? Stays => null;

    public async IAsyncEnumerable<object> Export(Db db, Guid personId, [EnumeratorCancellation] CancellationToken ct)
    {
        // No user has more than AddressBook.AtMost.
        foreach (var address in await db.Read($"select {SavedAddress.Columns} from accounts.addresses where user_id = {personId} order by created_at, id", SavedAddress.Read, ct))
            yield return address;
    }

    public Task Erase(Db db, Guid personId, CancellationToken ct) => Task.CompletedTask;
}
