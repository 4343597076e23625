using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Quitanda.Notifications.WebPush;

/// <summary>Shows the key that browsers subscribe with (<c>applicationServerKey</c>). It stays the same.</summary>
internal static class ShowPushKey
{
    /// <param name="PublicKey">Base64url of a point of P-256, uncompressed (RFC 8292, 3.2).</param>
    internal sealed record Response(string PublicKey);

    public static async Task<Ok<Response>> Handle(VapidKeys keys, CancellationToken ct) => TypedResults.Ok(new Response(await keys.PublicKey(ct)));
}
