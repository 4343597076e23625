using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Accounts.Letters;
using Quitanda.Accounts.Passwords;
using Quitanda.Accounts.Users;
using Quitanda.Platform;

namespace Quitanda.Accounts.Tokens;

/// <summary>
/// Asks for another e-mail address. A letter goes to the new one; the address changes once its token comes back to <c>/auth/verify-email</c>, within 24 hours.
/// The answer does not say whether the new address has an account. Who has no password comes with a sign-in of the last ten minutes instead.
/// </summary>
[Refuses("invalid_credentials", 401), Refuses("sign_in_again", 403), Refuses("account_locked", 423), Refuses("unavailable", 503)]
internal static class ChangeEmail
{
    internal sealed record Request(
        [StringLength(254), RegularExpression(User.EmailPattern)] string NewEmail,
        [StringLength(PasswordHashing.Longest, MinimumLength = 1)] string? Password = null) : IPreparedFor
    {
        internal PasswordProof? Proof { get; private set; }

        async Task IPreparedFor.Prepare(Caller caller, IServiceProvider services, CancellationToken ct) => Proof = await PasswordProof.Of(caller, Password, services, ct);
    }

    public static async Task<Results<Accepted, Problem>> Handle(Request request, Caller caller, Db db, IMail mail, LinkPages pages, TimeProvider clock, CancellationToken ct)
    {
        var (proof, now) = (request.Proof!, clock.GetUtcNow());
        if (await proof.Refusal(db, now, ct) is { } refused)
            return refused;

        var token = OpaqueToken.New();
        var to = await db.ReadFirst(
            MailToken.Issuing(caller.Id, TokenPurpose.ChangeEmail, token, request.NewEmail, $"u.password_hash is not distinct from {proof.Hash}", now), row => new Addressee(request.NewEmail, row.GetString(1), row.GetString(2)), ct);
        if (to is null)
            throw PasswordProof.Wrong();
        db.Audit(new AuditEvent("EmailChangeAsked") { PersonId = caller.Id, PersonalFacts = new Dictionary<string, string>(StringComparer.Ordinal) { ["email"] = request.NewEmail } });
        mail.Send(to, new ConfirmAddress(request.NewEmail, pages.VerifyEmail(token), token), now + MailToken.ProofLifetime);
        return TypedResults.Accepted((string?)null);
    }
}
