using System.Text;

namespace Quitanda.Platform;

/// <summary>Something to be said about a row that came from another system.</summary>
/// <param name="Code">Stable, lower_snake_case: what a program counts by.</param>
/// <param name="Text">A sentence for people. Nothing personal is in it: it ends in reports.</param>
public sealed record Remark(string Code, string Text);

/// <summary>
/// What becomes of one row that a module takes in from another system: what it is called here, what was changed about it so that it could come, or why it could not.
/// </summary>
public sealed class Arrival
{
    private readonly List<Remark> _remarks = [];

    /// <summary>Begins with the id that the row is to have.</summary>
    public Arrival(Guid id) => Id = id;

    /// <summary>What it is here: the id it was given, or that of what was here already and is the same.</summary>
    public Guid Id { get; private set; }

    /// <summary>Whether it is the same as something that was here before.</summary>
    public bool IsJoined { get; private set; }

    /// <summary>Why it could not come; null where it could.</summary>
    public Remark? Refusal { get; private set; }

    /// <summary>What it could not come beside, by its id here.</summary>
    public Guid? Against { get; private set; }

    /// <summary>What was changed or left out.</summary>
    public IReadOnlyList<Remark> Remarks => _remarks;

    /// <summary>Whether it may come as far as is known.</summary>
    public bool MayCome => Refusal is null;

    /// <summary>Says that it cannot come. The first reason stays.</summary>
    public void Refuse(string code, string text, Guid? against = null)
    {
        if (Refusal is null)
            (Refusal, Against) = (new(code, text), against);
    }

    /// <summary>Says that it is the same as something that is here.</summary>
    public void Join(Guid id, string code, string text)
    {
        (Id, IsJoined) = (id, true);
        Note(code, text);
    }

    /// <summary>Says what was changed or left out.</summary>
    public void Note(string code, string text) => _remarks.Add(new(code, text));

    /// <summary>A text on one line and no longer than it may be; null where nothing is left of it. What had to be changed is noted.</summary>
    public string? Line(string? text, int longest, string field) => Cut(Clean(text, isOneLine: true, field), longest, field);

    /// <summary>The same for a text of several lines.</summary>
    public string? Words(string? text, int longest, string field) => Cut(Clean(text, isOneLine: false, field), longest, field);

    /// <summary>The beginning of a text, and no half of a character.</summary>
    public static string Cut(string text, int longest) => text.Length <= longest ? text : text[..(char.IsHighSurrogate(text[longest - 1]) ? longest - 1 : longest)].TrimEnd();

    private string? Clean(string? text, bool isOneLine, string field)
    {
        if (string.IsNullOrWhiteSpace(text))
            return null;
        var clean = new StringBuilder(text.Length);
        var isChanged = false;
        foreach (var rune in text.EnumerateRunes())
            if (!isOneLine && rune.Value is '\n' or '\t')
                clean.Append(rune);
            else if (!isOneLine && rune.Value == '\r')
                continue;
            else if (Rune.IsControl(rune) || rune.Value is 0xFFFD or 0xFFFE or 0xFFFF)
            {
                clean.Append(' ');
                isChanged = true;
            }
            else
                clean.Append(rune);
        if (isChanged)
            Note("cleaned", $"{field}: characters that cannot be shown became blanks.");
        return clean.ToString().Trim() is { Length: > 0 } left ? left : null;
    }

    private string? Cut(string? text, int longest, string field)
    {
        if (text is null || text.Length <= longest)
            return text;
        Note("cut", $"{field}: longer than {longest} characters; the rest was left out.");
        return Cut(text, longest);
    }
}
