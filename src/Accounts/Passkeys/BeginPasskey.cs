using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Accounts.Passwords;
using Quitanda.Platform;

namespace Quitanda.Accounts.Passkeys;

/// <summary>
/// Begins to add a passkey: gives what <c>navigator.credentials.create()</c> is to be told. It takes the account's password, or, where it has none, a session that began within the last 10 minutes:
/// a passkey outlives the session that added it, and an access token alone must not. The answer is waited for 5 minutes, in this session, and the newest counts.
/// </summary>
[AnswersSecret]
[Refuses("invalid_credentials", 401), Refuses("sign_in_again", 403), Refuses("account_locked", 423), Refuses("unavailable", 503)]
[Refuses("too_many_passkeys"), Refuses("passkeys_off")]
internal static class BeginPasskey
{
    /// <param name="Password">Needed where the account has one.</param>
    internal sealed record Request([StringLength(PasswordHashing.Longest, MinimumLength = 1)] string? Password = null) : IPreparedFor
    {
        internal PasswordProof? Proof { get; private set; }

        async Task IPreparedFor.Prepare(Caller caller, IServiceProvider services, CancellationToken ct) => Proof = await PasswordProof.Of(caller, Password, services, ct);
    }

    public static async Task<Results<Ok<PasskeyCreationOptions>, Problem>> Handle(
        Request request, Caller caller, HttpContext http, Db db, Ceremony ceremony, ILetterhead letterhead, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if (await request.Proof!.Refusal(db, now, ct) is { } refused)
            return refused;
        var owner = await db.ReadFirst(
            $"select coalesce(email, username, name), name, (select count(*) from accounts.passkeys where user_id = users.id) from accounts.users where id = {caller.Id} and password_hash is not distinct from {request.Proof.Hash}",
            row => (Account: row.GetString(0), Name: row.GetString(1), Passkeys: row.GetInt64(2)), ct);
        // Another password since it was checked.
        if (owner.Account is null)
            throw PasswordProof.Wrong();
        if (owner.Passkeys >= Passkey.AtMost)
            throw AddPasskey.TooMany();

        var begun = await ceremony.BeginToAdd(http, db, new(caller.Id), owner.Account, owner.Name, ct);
        // It ended since they were let in.
        if (!await PasskeyChallenge.KeepFor(caller.SessionId, db, begun.Challenge, begun.State, now, ct))
            throw PasswordProof.Wrong();
        var (shop, _) = await letterhead.Read(ct);
        return TypedResults.Ok(begun.Options with { Rp = begun.Options.Rp with { Name = shop } });
    }
}
