using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Accounts.Letters;
using Quitanda.Accounts.Sessions;
using Quitanda.Accounts.Users;
using Quitanda.Platform;

namespace Quitanda.Accounts.Passkeys;

/// <summary>
/// Adds the passkey that an authenticator made for what <c>/auth/passkeys/options</c> asked in this session. An answer that is no good spends what was asked: begin again. Twenty at the most; a letter tells of it.
/// </summary>
[Refuses("invalid_passkey", 400), Refuses("unauthenticated", 401), Refuses("passkey_taken"), Refuses("too_many_passkeys"), Refuses("passkeys_off")]
internal static class AddPasskey
{
    private const string Unnamed = "Passkey";

    /// <param name="Credential">What the browser gave.</param>
    /// <param name="Name">What its owner calls it, such as the device.</param>
    internal sealed record Request(NewCredential Credential, [StringLength(100), RegularExpression(User.LinePattern)] string? Name = null);

    public static async Task<Results<Created<OwnedPasskey>, Problem>> Handle(
        Request request, Caller caller, HttpContext http, Db db, Ceremony ceremony, IMail mail, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        // With the user locked, passkeys are added one after the other, which is what keeps their number right. Users before what is theirs, so that two cannot deadlock.
        await Standing.Hold(db, caller, ct);
        // An answer and not an exception: that the challenge is spent must be committed.
        if (await PasskeyChallenge.Spend(db, request.Credential.Response.ClientDataJSON, caller.SessionId, now, ct) is not { } state
            || await ceremony.Attest(http, request.Credential, state) is not { } made)
            return Problem.Of(StatusCodes.Status400BadRequest, "invalid_passkey", "The passkey is not what was asked for, or was asked for too long ago; begin again.");

        var name = request.Name?.Trim() ?? Unnamed;
        var added = await db.ReadFirst(
            $"""
            insert into accounts.passkeys (id, user_id, credential_id, public_key, sign_count, transports, is_backup_eligible, is_backed_up, name, created_at)
            select {Guid.CreateVersion7()}, {caller.Id}, {made.CredentialId}, {made.PublicKey}, {(long)made.SignCount}, {made.Transports ?? []}, {made.IsBackupEligible}, {made.IsBackedUp}, {name}, {now}
            where (select count(*) from accounts.passkeys where user_id = {caller.Id}) < {Passkey.AtMost}
            on conflict (credential_id) do nothing
            returning {OwnedPasskey.Columns}
            """, OwnedPasskey.Read, ct);
        if (added is null)
            throw await db.ReadFirst($"select 1 from accounts.passkeys where credential_id = {made.CredentialId}", _ => true, ct)
                ? new RefusedException("passkey_taken", "This passkey is somebody's already.")
                : TooMany();

        db.Audit(new AuditEvent("PasskeyAdded") { PersonId = caller.Id, ResourceType = "passkeys", ResourceId = added.Id.ToString() });
        mail.Send(caller.Id, new SecurityNotice { PasskeyAdded = name });
        return TypedResults.Created($"/api/v1/auth/passkeys/{added.Id}", added);
    }

    /// <summary>What somebody is told who has as many as there may be.</summary>
    internal static RefusedException TooMany() => new("too_many_passkeys", $"There are {Passkey.AtMost} passkeys already; remove one first.");
}
