using System.ComponentModel.DataAnnotations;

namespace Quitanda.Catalog;

/// <summary>Holds each text of a list to a length, and to having something in it.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
internal sealed class LabelsAttribute(int longest) : ValidationAttribute($"Each of {{0}} must have 1 to {longest} characters.")
{
    public int Longest { get; } = longest;

    public override bool IsValid(object? value) =>
        value is null || (value is string?[] labels && Array.TrueForAll(labels, label => label is not null && label.Length <= Longest && !string.IsNullOrWhiteSpace(label)));

    /// <summary>The labels as they are kept: without blanks around them, each once.</summary>
    public static string[] Kept(string[]? labels) => labels is null ? [] : [.. labels.Select(label => label.Trim()).Distinct(StringComparer.Ordinal)];
}
