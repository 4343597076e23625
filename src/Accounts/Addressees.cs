using Quitanda.Platform;

namespace Quitanda.Accounts;

/// <summary>Where a user's mails go, and in which language, at the moment they are sent.</summary>
internal sealed class Addressees(Db db) : IAddressees
{
    public Task<Addressee?> Find(Guid userId, CancellationToken ct) =>
        db.ReadFirst($"select email, name, locale from accounts.users where id = {userId} and email is not null", row => new Addressee(row.GetString(0), row.GetString(1), row.GetString(2)), ct);
}
