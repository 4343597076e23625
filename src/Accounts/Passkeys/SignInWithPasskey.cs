using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Accounts.Sessions;
using Quitanda.Platform;

namespace Quitanda.Accounts.Passkeys;

/// <summary>
/// Signs somebody in with a passkey, and begins a session. The device asked for a finger, a face or a PIN, so no second factor is asked for. Whatever is wrong is answered alike, and spends what was asked: begin again.
/// </summary>
[AnswersSecret]
[Refuses("invalid_credentials", 401), Refuses("passkeys_off")]
internal static class SignInWithPasskey
{
    /// <param name="Credential">What the browser gave.</param>
    internal sealed record Request(UsedCredential Credential);

    public static async Task<Results<Ok<SignedIn>, Problem>> Handle(
        Request request, Device device, HttpContext http, Db db, Ceremony ceremony, Admission admission, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        // Refusals are answers here, not exceptions: that the challenge is spent must be committed.
        if (await PasskeyChallenge.Spend(db, request.Credential.Response.ClientDataJSON, sessionId: null, now, ct) is not { } state)
            return Wrong();
        var (used, ownerId) = await ceremony.Assert(http, db, request.Credential, state, ct);
        if (used is null || ownerId is not { } userId)
        {
            // Nobody guesses what a passkey is called, so this is somebody who has seen it used.
            if (ownerId is not null)
                db.Audit(new AuditEvent("PasskeyRefused") { PersonId = ownerId });
            return Wrong();
        }

        // Users before what is theirs, so that two cannot deadlock; the lock is the one that lets them in.
        await db.Execute($"select 1 from accounts.users where id = {userId} for share", ct);
        if (!await Count(db, userId, used.CredentialId, used.SignCount, used.IsBackedUp, now, ct))
        {
            if (await db.ReadFirst($"select 1 from accounts.passkeys where user_id = {userId} and credential_id = {used.CredentialId}", _ => true, ct))
                db.Audit(new AuditEvent("PasskeyCloneSuspected") { PersonId = userId });
            return Wrong();
        }

        return await admission.LetIn(db, userId, new Proof("passkey", Code: null, IsWhole: true), device, ct);
    }

    /// <summary>
    /// Moves the count of signatures up, as the authenticator says it. One statement decides: a count that does not go up was given before, to this device or to its copy. Authenticators that do not count always say 0.
    /// </summary>
    private static async Task<bool> Count(Db db, Guid userId, byte[] credentialId, long signCount, bool isBackedUp, DateTimeOffset now, CancellationToken ct) => await db.Execute(
        $"""
        update accounts.passkeys set sign_count = {signCount}, is_backed_up = {isBackedUp}, last_used_at = greatest(created_at, {now})
        where user_id = {userId} and credential_id = {credentialId} and (sign_count < {signCount} or (sign_count = 0 and {signCount} = 0))
        """, ct) == 1;

    private static Problem Wrong() => Problem.Of(StatusCodes.Status401Unauthorized, "invalid_credentials", "The passkey is not good here, or was asked for too long ago; begin again.");
}
