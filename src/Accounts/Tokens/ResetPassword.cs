using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Accounts.Letters;
using Quitanda.Accounts.Passwords;
using Quitanda.Accounts.Users;
using Quitanda.Platform;

namespace Quitanda.Accounts.Tokens;

/// <summary>
/// Sets a new password with the token out of a letter, which proves the address as well. All sessions end, every other token in a letter is dead,
/// and a lock after failed sign-ins is lifted. Where the address was not proved before, the second factor, API keys and every other way into the account end too: anybody
/// may have signed up with it. The token is good once, for an hour.
/// </summary>
[Refuses("invalid_token", 400), Refuses("unavailable", 503)]
internal static class ResetPassword
{
    internal sealed record Request(
        [StringLength(200, MinimumLength = 1)] string Token,
        [StringLength(PasswordHashing.Longest, MinimumLength = PasswordHashing.Shortest), Uncommon] string Password) : IPrepared
    {
        /// <summary>Null where the token was no good already.</summary>
        internal string? Hash { get; private set; }

        async Task IPrepared.Prepare(IServiceProvider services, CancellationToken ct)
        {
            // What is no token costs no hashing.
            var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
            var isGood = await services.GetRequiredService<Db>().ReadFirst(
                $"select 1 from accounts.mail_tokens where hash = {OpaqueToken.HashOf(Token)} and purpose = 'reset_password' and expires_at > {now}", _ => true, ct);
            Hash = isGood ? await services.GetRequiredService<PasswordHashing>().Hash(Password, ct) : null;
        }
    }

    public static async Task<NoContent> Handle(Request request, Db db, Takeover takeover, IMail mail, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        await MailToken.LockAll(db, OpaqueToken.HashOf(request.Token), ct);
        // One statement decides: of many with one token, the first to get the row spends it and all others find none.
        var user = request.Hash is null ? default : await db.ReadFirst(
            $"""
            with spent as (
                delete from accounts.mail_tokens where hash = {OpaqueToken.HashOf(request.Token)} and purpose = 'reset_password' and expires_at > {now} returning user_id, email
            )
            update accounts.users u set
                password_hash = {request.Hash}, version = u.version + 1, email_verified = true, verify_by = null, updated_at = greatest(u.updated_at, {now})
            from spent join accounts.users was on was.id = spent.user_id where u.id = spent.user_id and u.is_active and lower(u.email collate "C") = lower(spent.email collate "C")
            returning u.id, u.email, was.email_verified
            """, row => (Id: row.GetGuid(0), Email: row.GetString(1), WasProved: row.GetBoolean(2)), ct);
        if (user.Email is null)
            throw MailToken.Refused();

        await MailToken.EndAll(db, user.Id, ct);
        if (user.WasProved)
            takeover.EndSessions(db, user.Id, user.Email);
        else
            await takeover.CloseAll(db, user.Id, user.Email, ct);
        db.Audit(new AuditEvent("PasswordReset") { PersonId = user.Id, ActorId = user.Id });
        mail.Send(user.Id, new PasswordChanged());
        return TypedResults.NoContent();
    }
}
