using System.Security.Cryptography;
using System.Text;

namespace Quitanda.Payments.Providers;

/// <summary>HMAC-SHA-256 in hex, as all of the providers sign.</summary>
internal static class SignatureCheck
{
    /// <summary>How far a signed time may lie from ours, before or after.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    /// <summary>The signature of some bytes.</summary>
    public static string Sign(string secret, ReadOnlySpan<byte> signed) => Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), signed));

    /// <summary>Whether a signature in hex, of any case, is one by any of some secrets. Takes as long for a wrong one as for a good one.</summary>
    public static bool IsGood(string signature, ReadOnlySpan<byte> signed, params IEnumerable<string> secrets)
    {
        Span<byte> given = stackalloc byte[HMACSHA256.HashSizeInBytes];
        if (signature.Length != 2 * HMACSHA256.HashSizeInBytes || Convert.FromHexString(signature, given, out _, out _) is not System.Buffers.OperationStatus.Done)
            return false;
        var isGood = false;
        Span<byte> ours = stackalloc byte[HMACSHA256.HashSizeInBytes];
        foreach (var secret in secrets)
        {
            HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), signed, ours);
            isGood |= CryptographicOperations.FixedTimeEquals(given, ours);
        }

        return isGood;
    }

    /// <summary>Whether a time in seconds since 1970 is close enough to now.</summary>
    public static bool IsNow(string seconds, DateTimeOffset now) =>
        long.TryParse(seconds, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var at) && Math.Abs((decimal)at - now.ToUnixTimeSeconds()) <= (decimal)Tolerance.TotalSeconds;

    /// <summary>Several secrets in one setting.</summary>
    public static string[] Secrets(string setting) => setting.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
