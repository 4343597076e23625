using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Accounts.Letters;
using Quitanda.Accounts.Sessions;
using Quitanda.Accounts.Tokens;
using Quitanda.Platform;

namespace Quitanda.Accounts.Passwords;

/// <summary>
/// Changes the caller's password. Their other sessions end, and with them every access token of before; this session goes on with the access token of the answer
/// and its refresh token. Every token in a letter is dead. Who has no password yet sets their first with a sign-in of the last ten minutes.
/// </summary>
[AnswersSecret]
[Refuses("invalid_credentials", 401), Refuses("sign_in_again", 403), Refuses("account_locked", 423), Refuses("unavailable", 503)]
internal static class ChangePassword
{
    internal sealed record Request(
        [StringLength(PasswordHashing.Longest, MinimumLength = PasswordHashing.Shortest), Uncommon] string NewPassword,
        [StringLength(PasswordHashing.Longest, MinimumLength = 1)] string? CurrentPassword = null) : IPreparedFor
    {
        internal PasswordProof? Proof { get; private set; }

        internal string? NewHash { get; private set; }

        async Task IPreparedFor.Prepare(Caller caller, IServiceProvider services, CancellationToken ct)
        {
            Proof = await PasswordProof.Of(caller, CurrentPassword, services, ct);
            if (Proof.IsRight)
                NewHash = await services.GetRequiredService<PasswordHashing>().Hash(NewPassword, ct);
        }
    }

    /// <summary>What this session goes on with, besides its refresh token.</summary>
    internal sealed record Response(string AccessToken, int ExpiresIn, string TokenType);

    public static async Task<Results<Ok<Response>, Problem>> Handle(Request request, Caller caller, Db db, AccessTokens accessTokens, IMail mail, TimeProvider clock, CancellationToken ct)
    {
        var (proof, now) = (request.Proof!, clock.GetUtcNow());
        if (await proof.Refusal(db, now, ct) is { } refused)
            return refused;

        await MailToken.EndAll(db, caller.Id, ct);
        // Only if this is still the password that was checked. The version goes up so that access tokens of before are refused, not only their renewal.
        var version = await db.ReadFirst(
            $"""
            update accounts.users set password_hash = {request.NewHash}, version = version + 1, updated_at = greatest(updated_at, {now})
            where id = {caller.Id} and is_active and password_hash is not distinct from {proof.Hash} returning version
            """, row => (long?)row.GetInt64(0), ct);
        if (version is null)
            throw PasswordProof.Wrong();

        db.Write($"update accounts.sessions set revoked_at = {now} where user_id = {caller.Id} and id <> {caller.SessionId} and revoked_at is null");
        db.Audit(new AuditEvent("PasswordChanged") { PersonId = caller.Id });
        db.Evict(KnownUsers.Tag(caller.Id));
        mail.Send(caller.Id, new PasswordChanged());
        return TypedResults.Ok(new Response(accessTokens.Issue(caller.Id, caller.SessionId, version.Value), accessTokens.LifetimeSeconds, BearerHandler.Scheme));
    }
}
