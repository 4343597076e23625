using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Accounts.SecondFactors;
using Quitanda.Accounts.Sessions;
using Quitanda.Platform;

namespace Quitanda.Accounts.OAuth;

/// <summary>
/// Gives tokens for the one-time code that came back from a provider, as signing in does. Who has a second factor needs `secondFactorCode` as well: without it the code stays good, for 5 minutes
/// from when it was made. `codeVerifier` belongs to the `codeChallenge` that the sign-in was begun with, and to no other.
/// </summary>
[AnswersSecret]
[Refuses("invalid_code", 400), Refuses("invalid_credentials", 401), Refuses("second_factor_required", 401), Refuses("account_locked", 423)]
internal static class ExchangeCode
{
    internal sealed record Request(
        [StringLength(Flow.Length, MinimumLength = Flow.Length)] string Code,
        [StringLength(40), RegularExpression(SecondFactor.CodePattern)] string? SecondFactorCode = null,
        [StringLength(128, MinimumLength = 43), RegularExpression("^[A-Za-z0-9._~-]+$")] string? CodeVerifier = null);

    private sealed record Held(Guid UserId, byte[]? BrowserHash, byte[]? Challenge);

    public static async Task<Results<Ok<SignedIn>, Problem>> Handle(Request request, Browser browser, Device device, Db db, Admission admission, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var hash = OpaqueToken.HashOf(request.Code);
        // Users before what is theirs, so that two cannot deadlock.
        await db.Execute($"select 1 from accounts.users where id = (select user_id from accounts.oauth_codes where hash = {hash}) for share", ct);
        // Locked before anything is decided by it: of many at once the others wait, and find it gone or still there.
        var held = await db.ReadFirst(
            $"select user_id, browser_hash, challenge from accounts.oauth_codes where hash = {hash} and expires_at > {now} for update",
            row => new Held(row.GetGuid(0), row.IsDBNull(1) ? null : row.GetFieldValue<byte[]>(1), row.IsDBNull(2) ? null : row.GetFieldValue<byte[]>(2)), ct);
        if (held is null)
            return Invalid();
        if (!IsTheirs(held, request, browser))
        {
            // Whoever has somebody else's code has it once.
            await db.Execute($"delete from accounts.oauth_codes where hash = {hash}", ct);
            db.Audit(new AuditEvent("OneTimeCodeRefused") { PersonId = held.UserId });
            return Invalid();
        }

        var answer = await admission.LetIn(db, held.UserId, new Proof("oauth", request.SecondFactorCode, IsWhole: false), device, ct);
        if (answer.Result is Ok<SignedIn>)
            db.Write($"delete from accounts.oauth_codes where hash = {hash}");
        else if (answer.Result is Problem { Code: "second_factor_required" })
            db.Write($"update accounts.oauth_codes set expires_at = created_at + {OneTimeCode.LifetimeWithSecondFactor} where hash = {hash}");
        return answer;
    }

    /// <summary>
    /// Whether the code comes from where its sign-in began: with the verifier that only the front end's own page has, and with the cookie where that can come along. A verifier for a
    /// code that was begun without one is somebody else's code.
    /// </summary>
    private static bool IsTheirs(Held held, Request request, Browser browser)
    {
        if (held.BrowserHash is { } known && (browser.Secret is null || !CryptographicOperations.FixedTimeEquals(known, OpaqueToken.HashOf(browser.Secret))))
            return false;
        return held.Challenge is { } challenge
            ? request.CodeVerifier is { } verifier && CryptographicOperations.FixedTimeEquals(challenge, OpaqueToken.HashOf(verifier))
            : request.CodeVerifier is null;
    }

    private static Problem Invalid() => Problem.Of(StatusCodes.Status400BadRequest, "invalid_code", "The code is not good, or not any more; sign in again.");
}
