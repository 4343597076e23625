using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Quitanda.Accounts.SecondFactors;

/// <summary>One-time codes by the clock (RFC 6238): HMAC-SHA-1, 6 digits, steps of 30 seconds, which is all that every authenticator app can do.</summary>
internal static class Totp
{
    public const int Digits = 6;

    public const int StepSeconds = 30;

    /// <summary>As many as RFC 4226 recommends.</summary>
    public const int SecretBytes = 20;

    /// <summary>Steps that a clock may be off, either way.</summary>
    private const int Drift = 1;

    /// <summary>The step that a moment lies in.</summary>
    public static long StepAt(DateTimeOffset at) => at.ToUnixTimeSeconds() / StepSeconds;

    /// <summary>The code of one step, of <paramref name="digits"/> digits: HOTP of RFC 4226 with the step as its counter.</summary>
    public static string Code(ReadOnlySpan<byte> secret, long step, int digits = Digits)
    {
        Span<byte> counter = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
        Span<byte> mac = stackalloc byte[HMACSHA1.HashSizeInBytes];
#pragma warning disable CA5350 // What RFC 6238 says and apps know. HMAC needs no collision resistance of its hash.
        HMACSHA1.HashData(secret, counter, mac);
#pragma warning restore CA5350
        var number = BinaryPrimitives.ReadInt32BigEndian(mac[(mac[^1] & 0xf)..]) & 0x7fffffff;
        return (number % (int)Math.Pow(10, digits)).ToString(CultureInfo.InvariantCulture).PadLeft(digits, '0');
    }

    /// <summary>The step whose code this is, the current one or its neighbours; null where it is none of theirs.</summary>
    public static long? StepOf(ReadOnlySpan<byte> secret, string code, DateTimeOffset now)
    {
        var current = StepAt(now);
        long? found = null;
        // All are compared, whichever it is: the time that it takes says nothing.
        for (var step = current - Drift; step <= current + Drift; step++)
            if (CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Code(secret, step)), Encoding.UTF8.GetBytes(code)))
                found = step;
        return found;
    }

    /// <summary>Base32 of RFC 4648 without padding, as secrets are typed and as <c>otpauth</c> addresses hold them.</summary>
    public static string Base32(ReadOnlySpan<byte> bytes)
    {
        const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        var text = new StringBuilder((bytes.Length * 8 + 4) / 5);
        int waiting = 0, bits = 0;
        foreach (var one in bytes)
        {
            waiting = (waiting << 8) | one;
            for (bits += 8; bits >= 5; bits -= 5)
                text.Append(Letters[(waiting >> (bits - 5)) & 31]);
            waiting &= (1 << bits) - 1;
        }

        if (bits > 0)
            text.Append(Letters[(waiting << (5 - bits)) & 31]);
        return text.ToString();
    }
}
