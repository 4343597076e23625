using System.Runtime.CompilerServices;
using Quitanda.Accounts.Users;
using Quitanda.Platform;

namespace Quitanda.Accounts.Passkeys;

/// <summary>The passkeys of a person. They go with the account; what is on their devices is theirs to delete.</summary>
internal sealed class PersonsPasskeys : IPersonalData, IKeepsAccounts, IWayIn
{
    public string Name => "passkeys";

    public string? Stays => null;

    public IReadOnlyList<string> Tables => ["passkeys"];

    public async IAsyncEnumerable<object> Export(Db db, Guid personId, [EnumeratorCancellation] CancellationToken ct)
    {
        foreach (var passkey in await db.Read($"select {OwnedPasskey.Columns} from accounts.passkeys where user_id = {personId} order by id", OwnedPasskey.Read, ct))
            yield return passkey;
    }

    public Task Erase(Db db, Guid personId, CancellationToken ct) => Task.CompletedTask;

    /// <summary>Whoever signs in with a passkey needs no address that is proved.</summary>
    public Task<bool> Keeps(Db db, Guid userId, CancellationToken ct) => db.ReadFirst($"select 1 from accounts.passkeys where user_id = {userId} limit 1", _ => true, ct);

    public Task Close(Db db, Guid userId, CancellationToken ct) => db.Execute($"delete from accounts.passkeys where user_id = {userId}", ct);
}
