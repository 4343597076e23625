using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Quitanda.Payments.Providers;
using Quitanda.Platform;

namespace Quitanda.Payments.Sandbox;

/// <summary>How the sandbox signs: <c>Sandbox-Signature: t=SECONDS,v1=HEX</c>, an HMAC-SHA-256 of the time, a dot and the body.</summary>
internal static class SandboxSignature
{
    public const string Header = "Sandbox-Signature";

    public static string Sign(string secret, ReadOnlySpan<byte> body, DateTimeOffset at) => $"t={at.ToUnixTimeSeconds()},v1={SignatureCheck.Sign(secret, Signed($"{at.ToUnixTimeSeconds()}", body))}";

    public static bool IsGood(WebhookCall call, string secret, DateTimeOffset now)
    {
        if (call.Header(Header)?.Split(',') is not [['t', '=', .. var time], ['v', '1', '=', .. var signature]])
            return false;
        return SignatureCheck.IsNow(time, now) && SignatureCheck.IsGood(signature, Signed(time, call.Body.Span), secret);
    }

    private static byte[] Signed(string time, ReadOnlySpan<byte> body) => [.. Encoding.UTF8.GetBytes(time), (byte)'.', .. body];
}

/// <summary>What the sandbox says of a charge.</summary>
/// <param name="Id">The event's own; the same again is the same event.</param>
/// <param name="Type"><c>charge.succeeded</c>, <c>charge.failed</c>, ...</param>
/// <param name="Charge">The charge's reference.</param>
internal sealed record SandboxEvent(string Id, string Type, string Charge)
{
    private static readonly JsonSerializerOptions Options = new(Wire.Json) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip };

    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, Options);

    /// <summary>Null where it is none.</summary>
    public static WebhookNotice? Read(ReadOnlySpan<byte> body)
    {
        try
        {
            return JsonSerializer.Deserialize<SandboxEvent>(body, Options) is { Id.Length: > 0 and <= 255, Type.Length: > 0 and <= 100 } said ? new(said.Id, said.Type, said.Charge) : null;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
