using System.ComponentModel.DataAnnotations;
using System.Text;
using System.Text.Json;

namespace Quitanda.Platform;

/// <summary>A client's own notes on a resource: up to 20 pairs, keys of 1 to 40 characters, values of up to 500. Kept and returned as given.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class MetadataAttribute : ValidationAttribute
{
    private static readonly Comparer<byte[]> Bytewise = Comparer<byte[]>.Create((left, right) => left.AsSpan().SequenceCompareTo(right));

    internal const int MostPairs = 20;
    internal const int LongestKey = 40;
    internal const int LongestValue = 500;

    /// <summary>No pairs at all.</summary>
    public static IReadOnlyDictionary<string, string> None { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The pairs of a <c>jsonb</c> column, which mostly has none.</summary>
    public static IReadOnlyDictionary<string, string> Read(string json) => json == "{}" ? None : JsonSerializer.Deserialize<Dictionary<string, string>>(json, Wire.Stored)!;

    /// <summary>Makes the rule with its message.</summary>
    public MetadataAttribute() : base("{0} takes up to 20 pairs: keys of 1 to 40 characters, values of up to 500.") { }

    /// <summary>
    /// The pairs in the order in which <c>jsonb</c> keeps them, the shorter key first: an answer made of what was sent reads like one made of the row, to
    /// the byte, and so has the same tag.
    /// </summary>
    public static IReadOnlyDictionary<string, string> Kept(IReadOnlyDictionary<string, string>? given)
    {
        var kept = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in (given ?? kept).OrderBy(pair => Encoding.UTF8.GetByteCount(pair.Key)).ThenBy(pair => Encoding.UTF8.GetBytes(pair.Key), Bytewise))
            kept.Add(key, value);
        return kept;
    }

    /// <inheritdoc/>
    public override bool IsValid(object? value) => value switch
    {
        null => true,
        // The serializer lets a null through as a value, whatever the dictionary's type says.
        IReadOnlyDictionary<string, string?> pairs => pairs.Count <= MostPairs
            && pairs.All(pair => pair is { Key.Length: > 0 and <= LongestKey, Value.Length: <= LongestValue }),
        _ => false,
    };
}
