using Quitanda.Platform;

namespace Quitanda.Accounts.Sessions;

/// <summary>Deletes sessions that have ended by age, with their tokens, tokens of letters that are over, nonces of wallets and challenges of passkeys, and failures that do not count any more.</summary>
internal sealed class ForgetExpired(Db db) : IHandle<Tick>
{
    public async Task Handle(Tick message, CancellationToken ct)
    {
        await db.Execute($"delete from accounts.sessions where expires_at < {message.At}", ct);
        await db.Execute($"delete from accounts.refresh_tokens where expires_at < {message.At}", ct);
        await db.Execute($"delete from accounts.mail_tokens where expires_at < {message.At}", ct);
        await db.Execute($"delete from accounts.wallet_nonces where expires_at <= {message.At}", ct);
        await db.Execute($"delete from accounts.passkey_challenges where expires_at < {message.At}", ct);
        await db.Execute($"delete from accounts.sign_in_failures where last_at < {message.At - SignInFailures.Window}", ct);
    }
}
