using Microsoft.Extensions.DependencyInjection;
using Quitanda.Accounts.Sessions;
using Quitanda.Platform;

namespace Quitanda.Accounts.Users;

/// <summary>
/// A way into an account, or to act for it, besides its password: a passkey, an API key, an identity at a provider. Whatever brings one registers it with
/// <see cref="WaysIn.AddWayIn{T}"/>.
/// </summary>
internal interface IWayIn
{
    /// <summary>The tables of accounts that it lies in, for a test to find one that nobody closes.</summary>
    IReadOnlyList<string> Tables { get; }

    /// <summary>Closes it for everybody who has it, in the caller's transaction, with the user's row locked.</summary>
    Task Close(Db db, Guid userId, CancellationToken ct);
}

/// <summary>How ways into an account are made known.</summary>
internal static class WaysIn
{
    /// <summary>Has <typeparamref name="T"/> be closed when an account gets into the hands of whom its address belongs to.</summary>
    public static IServiceCollection AddWayIn<T>(this IServiceCollection services) where T : class, IWayIn => services.AddSingleton<IWayIn, T>();
}

/// <summary>
/// An account goes to whom its address belongs. Until an address is proved, anybody may have signed up with it, and prepared a way to come back: so the moment that
/// its owner proves it by other means than a letter from us to the one who signed up, every way in of before is closed.
/// </summary>
internal sealed class Takeover(IEnumerable<IWayIn> ways, TimeProvider clock)
{
    /// <summary>
    /// Closes every way in but the password, which the statement that proves the address sets anew together with the version; tokens of letters are ended before it.
    /// Called with the user's row locked by that statement.
    /// </summary>
    public async Task CloseAll(Db db, Guid userId, string email, CancellationToken ct)
    {
        foreach (var way in ways)
            await way.Close(db, userId, ct);
        EndSessions(db, userId, email);
    }

    /// <summary>Ends every session, and lifts the lock after failed sign-ins, as whoever proves their address by a letter has a right to.</summary>
    public void EndSessions(Db db, Guid userId, string email)
    {
        db.Write($"update accounts.sessions set revoked_at = {clock.GetUtcNow()} where user_id = {userId} and revoked_at is null");
        SignInFailures.Clear(db, SignInFailures.Key(email));
        db.Evict(KnownUsers.Tag(userId));
    }
}
