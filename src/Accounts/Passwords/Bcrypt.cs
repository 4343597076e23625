using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace Quitanda.Accounts.Passwords;

/// <summary>
/// Verifies bcrypt hashes (Provos and Mazières, "A Future-Adaptable Password Scheme", USENIX 1999), which imported users bring along. It makes none: at the
/// first sign-in such a hash gives way to one of ours.
/// </summary>
internal static class Bcrypt
{
    /// <summary>The cost above which a hash is not tried: 2 to the 14th rounds take a core about a second.</summary>
    public const int HighestCost = 14;

    private const int LowestCost = 4;
    private const int KeyBytes = 72;
    private const int SaltBytes = 16;
    private const int HashBytes = 23;
    private const int SaltAt = 7, HashAt = 29, Length = 60;
    private const int Subkeys = 18, Box = 256;
    private const string Alphabet = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    private static readonly SearchValues<char> Letters = SearchValues.Create(Alphabet);

    /// <summary>Blowfish begins with the fraction of pi: 18 subkeys, then four boxes of 256 words.</summary>
    private static readonly Lazy<uint[]> Beginning = new(() => FractionOfPi(Subkeys + 4 * Box));

    /// <summary>Whether this has the form of a bcrypt hash: <c>$2a$</c>, <c>$2b$</c> or <c>$2y$</c>, two digits of cost, 22 characters of salt and 31 of hash.</summary>
    public static bool IsHash(string hash) =>
        hash is ['$', '2', 'a' or 'b' or 'y', '$', >= '0' and <= '9', >= '0' and <= '9', '$', ..] && hash.Length == Length && hash.AsSpan(SaltAt).IndexOfAnyExcept(Letters) < 0;

    /// <summary>Whether the password is the one that was hashed. Of its UTF-8 the first 72 bytes count, as for everybody's bcrypt. False for a cost that is not tried.</summary>
    public static bool Verify(string hash, string password)
    {
        if (!IsTried(hash))
            return false;
        var cost = CostOf(hash);
        Span<byte> key = [.. Encoding.UTF8.GetBytes(password), 0];
        var made = Hash(key[..Math.Min(key.Length, KeyBytes)], Decode(hash.AsSpan(SaltAt, HashAt - SaltAt), SaltBytes), cost);
        return CryptographicOperations.FixedTimeEquals(made.AsSpan(0, HashBytes), Decode(hash.AsSpan(HashAt), HashBytes));
    }

    /// <summary>Whether a hash has a cost that is tried.</summary>
    public static bool IsTried(string hash) => CostOf(hash) is >= LowestCost and <= HighestCost;

    private static int CostOf(string hash) => (hash[4] - '0') * 10 + hash[5] - '0';

    private static byte[] Hash(ReadOnlySpan<byte> key, ReadOnlySpan<byte> salt, int cost)
    {
        var (keyWords, saltWords) = (Words(key), Words(salt));
        var state = (uint[])Beginning.Value.Clone();
        Expand(state, keyWords, saltWords);
        for (var round = 1 << cost; round > 0; round--)
        {
            Expand(state, keyWords, null);
            Expand(state, saltWords, null);
        }

        var text = "OrpheanBeholderScryDoubt"u8.ToArray();
        for (var at = 0; at < text.Length; at += 8)
        {
            var (left, right) = (BinaryPrimitives.ReadUInt32BigEndian(text.AsSpan(at)), BinaryPrimitives.ReadUInt32BigEndian(text.AsSpan(at + 4)));
            for (var i = 0; i < 64; i++)
                Encrypt(state, ref left, ref right);
            BinaryPrimitives.WriteUInt32BigEndian(text.AsSpan(at), left);
            BinaryPrimitives.WriteUInt32BigEndian(text.AsSpan(at + 4), right);
        }

        return text;
    }

    /// <summary>The key schedule: the key goes into the subkeys, and everything is replaced by what the cipher makes of the salt, or of zeros.</summary>
    private static void Expand(uint[] state, uint[] key, uint[]? salt)
    {
        for (var i = 0; i < Subkeys; i++)
            state[i] ^= key[i];
        uint left = 0, right = 0;
        for (var i = 0; i < state.Length; i += 2)
        {
            if (salt is not null)
            {
                left ^= salt[i & 3];
                right ^= salt[(i & 3) + 1];
            }

            Encrypt(state, ref left, ref right);
            (state[i], state[i + 1]) = (left, right);
        }
    }

    /// <summary>Blowfish's 16 rounds over one block.</summary>
    private static void Encrypt(uint[] state, ref uint left, ref uint right)
    {
        var boxes = state.AsSpan(Subkeys, 4 * Box);
        var (l, r) = (left ^ state[0], right);
        for (var i = 1; i < Subkeys - 1; i += 2)
        {
            r ^= Mix(boxes, l) ^ state[i];
            l ^= Mix(boxes, r) ^ state[i + 1];
        }

        (left, right) = (r ^ state[Subkeys - 1], l);
    }

    private static uint Mix(ReadOnlySpan<uint> boxes, uint x) =>
        ((boxes[(int)(x >> 24)] + boxes[Box + (int)(x >> 16 & 0xFF)]) ^ boxes[2 * Box + (int)(x >> 8 & 0xFF)]) + boxes[3 * Box + (int)(x & 0xFF)];

    /// <summary>Bytes as 18 words, begun again wherever they end.</summary>
    private static uint[] Words(ReadOnlySpan<byte> bytes)
    {
        var words = new uint[Subkeys];
        for (var i = 0; i < 4 * Subkeys; i++)
            words[i / 4] = words[i / 4] << 8 | bytes[i % bytes.Length];
        return words;
    }

    /// <summary>Bcrypt's own base64: other letters than the usual one's, and no padding.</summary>
    private static byte[] Decode(ReadOnlySpan<char> text, int count)
    {
        var bytes = new byte[count];
        var (bits, held, at) = (0u, 0, 0);
        foreach (var letter in text)
        {
            bits = bits << 6 | (uint)Alphabet.IndexOf(letter, StringComparison.Ordinal);
            held += 6;
            if (held < 8)
                continue;
            held -= 8;
            if (at < count)
                bytes[at++] = (byte)(bits >> held);
        }

        return bytes;
    }

    /// <summary>The first bits of pi behind its point, by Machin: pi = 16 arctan(1/5) - 4 arctan(1/239). Shorter than their table, and not to be mistyped.</summary>
    private static uint[] FractionOfPi(int words)
    {
        const int Spare = 64;
        var bits = words * 32;
        var pi = (16 * ArcTangentOfOne(5, bits + Spare) - 4 * ArcTangentOfOne(239, bits + Spare)) >> Spare;
        var bytes = (pi - (new BigInteger(3) << bits)).ToByteArray(isUnsigned: true, isBigEndian: true);
        var whole = new byte[words * 4];
        bytes.CopyTo(whole, whole.Length - bytes.Length);
        var result = new uint[words];
        for (var i = 0; i < words; i++)
            result[i] = BinaryPrimitives.ReadUInt32BigEndian(whole.AsSpan(i * 4));
        return result;
    }

    /// <summary>arctan(1/<paramref name="of"/>), times two to the power of <paramref name="bits"/>.</summary>
    private static BigInteger ArcTangentOfOne(int of, int bits)
    {
        var power = (BigInteger.One << bits) / of;
        var sum = power;
        for (var n = 3; !power.IsZero; n += 2)
        {
            power /= of * of;
            sum += (n & 2) != 0 ? -power / n : power / n;
        }

        return sum;
    }
}
