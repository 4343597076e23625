using System.Security.Cryptography;
using Microsoft.Extensions.Primitives;

namespace Quitanda.Platform;

/// <summary>Names versions of answers by their bytes, and finds them in the conditions of a request (RFC 9110, 8.8 and 13).</summary>
internal static class EntityTags
{
    /// <summary>The strong tag of finished bytes.</summary>
    public static string Of(ReadOnlySpan<byte> body)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(body, hash);
        return $"\"{Convert.ToHexStringLower(hash[..12])}\"";
    }

    /// <summary>Whether an <c>If-None-Match</c> names this version, weakly or not: whoever asks has it already.</summary>
    public static bool IsKnown(StringValues known, string tag) => Names(known, tag, takesWeak: true);

    /// <summary>Whether an <c>If-Match</c> names this version. A weak tag never does.</summary>
    public static bool IsExpected(StringValues expected, string tag) => Names(expected, tag, takesWeak: false);

    private static bool Names(StringValues tags, string tag, bool takesWeak)
    {
        foreach (var line in tags)
            foreach (var part in line.AsSpan().Split(','))
            {
                var candidate = line.AsSpan()[part].Trim();
                if (candidate is "*")
                    return true;
                if (takesWeak && candidate.StartsWith("W/", StringComparison.Ordinal))
                    candidate = candidate[2..];
                if (IsSame(candidate, tag))
                    return true;
            }

        return false;
    }

    /// <summary>A compressed answer may name its encoding in its tag; the version is the same.</summary>
    private static bool IsSame(ReadOnlySpan<char> candidate, string tag) =>
        candidate.StartsWith(tag.AsSpan(0, tag.Length - 1), StringComparison.Ordinal) && candidate[(tag.Length - 1)..] is "\"" or "-br\"" or "-gzip\"";
}
