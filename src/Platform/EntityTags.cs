using System.Security.Cryptography;
using Microsoft.Extensions.Primitives;

namespace Quitanda.Platform;

/// <summary>Names versions of answers by their bytes, and finds them in the conditions of a request (RFC 9110, 8.8 and 13).</summary>
internal static class EntityTags
{
    /// <summary>
    /// Members that count what others do to a resource. They are no part of its version: whoever changes a text that is read meanwhile has read the text that they change.
    /// A quote within a value is escaped, so these names stand nowhere else.
    /// </summary>
    private static readonly byte[][] Counts = [[.. "\"viewCount\":"u8], [.. "\"commentCount\":"u8]];

    /// <summary>The strong tag of finished bytes.</summary>
    public static string Of(ReadOnlySpan<byte> body)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        if (body.IndexOf("Count\":"u8) < 0)
        {
            SHA256.HashData(body, hash);
        }
        else
        {
            using var counted = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            AppendUncounted(counted, body);
            counted.GetHashAndReset(hash);
        }

        return $"\"{Convert.ToHexStringLower(hash[..12])}\"";
    }

    private static void AppendUncounted(IncrementalHash hash, ReadOnlySpan<byte> body)
    {
        while (body.Length > 0)
        {
            var (at, length) = (body.Length, 0);
            foreach (var name in Counts)
                if (body.IndexOf(name) is >= 0 and var found && found < at)
                    (at, length) = (found, name.Length);
            hash.AppendData(body[..(at + length)]);
            body = body[(at + length)..].TrimStart("0123456789"u8);
        }
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
