using System.Buffers.Text;
using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Notifications.WebPush;

/// <summary>
/// Has a browser of the caller's told. The body is what the browser's <c>PushSubscription.toJSON()</c> gives. A browser that is known keeps its subscription, which is then the caller's: of several people who
/// use it, it tells the one who came last.
/// </summary>
internal static class SubscribePush
{
    /// <summary>A century: what a browser says beyond that is no time.</summary>
    private const long LatestMilliseconds = 4_102_444_800_000;

    private const int LongestEndpoint = 2000;

    /// <param name="Endpoint">Where the browser's push service takes messages for it.</param>
    /// <param name="Keys">What they are encrypted with.</param>
    /// <param name="ExpirationTime">When it ends by itself, in milliseconds since 1970; null where it does not.</param>
    internal sealed record Request([StringLength(LongestEndpoint, MinimumLength = 1)] string Endpoint, BrowserKeys Keys, [Range(0, LatestMilliseconds)] long? ExpirationTime = null);

    /// <param name="P256dh">The browser's public key: base64url of a point of P-256, uncompressed.</param>
    /// <param name="Auth">The secret that it shares with us: base64url of 16 bytes.</param>
    internal sealed record BrowserKeys([StringLength(100, MinimumLength = 1)] string P256dh, [StringLength(40, MinimumLength = 1)] string Auth);

    public static async Task<Created<PushSubscription>> Handle(Request request, Caller caller, Db db, OutsideHttp outside, TimeProvider clock, CancellationToken ct)
    {
        if (!Uri.TryCreate(request.Endpoint, UriKind.Absolute, out var endpoint) || endpoint.AbsoluteUri.Length > LongestEndpoint || !outside.Allows(endpoint))
            throw new InvalidException("endpoint", "must be an https address that anyone can reach, without a name or a password in it.");
        var (key, auth) = (KeyOf(request.Keys.P256dh), AuthOf(request.Keys.Auth));
        var now = clock.GetUtcNow();
        DateTimeOffset? expiresAt = request.ExpirationTime is { } milliseconds ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) : null;

        // Whoever changes what is theirs holds this row: so that two who subscribe at once count each other.
        await db.Execute($"insert into notifications.people as p (person_id, updated_at) values ({caller.Id}, {now}) on conflict (person_id) do update set updated_at = p.updated_at", ct);
        var subscription = await db.ReadFirst(
            $"""
            insert into notifications.push_subscriptions as s (id, person_id, endpoint, public_key, auth, expires_at, created_at, updated_at)
            values ({Guid.CreateVersion7(now)}, {caller.Id}, {endpoint.AbsoluteUri}, {key}, {auth}, {expiresAt}, {now}, {now})
            on conflict (endpoint) do update set person_id = excluded.person_id, public_key = excluded.public_key, auth = excluded.auth, expires_at = excluded.expires_at, updated_at = excluded.updated_at
            returning {PushSubscription.Columns}
            """, PushSubscription.Read, ct);
        await db.Execute(
            $"""
            delete from notifications.push_subscriptions where id in (
                select id from notifications.push_subscriptions where person_id = {caller.Id} and id <> {subscription!.Id} order by updated_at desc, id desc offset {PushSubscriptions.AtMost - 1})
            """, ct);
        return TypedResults.Created($"/api/v1/push-subscriptions/{subscription.Id}", subscription);
    }

    private static byte[] KeyOf(string text)
    {
        var point = Decode(text, "keys.p256dh");
        try
        {
            // The framework looks whether it lies on the curve.
            using var key = ECDiffieHellman.Create(PushCipher.Read(point));
            return point;
        }
        catch (CryptographicException)
        {
            throw new InvalidException("keys.p256dh", "must be base64url of a point of P-256, uncompressed.");
        }
    }

    private static byte[] AuthOf(string text) => Decode(text, "keys.auth") is { Length: PushCipher.AuthBytes } auth ? auth : throw new InvalidException("keys.auth", "must be base64url of 16 bytes.");

    private static byte[] Decode(string text, string field)
    {
        try
        {
            return Base64Url.DecodeFromChars(text);
        }
        catch (FormatException)
        {
            throw new InvalidException(field, "is not base64url.");
        }
    }
}
