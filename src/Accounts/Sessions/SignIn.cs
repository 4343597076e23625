using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Accounts.Passwords;
using Quitanda.Accounts.SecondFactors;
using Quitanda.Accounts.Users;
using Quitanda.Platform;

namespace Quitanda.Accounts.Sessions;

/// <summary>
/// Signs somebody in with e-mail address and password, and begins a session. A wrong password, an unknown address and a deactivated account
/// are answered alike, after the same time. Who has a second factor needs `code` as well: one of their authenticator, or a recovery code; each is
/// good once. After 5 failures in 15 minutes the address is locked, whether it has an account or not.
/// </summary>
[AnswersSecret]
[Refuses("invalid_credentials", 401), Refuses("second_factor_required", 401), Refuses("account_locked", 423), Refuses("unavailable", 503)]
internal static class SignIn
{
    internal sealed record Request(
        [StringLength(254, MinimumLength = 1)] string Email,
        [StringLength(PasswordHashing.Longest, MinimumLength = 1)] string Password,
        [StringLength(40), RegularExpression(SecondFactor.CodePattern)] string? Code = null) : IPrepared
    {
        internal Found? Found { get; private set; }

        /// <summary>Checks the password before the transaction. What is decided by it is decided in <see cref="Handle"/>, on what the database then holds.</summary>
        async Task IPrepared.Prepare(IServiceProvider services, CancellationToken ct)
        {
            var db = services.GetRequiredService<Db>();
            var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
            Guid? id = null;
            string? hash = null;
            var isLocked = false;
            await db.Reading(
                [
                    $"select id, password_hash from accounts.users where lower(email collate \"C\") = {User.Normalize(Email)} and is_active",
                    SignInFailures.IsLocked(SignInFailures.Key(Email), now),
                ],
                async reader =>
                {
                    if (await reader.ReadAsync(CancellationToken.None))
                        (id, hash) = (reader.GetGuid(0), reader.IsDBNull(1) ? null : reader.GetString(1));
                    await reader.NextResultAsync(CancellationToken.None);
                    isLocked = await reader.ReadAsync(CancellationToken.None) && reader.GetBoolean(0);
                }, ct);

            // A locked address costs no hashing: whoever hammers on one does not slow the others.
            var verdict = isLocked ? new Verdict(false, null) : await services.GetRequiredService<PasswordHashing>().Verify(hash, Password, ct);
            Found = new(id, hash, isLocked, verdict);
        }
    }

    /// <summary>What was found before the transaction.</summary>
    internal sealed record Found(Guid? UserId, string? Hash, bool IsLocked, Verdict Verdict);

    public static async Task<Results<Ok<SignedIn>, Problem>> Handle(Request request, Device device, Db db, Admission admission, TimeProvider clock, CancellationToken ct)
    {
        var found = request.Found!;
        var key = SignInFailures.Key(request.Email);
        var now = clock.GetUtcNow();
        // Refusals are answers here, not exceptions: the count of failures must be committed.
        if (found.IsLocked || (found.Verdict.IsRight && await SignInFailures.IsLocked(db, key, now, ct)))
            return SignInFailures.Locked();
        if (!found.Verdict.IsRight)
            return await Failed(request.Email, found.UserId, key, db, now, ct);

        // Only if this is still the account and the password that were checked.
        var answer = await admission.LetIn(db, found.UserId!.Value, new("password", request.Code, Still: $"password_hash = {found.Hash}"), device, ct);
        if (answer.Result is not Ok<SignedIn>)
            return answer;
        SignInFailures.Clear(db, key);
        if (found.Verdict.NewHash is { } stronger)
            db.Write($"update accounts.users set password_hash = {stronger} where id = {found.UserId} and password_hash = {found.Hash}");
        return answer;
    }

    /// <summary>Counts and notes a failure. Knocking at an address that is locked is not noted: it is tried no password, and there is no end to it.</summary>
    private static async Task<Problem> Failed(string email, Guid? userId, byte[] key, Db db, DateTimeOffset now, CancellationToken ct)
    {
        if (await SignInFailures.Count(db, key, now, ct) is not { } failures)
            return SignInFailures.Locked();
        SignInFailures.Note(db, new AuditEvent("SignInFailed")
        {
            PersonId = userId,
            PersonalFacts = SignInFailures.Tried(email),
            Facts = new Dictionary<string, string>(StringComparer.Ordinal) { ["factor"] = "first", ["way"] = "password" },
        }, email, failures);
        return Admission.Wrong();
    }
}
