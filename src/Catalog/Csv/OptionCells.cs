using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Quitanda.Catalog.Options;
using Quitanda.Platform;

namespace Quitanda.Catalog.Csv;

/// <summary>
/// A product's options as they stand in one cell, a group on each line: <c>Tamanho: 1-1 | Média: 0 | Grande: 1500, stock 12</c>. Without ids, so that people and other shops can
/// read it: groups and options that are there are known again by their names.
/// </summary>
internal static partial class OptionCells
{
    /// <summary>What parts a cell. In a name it has a backslash before it.</summary>
    private const string Marks = "\\|:\n";

    public static string Write(OptionGroup[] groups, IReadOnlyDictionary<Guid, int> stock)
    {
        var text = new StringBuilder();
        foreach (var group in groups)
        {
            Name(text.Append(text.Length > 0 ? "\n" : ""), group.Name).Append(CultureInfo.InvariantCulture, $": {group.Min}-{group.Max}");
            if (group.Free > 0)
                text.Append(CultureInfo.InvariantCulture, $", {group.Free} free");
            foreach (var option in group.Options)
            {
                Name(text.Append(" | "), option.Name).Append(CultureInfo.InvariantCulture, $": {option.Price}");
                if (option.IsCounted && stock.TryGetValue(option.Id, out var count))
                    text.Append(CultureInfo.InvariantCulture, $", stock {count}");
                if (!option.IsAvailable)
                    text.Append(", off");
            }
        }

        return text.ToString();
    }

    /// <summary>The groups of a cell.</summary>
    /// <exception cref="FormatException">It cannot be read; says which part.</exception>
    public static WrittenGroup[] Read(string cell, string currency) =>
        [.. Split(cell.Replace("\r\n", "\n", StringComparison.Ordinal), '\n').Where(line => !string.IsNullOrWhiteSpace(line)).Select(line => Group(Split(line, '|'), currency))];

    /// <summary>The groups with the ids of those that are there: the first of its name, and in it the option of its name.</summary>
    public static WrittenGroup[] Recognized(WrittenGroup[] written, OptionGroup[] known)
    {
        var left = known.ToList();
        return Array.ConvertAll(written, group =>
        {
            var at = left.FindIndex(there => Folded.Of(there.Name) == Folded.Of(group.Name));
            if (at < 0)
                return group;
            var there = left[at];
            left.RemoveAt(at);
            var ids = there.Options.ToDictionary(option => Folded.Of(option.Name), option => option.Id, StringComparer.Ordinal);
            return group with
            {
                Id = there.Id,
                Options = Array.ConvertAll(group.Options, option => ids.TryGetValue(Folded.Of(option.Name), out var id) ? option with { Id = id } : option),
            };
        });
    }

    private static WrittenGroup Group(List<string> parts, string currency)
    {
        var (name, rule) = Named(parts[0], HeadRule());
        return new(name, Whole(rule, "min") ?? 0, Whole(rule, "max") ?? 0, [.. parts.Skip(1).Select(part => Option(part, currency))], Whole(rule, "free") ?? 0);
    }

    private static WrittenOption Option(string part, string currency)
    {
        var (name, rule) = Named(part, OptionRule());
        Patch<int?> stock = rule.Groups["uncounted"].Success ? new(null) : Whole(rule, "stock") is { } count ? new(count) : default;
        return new(name, new(long.Parse(rule.Groups["price"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture), currency), stock, new(!rule.Groups["off"].Success));
    }

    /// <summary>What stands before the colon, and what is after it as its rule reads it.</summary>
    private static (string Name, Match Rule) Named(string part, Regex form)
    {
        if (Split(part, ':') is [var name, var rest] && form.Match(rest) is { Success: true } rule)
            return (Unescaped(name).Trim(), rule);
        var shown = part.Trim();
        throw new FormatException($"has '{shown[..Math.Min(shown.Length, 60)]}', which reads neither like 'Group: 1-2, 1 free' nor like 'Option: 500, stock 10, off'.");
    }

    /// <summary>A number that a rule has; above what any may be where it is longer than one.</summary>
    private static int? Whole(Match rule, string name) => !rule.Groups[name].Success ? null
        : int.TryParse(rule.Groups[name].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : int.MaxValue;

    private static StringBuilder Name(StringBuilder to, string name)
    {
        foreach (var letter in name)
            to.Append(Marks.Contains(letter, StringComparison.Ordinal) ? "\\" : "").Append(letter);
        return to;
    }

    private static string Unescaped(string text)
    {
        var plain = new StringBuilder(text.Length);
        for (var at = 0; at < text.Length; at++)
            plain.Append(text[at] == '\\' && at + 1 < text.Length ? text[++at] : text[at]);
        return plain.ToString();
    }

    /// <summary>The parts between marks that no backslash takes for letters. Backslashes stay.</summary>
    private static List<string> Split(string text, char mark)
    {
        List<string> parts = [];
        var from = 0;
        for (var at = 0; at < text.Length; at++)
            if (text[at] == '\\')
                at++;
            else if (text[at] == mark)
            {
                parts.Add(text[from..at]);
                from = at + 1;
            }

        return [.. parts, text[from..]];
    }

    [GeneratedRegex(@"^\s*(?<min>[0-9]{1,9})\s*-\s*(?<max>[0-9]{1,9})(\s*,\s*(?<free>[0-9]{1,9})\s+free)?\s*$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant | RegexOptions.IgnoreCase, 1000)]
    private static partial Regex HeadRule();

    [GeneratedRegex(@"^\s*(?<price>[0-9]{1,18})(\s*,\s*(stock\s+(?<stock>[0-9]{1,10})|(?<uncounted>not counted)))?(\s*,\s*(?<off>off))?\s*$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant | RegexOptions.IgnoreCase, 1000)]
    private static partial Regex OptionRule();
}
