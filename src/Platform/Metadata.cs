using System.ComponentModel.DataAnnotations;

namespace Quitanda.Platform;

/// <summary>A client's own notes on a resource: up to 20 pairs, keys of 1 to 40 characters, values of up to 500. Kept and returned as given.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class MetadataAttribute : ValidationAttribute
{
    internal const int MostPairs = 20;
    internal const int LongestKey = 40;
    internal const int LongestValue = 500;

    /// <summary>Makes the rule with its message.</summary>
    public MetadataAttribute() : base("{0} takes up to 20 pairs: keys of 1 to 40 characters, values of up to 500.") { }

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
