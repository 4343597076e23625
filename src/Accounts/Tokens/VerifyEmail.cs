using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Quitanda.Accounts.Letters;
using Quitanda.Platform;

namespace Quitanda.Accounts.Tokens;

/// <summary>
/// Takes the token out of a letter as proof that its reader owns the address. One from signing up verifies the account's address; one from
/// <c>/auth/change-email</c> makes the new address the account's, which its old one is told. A token is good once, for 24 hours.
/// </summary>
[Refuses("invalid_token", 400), Refuses("email_taken")]
internal static class VerifyEmail
{
    internal sealed record Request([StringLength(200, MinimumLength = 1)] string Token);

    private sealed record Proved(Guid UserId, TokenPurpose Purpose, string? Was, string Is, string Name, string Locale);

    public static async Task<NoContent> Handle(Request request, Db db, IMail mail, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if (await Spend(OpaqueToken.HashOf(request.Token), db, now, ct) is not { } proved)
            throw MailToken.Refused();

        if (proved.Purpose == TokenPurpose.VerifyEmail)
        {
            db.Audit(new AuditEvent("EmailVerified") { PersonId = proved.UserId, ActorId = proved.UserId });
            return TypedResults.NoContent();
        }

        await MailToken.EndAll(db, proved.UserId, ct);
        db.Audit(new AuditEvent("EmailChanged")
        {
            PersonId = proved.UserId,
            ActorId = proved.UserId,
            PersonalFacts = new Dictionary<string, string>(StringComparer.Ordinal) { ["before"] = proved.Was ?? "", ["after"] = proved.Is },
        });
        if (proved.Was is { } was)
            mail.Send(new Addressee(was, proved.Name, proved.Locale), new AddressChanged(proved.Is));
        return TypedResults.NoContent();
    }

    /// <summary>One statement decides: of many with one token, the first to get the row spends it and all others find none.</summary>
    private static async Task<Proved?> Spend(byte[] hash, Db db, DateTimeOffset now, CancellationToken ct)
    {
        await MailToken.LockAll(db, hash, ct);
        try
        {
            return await db.ReadFirst(
                $"""
                with spent as (
                    delete from accounts.mail_tokens where hash = {hash} and purpose in ('verify_email', 'change_email') and expires_at > {now}
                    returning user_id, purpose, email
                )
                update accounts.users u set
                    email = case when spent.purpose = 'change_email' then spent.email else u.email end,
                    email_verified = true, verify_by = null, updated_at = greatest(u.updated_at, {now})
                from spent join accounts.users was on was.id = spent.user_id
                where u.id = spent.user_id and u.is_active and (spent.purpose = 'change_email' or lower(u.email collate "C") = lower(spent.email collate "C"))
                returning u.id, spent.purpose, was.email, u.email, u.name, u.locale
                """,
                row => new Proved(row.GetGuid(0), Wire.Parse<TokenPurpose>(row.GetString(1)), row.IsDBNull(2) ? null : row.GetString(2), row.GetString(3), row.GetString(4), row.GetString(5)), ct);
        }
        catch (PostgresException error) when (error is { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: "users_email" })
        {
            // Said only to somebody who reads that address's mail.
            throw new RefusedException("email_taken", "This e-mail address has an account already.");
        }
    }
}
