using Quitanda.Platform.Mails;

namespace Quitanda.Platform;

/// <summary>
/// Words in both languages that are filled in from a record, for what is said elsewhere than in a letter: the first line is a title, and what comes after a blank line is said below it.
/// They are written as an <see cref="ILetter"/>'s are.
/// </summary>
public sealed class Phrases
{
    private readonly LetterText _portuguese;
    private readonly LetterText _english;

    /// <summary>Reads the words.</summary>
    /// <param name="facts">The record that they are filled in from.</param>
    /// <param name="portuguese">In Brazilian Portuguese.</param>
    /// <param name="english">In English, with the same placeholders.</param>
    /// <exception cref="FormatException">They say something that the record does not know, or not the same in both languages.</exception>
    public Phrases(Type facts, string portuguese, string english)
    {
        (_portuguese, _english) = (LetterText.Parse($"{portuguese}\n\n", Language.Portuguese, facts), LetterText.Parse($"{english}\n\n", Language.English, facts));
        if (!_portuguese.Names.SetEquals(_english.Names))
            throw new FormatException($"'{portuguese}' and '{english}' do not say the same.");
    }

    /// <summary>Fills them in.</summary>
    /// <param name="facts">The record.</param>
    /// <param name="locale">A tag of BCP 47, which chooses the language.</param>
    /// <param name="otherwise">The one for whoever has none, or one there are no words for.</param>
    /// <param name="addressee">How the reader is called.</param>
    /// <param name="shop">The shop's name and its IANA time zone.</param>
    /// <exception cref="PermanentFailureException">A value of the title has a line break.</exception>
    public (string Title, string Body) Fill(object facts, string? locale, string otherwise, string addressee, (string Name, string TimeZone) shop)
    {
        var language = Language.Of(locale, otherwise);
        var text = language == Language.English ? _english : _portuguese;
        var filling = new Filling(facts, shop.Name, addressee, TimeZoneInfo.FindSystemTimeZoneById(shop.TimeZone));
        return (text.Subject(filling), string.Join('\n', text.Body(filling).Select(line => string.Join("  ", line.Parts))));
    }
}
