using Quitanda.Platform;

namespace Quitanda.Accounts.Tokens;

/// <summary>What a token in a letter is good for.</summary>
internal enum TokenPurpose
{
    VerifyEmail,
    ResetPassword,
    ChangeEmail,
}

/// <summary>A token that went out in a letter, known only by its hash. A user has one for each purpose, which is the newest.</summary>
internal sealed class MailToken
{
    /// <summary>How long one is good that proves an address.</summary>
    public static readonly TimeSpan ProofLifetime = TimeSpan.FromHours(24);

    /// <summary>How long one is good that sets a password.</summary>
    public static readonly TimeSpan ResetLifetime = TimeSpan.FromHours(1);

    public required Guid UserId { get; init; }
    public required TokenPurpose Purpose { get; init; }
    public required byte[] Hash { get; init; }

    /// <summary>The address that the letter went to.</summary>
    public required string Email { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>How long one of this purpose is good.</summary>
    public static TimeSpan LifetimeOf(TokenPurpose purpose) => purpose == TokenPurpose.ResetPassword ? ResetLifetime : ProofLifetime;

    /// <summary>
    /// Gives a token to a user if they are active and <paramref name="still"/> holds, in place of any older one of its purpose. The statement answers whom it was given:
    /// address, name, locale.
    /// </summary>
    /// <param name="userId">Whose it is.</param>
    /// <param name="purpose">What it is for.</param>
    /// <param name="token">The token itself, of which the hash is kept.</param>
    /// <param name="email">The address it proves; null for the user's own.</param>
    /// <param name="still">What must be so, in terms of <c>u</c>.</param>
    /// <param name="now">When.</param>
    public static Sql Issuing(Guid userId, TokenPurpose purpose, string token, string? email, Sql still, DateTimeOffset now) =>
        Sql.Of($"""
            with issued as (
                insert into accounts.mail_tokens (user_id, purpose, hash, email, created_at, expires_at)
                select u.id, {purpose}, {OpaqueToken.HashOf(token)}, coalesce({email}, u.email), {now}, {now + LifetimeOf(purpose)} from accounts.users u
                where u.id = {userId} and u.is_active and coalesce({email}, u.email) is not null and {still}
                on conflict (user_id, purpose) do update set hash = excluded.hash, email = excluded.email, created_at = excluded.created_at, expires_at = excluded.expires_at
                returning user_id, email
            )
            select u.email, u.name, u.locale from issued join accounts.users u on u.id = issued.user_id
            """);

    /// <summary>Locks every token of whoever has this one, so that whoever spends it may end the others too after the user's row was written.</summary>
    public static Task<int> LockAll(Db db, byte[] hash, CancellationToken ct) => db.Execute(
        $"select 1 from accounts.mail_tokens where user_id = (select user_id from accounts.mail_tokens where hash = {hash}) order by purpose for update", ct);

    /// <summary>Ends every token of a user. Before their row is changed, always: tokens come before users, so that two cannot deadlock.</summary>
    public static Task<int> EndAll(Db db, Guid userId, CancellationToken ct) => db.Execute($"delete from accounts.mail_tokens where user_id = {userId}", ct);

    /// <summary>What somebody is told whose token is not good, or not any more.</summary>
    public static RefusedException Refused() => new("invalid_token", "The link is not good, or not any more; ask for a new one.", 400);
}
