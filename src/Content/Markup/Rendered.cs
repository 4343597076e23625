using System.Buffers;
using System.Text;
using Markdig;
using Markdig.Extensions.EmphasisExtras;
using Quitanda.Platform;

namespace Quitanda.Content.Markup;

/// <summary>What is made of somebody's Markdown: HTML that does nothing but show it, and its words alone.</summary>
/// <param name="Html">Within what <see cref="Sanitizer"/> lets through.</param>
/// <param name="Text">Without any markup.</param>
internal sealed record Rendered(string Html, string Text)
{
    /// <summary>The making of HTML, by number: stored with what it made. Raise it with every change that makes other HTML, and all that is stored is made anew.</summary>
    public const int Version = 2;

    /// <summary>Elements within one another, at the most.</summary>
    private const int DeepestNesting = 64;

    /// <summary>Brackets of a text, at the most: each may begin a link, and is looked at together with those before it.</summary>
    private const int BracketsAtMost = 2_000;

    /// <summary>Stars, underscores and tildes of a text, at the most: each may be one end of an emphasis.</summary>
    private const int MarksAtMost = 5_000;

    /// <summary>
    /// Letters that are looked at for links, at the most: from each place where the address of one may begin, all are looked at up to the next blank. As they are reckoned from outside: the places of
    /// a word by its letters.
    /// </summary>
    private const long LettersLookedAt = 4_000_000;

    private const int LongestLead = 200;

    /// <summary>What blanks are to whoever looks for the end of an address; the library knows more of them, so what is reckoned is never less.</summary>
    private static readonly SearchValues<char> Blanks = SearchValues.Create(" \t\r\n");

    /// <summary>With what an address begins, or stands behind.</summary>
    private static readonly string[] Addressed = ["www.", "://", "mailto:", "tel:", "]("];

    // No raw HTML, no attributes of the writer's choosing. Links are made of addresses that stand in the text by themselves, of those with these beginnings only.
    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder { MaximumNestingDepth = DeepestNesting }
        .UsePipeTables().UseEmphasisExtras(EmphasisExtraOptions.Strikethrough).UseAutoLinks(new() { ValidPreviousCharacters = "*_~(\"'" }).DisableHtml().Build();

    /// <summary>How the text begins, on one line and up to the end of a word.</summary>
    public string Lead { get; } = Beginning(Text);

    /// <summary>Makes HTML of a text.</summary>
    /// <param name="markdown">As it was written.</param>
    /// <param name="sanitizer">What may be in it.</param>
    /// <param name="field">What the text is called where it is refused.</param>
    /// <exception cref="InvalidException">It is nested too deeply, or made to take long or to become long.</exception>
    public static Rendered Of(string markdown, Sanitizer sanitizer, string field)
    {
        RequireSensible(markdown, sanitizer.Bounds, field);
        string html;
        try
        {
            html = Markdown.ToHtml(markdown, Pipeline);
        }
        catch (ArgumentException)
        {
            // All that the library refuses, and it has no exception of its own for it.
            throw new InvalidException(field, $"is nested too deeply: {DeepestNesting} levels at the most.");
        }

        var clean = sanitizer.Clean(html);
        return clean.Html.Length <= sanitizer.Bounds.Letters ? clean : throw new InvalidException(field, $"would be too long as HTML: {sanitizer.Bounds.Letters} characters at the most.");
    }

    /// <summary>Reckons beforehand what would take long or make much, without looking closer.</summary>
    private static void RequireSensible(string markdown, Bounds bounds, string field)
    {
        var (lines, bars, widest, brackets, marks) = (1, 0, 0, 0, 0);
        foreach (var letter in markdown)
            switch (letter)
            {
                case '\n' or '\r':
                    (lines, widest, bars) = (lines + 1, Math.Max(widest, bars), 0);
                    break;
                case '|':
                    bars++;
                    break;
                case '[':
                    brackets++;
                    break;
                case '*' or '_' or '~':
                    marks++;
                    break;
            }

        widest = Math.Max(widest, bars);
        if (widest > 0 && (long)lines * (widest + 1) > bounds.Cells)
            throw new InvalidException(field, $"would make too large a table: {bounds.Cells} cells at the most.");
        if (brackets > BracketsAtMost)
            throw new InvalidException(field, $"has too many brackets: {BracketsAtMost} at the most.");
        if (marks > MarksAtMost)
            throw new InvalidException(field, $"has too many stars, underscores and tildes: {MarksAtMost} at the most.");
        if (LookedAt(markdown.ToLowerInvariant()) > LettersLookedAt)
            throw new InvalidException(field, "has too many links without a blank between them.");
    }

    private static long LookedAt(ReadOnlySpan<char> rest)
    {
        for (var letters = 0L; ;)
        {
            var end = rest.IndexOfAny(Blanks);
            var word = end < 0 ? rest : rest[..end];
            foreach (var address in Addressed)
                letters += (long)word.Length * word.Count(address);
            if (end < 0)
                return letters;
            rest = rest[(end + 1)..];
        }
    }

    private static string Beginning(string text)
    {
        var lead = new StringBuilder(LongestLead + 1);
        foreach (var word in text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            if (lead.Length + word.Length + 1 > LongestLead)
            {
                // A single word of such a length is cut, not within a character.
                if (lead.Length == 0)
                    lead.Append(word, 0, char.IsHighSurrogate(word[LongestLead - 2]) ? LongestLead - 2 : LongestLead - 1);
                return lead.Append('…').ToString();
            }

            if (lead.Length > 0)
                lead.Append(' ');
            lead.Append(word);
        }

        return lead.ToString();
    }
}

/// <summary>How much may be made of a text.</summary>
/// <param name="Cells">
/// Cells of tables, as they are reckoned from outside: the lines of a text by the bars of that which has most. A row of a table is filled up to its widest, so that 64 KB of bars would make a
/// gigabyte of cells.
/// </param>
/// <param name="Letters">Characters of HTML.</param>
internal sealed record Bounds(int Cells, int Letters);
