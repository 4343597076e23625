using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Quitanda.Platform.Mails;

/// <summary>What one line of a mail is.</summary>
internal enum LineKind
{
    Heading,
    Paragraph,
    Point,
    Row,
    Button,
}

/// <summary>A line with everything filled in, as text that still has to be written for a medium.</summary>
internal sealed record Line(LineKind Kind, IReadOnlyList<string> Parts, string? Link = null);

/// <summary>What the words of a letter are filled in from.</summary>
internal sealed record Filling(object Letter, string Shop, string Addressee, TimeZoneInfo Zone);

/// <summary>The words of a letter in one language, read once.</summary>
/// <remarks>What it takes from a record is checked while it is read, so a word that nothing stands behind is found before a mail is.</remarks>
internal sealed partial class LetterText
{
    private static readonly string[] Everywhere = ["shop", "addressee"];

    private readonly Language _language;
    private readonly Words _subject;
    private readonly Block[] _blocks;

    private LetterText(Language language, Words subject, Block[] blocks) => (_language, _subject, _blocks) = (language, subject, blocks);

    /// <summary>Every placeholder and section, as <c>lines.total</c>: what two languages must have in common.</summary>
    public SortedSet<string> Names { get; } = new(StringComparer.Ordinal);

    /// <summary>Reads the words of a letter.</summary>
    /// <exception cref="FormatException">They say something that the record does not know, or a section does not end.</exception>
    public static LetterText Parse(string source, Language language, Type letter)
    {
        var lines = source.ReplaceLineEndings("\n").Split('\n');
        var names = new SortedSet<string>(StringComparer.Ordinal);
        var scope = new Scope(letter, "", null);
        if (lines.Length < 2 || lines[0].Trim().Length == 0 || lines[1].Trim().Length > 0)
            throw new FormatException("A letter begins with its subject and a blank line.");
        var subject = Words.Parse(lines[0].Trim(), scope, names);
        var at = 2;
        var text = new LetterText(language, subject, Read(lines, ref at, ends: null, scope, names));
        text.Names.UnionWith(names);
        return text;
    }

    /// <summary>The subject: one line, whatever a value says.</summary>
    /// <exception cref="PermanentFailureException">A value has a line break.</exception>
    public string Subject(Filling filling) => Headers.Line(_subject.Fill(filling, [filling.Letter], _language), Headers.SubjectAtMost);

    /// <summary>The body, line by line.</summary>
    public IReadOnlyList<Line> Body(Filling filling)
    {
        List<Line> lines = [];
        Fill(_blocks, filling, [filling.Letter], lines);
        return lines;
    }

    private static Block[] Read(string[] lines, ref int at, string? ends, Scope scope, SortedSet<string> names)
    {
        List<Block> blocks = [];
        List<Words> paragraph = [];
        for (; at < lines.Length; at++)
        {
            var line = lines[at].Trim();
            if (line == ends)
                break;
            if (line.Length > 0 && !IsSpecial(line))
            {
                paragraph.Add(Words.Parse(line, scope, names));
                continue;
            }

            EndParagraph();
            if (SectionStart().Match(line) is { Success: true } start)
            {
                at++;
                blocks.Add(ReadSection(lines, ref at, start.Groups["name"].Value, start.Groups["mark"].Value == "^", scope, names));
            }
            else if (line.Length > 0)
            {
                blocks.Add(ReadLine(line, scope, names));
            }
        }

        EndParagraph();
        if (ends is not null && at >= lines.Length)
            throw new FormatException($"{ends} is missing.");
        return [.. blocks];

        void EndParagraph()
        {
            if (paragraph.Count > 0)
                blocks.Add(new Leaf(LineKind.Paragraph, [.. paragraph], Link: null));
            paragraph.Clear();
        }
    }

    private static bool IsSpecial(string line) => line.StartsWith("# ", StringComparison.Ordinal) || line.StartsWith("- ", StringComparison.Ordinal) || line[0] == '|' || line.StartsWith("{#", StringComparison.Ordinal)
        || line.StartsWith("{^", StringComparison.Ordinal) || line.StartsWith("{/", StringComparison.Ordinal) || Button().IsMatch(line);

    private static Section ReadSection(string[] lines, ref int at, string name, bool isNegated, Scope scope, SortedSet<string> names)
    {
        var property = scope.Find(name);
        names.Add($"#{property.Path}");
        var inner = !isNegated && ItemOf(property.Type) is { } item ? new Scope(item, property.Path + ".", scope) : scope;
        return new(property, isNegated, Read(lines, ref at, $"{{/{name}}}", inner, names));
    }

    private static Leaf ReadLine(string line, Scope scope, SortedSet<string> names)
    {
        if (line.StartsWith("{/", StringComparison.Ordinal))
            throw new FormatException($"{line} ends nothing.");
        if (line[0] == '#')
            return new(LineKind.Heading, [Words.Parse(line[2..], scope, names)], Link: null);
        if (line[0] == '-')
            return new(LineKind.Point, [Words.Parse(line[2..], scope, names)], Link: null);
        if (line[0] == '|')
            return new(LineKind.Row, [.. line.Trim('|').Split('|').Select(cell => Words.Parse(cell.Trim(), scope, names))], Link: null);

        var button = Button().Match(line);
        var link = scope.Find(button.Groups["link"].Value);
        if (link.Type != typeof(Uri))
            throw new FormatException($"{{{link.Path}}} is no link.");
        names.Add(link.Path);
        return new(LineKind.Button, [Words.Parse(button.Groups["label"].Value, scope, names)], link);
    }

    private void Fill(Block[] blocks, Filling filling, object[] scopes, List<Line> lines)
    {
        foreach (var block in blocks)
        {
            if (block is Leaf leaf)
            {
                lines.Add(new(leaf.Kind, [.. leaf.Parts.Select(words => words.Fill(filling, scopes, _language))], leaf.Link is null ? null : Target((Uri?)leaf.Link.Value(scopes))));
                continue;
            }

            var section = (Section)block;
            var value = section.Property.Value(scopes);
            var items = value is string ? null : (value as IEnumerable)?.Cast<object>().ToList();
            var isThere = items is null ? value is not (null or false or "") : items.Count > 0;
            if (isThere == section.IsNegated)
                continue;
            if (items is null || section.IsNegated)
                Fill(section.Blocks, filling, scopes, lines);
            else
                foreach (var item in items)
                    Fill(section.Blocks, filling, [.. scopes, item], lines);
        }
    }

    /// <summary>Only what a browser opens as a page: a button must not run anything.</summary>
    private static string Target(Uri? link) => link is { IsAbsoluteUri: true, Scheme: "https" or "http" } ? link.AbsoluteUri : throw new PermanentFailureException("A button of the mail leads nowhere.");

    private static Type? ItemOf(Type type) => type == typeof(string) ? null : type.IsArray ? type.GetElementType() : type.GetInterfaces().Append(type)
        .FirstOrDefault(one => one.IsGenericType && one.GetGenericTypeDefinition() == typeof(IEnumerable<>))?.GetGenericArguments()[0];

    private abstract record Block;

    private sealed record Leaf(LineKind Kind, Words[] Parts, Property? Link) : Block;

    private sealed record Section(Property Property, bool IsNegated, Block[] Blocks) : Block;

    /// <summary>A property, or one of a property's value, and so on.</summary>
    private sealed record Property(PropertyInfo[] Chain, string Path)
    {
        public Type Type => Chain[^1].PropertyType;

        /// <summary>The value, from the innermost thing that has it.</summary>
        public object? Value(object[] scopes)
        {
            object? value = scopes.LastOrDefault(scope => Chain[0].DeclaringType!.IsInstanceOfType(scope)) ?? throw new InvalidOperationException($"Nothing here has {Path}.");
            foreach (var property in Chain)
                value = value is null ? null : property.GetValue(value);
            return value;
        }
    }

    /// <summary>Where names are looked up: a record, and what it lies in.</summary>
    private sealed record Scope(Type Type, string Path, Scope? Outer)
    {
        public Property Find(string name)
        {
            var words = name.Split('.');
            for (var scope = this; scope is not null; scope = scope.Outer)
                if (Of(scope.Type, words[0]) is { } first)
                {
                    List<PropertyInfo> chain = [first];
                    foreach (var word in words[1..])
                        chain.Add(Of(chain[^1].PropertyType, word) ?? throw new FormatException($"{{{name}}} is not known."));
                    return new([.. chain], scope.Path + name);
                }

            throw new FormatException($"{{{name}}} is not known.");
        }

        private static PropertyInfo? Of(Type type, string name) =>
            type.GetProperties(BindingFlags.Public | BindingFlags.Instance).FirstOrDefault(property => JsonNamingPolicy.CamelCase.ConvertName(property.Name) == name);
    }

    /// <summary>Text with holes.</summary>
    private sealed record Words(IReadOnlyList<(string Text, Property? Property, string? Name)> Pieces)
    {
        private static readonly Type[] Known = [typeof(string), typeof(int), typeof(long), typeof(Money), typeof(DateOnly), typeof(DateTimeOffset)];

        public static Words Parse(string text, Scope scope, SortedSet<string> names)
        {
            List<(string, Property?, string?)> pieces = [];
            var from = 0;
            foreach (Match hole in Hole().Matches(text))
            {
                pieces.Add((text[from..hole.Index], null, null));
                from = hole.Index + hole.Length;
                var name = hole.Groups["name"].Value;
                if (Array.IndexOf(Everywhere, name) >= 0)
                {
                    names.Add(name);
                    pieces.Add(("", null, name));
                    continue;
                }

                var property = scope.Find(name);
                if (Array.IndexOf(Known, Nullable.GetUnderlyingType(property.Type) ?? property.Type) < 0)
                    throw new FormatException($"{{{property.Path}}} is a {property.Type.Name}, which has no text.");
                names.Add(property.Path);
                pieces.Add(("", property, null));
            }

            pieces.Add((text[from..], null, null));
            return pieces.Any(piece => piece.Item1.AsSpan().IndexOfAny('{', '}') >= 0) ? throw new FormatException($"A placeholder in '{text}' is not whole.") : new(pieces);
        }

        public string Fill(Filling filling, object[] scopes, Language language) => string.Concat(Pieces.Select(piece => piece switch
        {
            { Name: "shop" } => filling.Shop,
            { Name: "addressee" } => filling.Addressee,
            { Property: { } property } => Write(property.Value(scopes), filling.Zone, language),
            _ => piece.Text,
        }));

        private static string Write(object? value, TimeZoneInfo zone, Language language) => value switch
        {
            Money money => language.Write(money),
            DateOnly day => language.Write(day),
            DateTimeOffset instant => language.Write(instant, zone),
            _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
        };
    }

    [GeneratedRegex(@"\{(?<name>[\w.]+)\}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Hole();

    [GeneratedRegex(@"^\{(?<mark>[#^])(?<name>[\w.]+)\}$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SectionStart();

    [GeneratedRegex(@"^\[(?<label>[^\]]+)\]\(\{(?<link>[\w.]+)\}\)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Button();
}
