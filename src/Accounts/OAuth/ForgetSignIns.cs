using Quitanda.Platform;

namespace Quitanda.Accounts.OAuth;

/// <summary>Deletes sign-ins by a provider that nobody ended in time, and codes that nobody exchanged.</summary>
internal sealed class ForgetSignIns(Db db) : IHandle<Tick>
{
    public const string Kind = "accounts.forget-provider-sign-ins";

    public async Task Handle(Tick message, CancellationToken ct)
    {
        await db.Execute($"delete from accounts.oauth_states where expires_at < {message.At}", ct);
        await db.Execute($"delete from accounts.oauth_codes where expires_at < {message.At}", ct);
    }
}
