using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Primitives;

namespace Quitanda.Platform;

/// <summary>Settings of compression. Section <c>Compression</c>.</summary>
public sealed record CompressionSettings
{
    /// <summary>Whether answers are compressed for clients that accept it.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Bytes from which an answer is compressed.</summary>
    [Range(256, 1_048_576)]
    public int FromBytes { get; init; } = 1024;
}

/// <summary>How an answer's bytes are coded on their way.</summary>
internal enum Coding
{
    Identity,
    Gzip,
    Brotli,
}

/// <summary>Reads <c>Accept-Encoding</c> (RFC 9110, 12.5.3).</summary>
internal static class Codings
{
    /// <summary>Weights are kept in thousandths, as fine as they may be given.</summary>
    private const int Whole = 1000;

    private const int NotNamed = -1;

    /// <summary>The name in <c>Content-Encoding</c>.</summary>
    public static string Name(this Coding coding) => coding switch { Coding.Brotli => "br", Coding.Gzip => "gzip", _ => "identity" };

    /// <summary>
    /// The coding that the client likes best, and of equals the smallest. Who accepts none of ours, plain bytes included, gets those: an answer that
    /// can be read is worth more than a 406.
    /// </summary>
    public static Coding Choose(StringValues accepted)
    {
        int brotli = NotNamed, gzip = NotNamed, identity = NotNamed, others = NotNamed;
        foreach (var line in accepted)
        {
            var rest = line.AsSpan();
            while (!rest.IsEmpty)
            {
                var comma = rest.IndexOf(',');
                var item = comma < 0 ? rest : rest[..comma];
                rest = comma < 0 ? default : rest[(comma + 1)..];
                var semicolon = item.IndexOf(';');
                var name = (semicolon < 0 ? item : item[..semicolon]).Trim(" \t");
                var weight = semicolon < 0 ? Whole : Weight(item[(semicolon + 1)..]);
                // A weight that cannot be read says nothing about its coding.
                if (weight == NotNamed)
                    continue;
                if (name.Equals("br", StringComparison.OrdinalIgnoreCase))
                    brotli = weight;
                else if (name.Equals("gzip", StringComparison.OrdinalIgnoreCase) || name.Equals("x-gzip", StringComparison.OrdinalIgnoreCase))
                    gzip = weight;
                else if (name.Equals("identity", StringComparison.OrdinalIgnoreCase))
                    identity = weight;
                else if (name is "*")
                    others = weight;
            }
        }

        brotli = brotli == NotNamed ? Math.Max(others, 0) : brotli;
        gzip = gzip == NotNamed ? Math.Max(others, 0) : gzip;
        var best = brotli >= gzip ? Coding.Brotli : Coding.Gzip;
        var most = Math.Max(brotli, gzip);
        // Plain bytes are acceptable unless they are refused, but preferred only where that is said.
        return most == 0 || identity > most ? Coding.Identity : best;
    }

    /// <summary>The weight of <c>q=0.5</c>, or that there is none that can be read.</summary>
    private static int Weight(ReadOnlySpan<char> parameter)
    {
        parameter = parameter.Trim(" \t");
        if (parameter is not ['q' or 'Q', '=', '0' or '1', .. var decimals])
            return NotNamed;
        var weight = parameter[2] == '1' ? Whole : 0;
        if (decimals.IsEmpty)
            return weight;
        if (decimals[0] != '.' || decimals.Length > 4)
            return NotNamed;
        var place = Whole / 10;
        foreach (var digit in decimals[1..])
        {
            if (!char.IsAsciiDigit(digit))
                return NotNamed;
            weight += (digit - '0') * place;
            place /= 10;
        }

        return weight <= Whole ? weight : NotNamed;
    }
}
