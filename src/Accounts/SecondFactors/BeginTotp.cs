using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Accounts.Sessions;
using Quitanda.Platform;

namespace Quitanda.Accounts.SecondFactors;

/// <summary>
/// Begins to set up an authenticator app (TOTP, RFC 6238): shows it a new secret. Nothing is asked for at sign-in until a code of it was confirmed;
/// until then this may be called again, and the newest secret counts.
/// </summary>
[AnswersSecret]
[Refuses("second_factor_active"), Refuses("unauthenticated", 401)]
internal static class BeginTotp
{
    /// <param name="Secret">Base32, for whoever types it.</param>
    /// <param name="OtpauthUri">What authenticator apps read.</param>
    /// <param name="QrSvg">The same as a QR code, in SVG.</param>
    internal sealed record Response(string Secret, string OtpauthUri, string QrSvg);

    public static async Task<Ok<Response>> Handle(Caller caller, Db db, SecondFactor factor, ILetterhead letterhead, TimeProvider clock, CancellationToken ct)
    {
        await Standing.Hold(db, caller, ct);
        var account = await db.ReadFirst($"select coalesce(email, name) from accounts.users where id = {caller.Id}", row => row.GetString(0), ct);
        var secret = RandomNumberGenerator.GetBytes(Totp.SecretBytes);
        var begun = await db.Execute(
            $"""
            insert into accounts.authenticators as a (user_id, secret, last_step, created_at)
            values ({caller.Id}, {await factor.Seal(db, caller.Id, secret, ct)}, 0, {clock.GetUtcNow()})
            on conflict (user_id) do update set secret = excluded.secret, last_step = 0, created_at = excluded.created_at where a.confirmed_at is null
            """, ct);
        if (begun == 0)
            throw new RefusedException("second_factor_active", "There is an authenticator already; disable it first.");

        var (shop, _) = await letterhead.Read(ct);
        var (typed, issuer) = (Totp.Base32(secret), Uri.EscapeDataString(shop));
        var uri = $"otpauth://totp/{issuer}:{Uri.EscapeDataString(account!)}?secret={typed}&issuer={issuer}&algorithm=SHA1&digits={Totp.Digits}&period={Totp.StepSeconds}";
        return TypedResults.Ok(new Response(typed, uri, QrSvg.Of(uri)));
    }
}
