using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;

namespace Quitanda.Accounts.Wallets;

/// <summary>
/// Who signed, by Ethereum's rules: Keccak-256, and the recovery of a key from an ECDSA signature over secp256k1 (SEC 1, section 4.1.6). Everything that comes in here
/// is public, hash, signature and key alike, and nothing is signed. So it need not take the same time for all of them, and plain big integers do.
/// </summary>
internal static class Secp256k1
{
    /// <summary>Bytes of a signature: r, s and v.</summary>
    public const int SignatureBytes = 65;

    /// <summary>Bytes of an address: the end of its key's hash.</summary>
    public const int AddressBytes = 20;

    private const int ScalarBytes = 32;

    /// <summary>Bytes that Keccak-256 takes in at a time: 1600 bits less twice 256.</summary>
    private const int Rate = 136;

    private static readonly BigInteger P = Hex("0FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEFFFFFC2F");
    private static readonly BigInteger N = Hex("0FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141");
    private static readonly Point G = new(Hex("079BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798"), Hex("0483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8"), BigInteger.One);

    /// <summary>What each round of Keccak-f adds (FIPS 202, section 3.2.5).</summary>
    private static readonly ulong[] Rounds =
    [
        0x0000000000000001, 0x0000000000008082, 0x800000000000808A, 0x8000000080008000, 0x000000000000808B, 0x0000000080000001, 0x8000000080008081, 0x8000000000008009,
        0x000000000000008A, 0x0000000000000088, 0x0000000080008009, 0x000000008000000A, 0x000000008000808B, 0x800000000000008B, 0x8000000000008089, 0x8000000000008003,
        0x8000000000008002, 0x8000000000000080, 0x000000000000800A, 0x800000008000000A, 0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
    ];

    /// <summary>How far each lane is turned, and where the next one lies, on the way through all of them.</summary>
    private static readonly (int Turn, int Lane)[] Way =
    [
        (1, 10), (3, 7), (6, 11), (10, 17), (15, 18), (21, 3), (28, 5), (36, 16), (45, 8), (55, 21), (2, 24), (14, 4),
        (27, 15), (41, 23), (56, 19), (8, 13), (25, 12), (43, 2), (62, 20), (18, 14), (39, 22), (61, 9), (20, 6), (44, 1),
    ];

    /// <summary>
    /// The address whose key made a signature over a hash; null where the signature is nobody's. It must be r, s and v in 65 bytes, v one of 0, 1, 27 and 28, and s in the lower
    /// half (EIP-2): of the two that are good for every message one counts.
    /// </summary>
    public static byte[]? SignerOf(ReadOnlySpan<byte> hash, ReadOnlySpan<byte> signature)
    {
        if (hash.Length != ScalarBytes || signature.Length != SignatureBytes || signature[^1] is not (0 or 1 or 27 or 28))
            return null;
        var (r, s) = (Number(signature[..ScalarBytes]), Number(signature[ScalarBytes..^1]));
        if (r.IsZero || r >= N || s.IsZero || s > N / 2)
            return null;

        // The point that was made from the signer's random number: x is r, and v says which of the two. That x was above the order of the curve and r less than it
        // happens to nobody, and such signatures (v of 2 and 3) are not taken.
        var square = Mod(r * r * r + 7);
        var y = BigInteger.ModPow(square, (P + 1) / 4, P);
        if (Mod(y * y) != square)
            return null;
        if (y.IsEven == (signature[^1] is 1 or 28))
            y = P - y;

        var inverse = BigInteger.ModPow(r, N - 2, N);
        var key = Sum((N - Number(hash) % N) * inverse % N, s * inverse % N, new(r, y, BigInteger.One));
        if (key.Z.IsZero)
            return null;

        Span<byte> bytes = stackalloc byte[2 * ScalarBytes];
        var scale = BigInteger.ModPow(key.Z, P - 2, P);
        Write(Mod(key.X * scale * scale), bytes[..ScalarBytes]);
        Write(Mod(Mod(key.Y * scale * scale) * scale), bytes[ScalarBytes..]);
        return Keccak256(bytes)[^AddressBytes..];
    }

    /// <summary>Keccak-256 as Ethereum has it: SHA-3 before it was a standard, with the older padding.</summary>
    public static byte[] Keccak256(ReadOnlySpan<byte> data)
    {
        Span<ulong> state = stackalloc ulong[25];
        for (; data.Length >= Rate; data = data[Rate..])
            Absorb(state, data[..Rate]);
        Span<byte> last = stackalloc byte[Rate];
        data.CopyTo(last);
        last[data.Length] = 0x01;
        last[^1] |= 0x80;
        Absorb(state, last);

        var hash = new byte[ScalarBytes];
        for (var lane = 0; lane < ScalarBytes / sizeof(ulong); lane++)
            BinaryPrimitives.WriteUInt64LittleEndian(hash.AsSpan(lane * sizeof(ulong)), state[lane]);
        return hash;
    }

    private static void Absorb(Span<ulong> state, ReadOnlySpan<byte> block)
    {
        for (var lane = 0; lane < Rate / sizeof(ulong); lane++)
            state[lane] ^= BinaryPrimitives.ReadUInt64LittleEndian(block[(lane * sizeof(ulong))..]);
        Span<ulong> columns = stackalloc ulong[5];
        foreach (var constant in Rounds)
        {
            for (var x = 0; x < 5; x++)
                columns[x] = state[x] ^ state[x + 5] ^ state[x + 10] ^ state[x + 15] ^ state[x + 20];
            for (var lane = 0; lane < 25; lane++)
                state[lane] ^= columns[(lane + 4) % 5] ^ BitOperations.RotateLeft(columns[(lane + 1) % 5], 1);

            var carried = state[1];
            foreach (var (turn, lane) in Way)
                (state[lane], carried) = (BitOperations.RotateLeft(carried, turn), state[lane]);

            for (var row = 0; row < 25; row += 5)
            {
                state.Slice(row, 5).CopyTo(columns);
                for (var x = 0; x < 5; x++)
                    state[row + x] = columns[x] ^ (~columns[(x + 1) % 5] & columns[(x + 2) % 5]);
            }

            state[0] ^= constant;
        }
    }

    /// <summary>A point of the curve in Jacobian coordinates: x is X/Z², y is Y/Z³, and a Z of 0 is the point at infinity.</summary>
    private readonly record struct Point(BigInteger X, BigInteger Y, BigInteger Z);

    /// <summary><paramref name="first"/> times the generator and <paramref name="second"/> times another point, both in one go.</summary>
    private static Point Sum(BigInteger first, BigInteger second, Point other)
    {
        Span<byte> ofG = stackalloc byte[ScalarBytes], ofOther = stackalloc byte[ScalarBytes];
        Write(first, ofG);
        Write(second, ofOther);
        Point[] steps = [default, G, other, Add(G, other)];
        var sum = new Point(BigInteger.One, BigInteger.One, BigInteger.Zero);
        for (var bit = 0; bit < 8 * ScalarBytes; bit++)
        {
            sum = Double(sum);
            var shift = 7 - bit % 8;
            var step = ((ofG[bit / 8] >> shift) & 1) | (((ofOther[bit / 8] >> shift) & 1) << 1);
            if (step != 0)
                sum = Add(sum, steps[step]);
        }

        return sum;
    }

    private static Point Double(Point point)
    {
        var yy = Mod(point.Y * point.Y);
        var d = Mod(4 * point.X * yy);
        var e = 3 * point.X * point.X;
        var x = Mod(e * e - 2 * d);
        return new(x, Mod(e * (d - x) - 8 * yy * yy), Mod(2 * point.Y * point.Z));
    }

    private static Point Add(Point left, Point right)
    {
        if (left.Z.IsZero)
            return right;
        if (right.Z.IsZero)
            return left;
        var (zz1, zz2) = (Mod(left.Z * left.Z), Mod(right.Z * right.Z));
        var (u1, s1) = (Mod(left.X * zz2), Mod(left.Y * Mod(zz2 * right.Z)));
        var (h, r) = (Mod(right.X * zz1 - u1), Mod(right.Y * Mod(zz1 * left.Z) - s1));
        if (h.IsZero)
            return r.IsZero ? Double(left) : new(BigInteger.One, BigInteger.One, BigInteger.Zero);
        var hh = Mod(h * h);
        var (hhh, v) = (Mod(h * hh), Mod(u1 * hh));
        var x = Mod(r * r - hhh - 2 * v);
        return new(x, Mod(r * (v - x) - s1 * hhh), Mod(h * Mod(left.Z * right.Z)));
    }

    private static BigInteger Mod(BigInteger value)
    {
        var rest = value % P;
        return rest.Sign < 0 ? rest + P : rest;
    }

    private static BigInteger Number(ReadOnlySpan<byte> bytes) => new(bytes, isUnsigned: true, isBigEndian: true);

    private static void Write(BigInteger value, Span<byte> bytes)
    {
        bytes.Clear();
        value.TryWriteBytes(bytes[^value.GetByteCount(isUnsigned: true)..], out _, isUnsigned: true, isBigEndian: true);
    }

    private static BigInteger Hex(string digits) => BigInteger.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
