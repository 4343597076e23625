using System.Runtime.CompilerServices;
using Quitanda.Accounts.Profiles;
using Quitanda.Accounts.Sessions;
using Quitanda.Files;
using Quitanda.Platform;

namespace Quitanda.Accounts.Users;

/// <summary>
/// An account with its profile. It is deleted, and with it goes all that refers to it: sessions, tokens, addresses. Its id stays in orders and payments, where it
/// names nobody any more.
/// </summary>
internal sealed class PersonsAccount(IFiles files) : IPersonalData
{
    public string Name => "account";

    public string? Stays => null;

    public async IAsyncEnumerable<object> Export(Db db, Guid personId, [EnumeratorCancellation] CancellationToken ct)
    {
        if (await db.ReadFirst($"select {Account.Columns} from accounts.users where id = {personId}", Account.Read, ct) is not { } account)
            yield break;
        yield return new { Account = account, Profile = await Profile.Find(db, personId, ct) };
    }

    public async Task Erase(Db db, Guid personId, CancellationToken ct)
    {
        // Here and not in a route: whoever erases, the last admin stays.
        if (await Admins.LockWith(db, personId, ct) is not { } user)
            return;
        if (user.IsActingAdmin)
            Admins.RequireAnother(db, personId);

        await files.ShowOwn(ChangeMe.ShownBy, personId, personId, fileId: null, ct);
        await db.Execute($"delete from accounts.users where id = {personId}", ct);
        SignInFailures.Clear(db, SignInFailures.Key(user.Email, personId));
        db.Evict(KnownUsers.Tag(personId));
    }
}
