using System.Text.Json;
using System.Text.RegularExpressions;

namespace Quitanda.Platform.Mails;

/// <summary>A kind of letter: its name, its record, and its words in each language. One that waits goes out though its module is off by then: it was promised.</summary>
[EvenWhenOff]
internal sealed partial class LetterKind
{
    private const int LongestName = 60;

    private readonly Lazy<Dictionary<Language, LetterText>> _texts;

    private LetterKind(string name, string? notice, Type letter, string portuguese, string english)
    {
        (Name, Notice, Letter) = (name, notice, letter);
        // Nothing of it is needed before the first mail.
        _texts = new(() => new()
        {
            [Language.Portuguese] = LetterText.Parse(portuguese, Language.Portuguese, letter),
            [Language.English] = LetterText.Parse(english, Language.English, letter),
        });
    }

    public string Name { get; }

    /// <summary>The kind of notices that it is one of.</summary>
    public string? Notice { get; }

    public Type Letter { get; }

    /// <exception cref="ArgumentException">Its name, or that of its kind, is none that can be kept.</exception>
    public static LetterKind Of<T>() where T : ILetter => new(Kept(T.Name, typeof(T)), T.Kind is { } notice ? Kept(notice, typeof(T)) : null, typeof(T), T.Portuguese, T.English);

    /// <summary>A name that the log of what was sent takes: else its mails would fail in the transactions of those that send them.</summary>
    private static string Kept(string name, Type letter) => name.Length <= LongestName && NamePattern().IsMatch(name)
        ? name
        : throw new ArgumentException($"'{name}' of {letter.Name} cannot be a letter's name, nor its kind's: two words with a dot between, of lower-case letters, digits, '_' and '-', {LongestName} characters at the most.", nameof(name));

    [GeneratedRegex("^[a-z0-9_]+\\.[a-z0-9_-]+\\z", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NamePattern();

    public LetterText In(Language language) => _texts.Value[language];

    /// <summary>The mail as it goes out.</summary>
    public OutgoingMail Write(Guid id, Language language, Addressee from, Addressee to, JsonElement letter, (string Name, string TimeZone) shop, MailExit? exit)
    {
        var text = In(language);
        var filling = new Filling(letter.Deserialize(Letter, Wire.Json)!, shop.Name, to.Name, TimeZoneInfo.FindSystemTimeZoneById(shop.TimeZone));
        var subject = text.Subject(filling);
        var body = text.Body(filling);
        return new(id, Name, language.Tag, from, to, subject, Layout.Text(body, language, shop.Name, exit), Layout.Html(body, language, shop.Name, subject, exit), exit);
    }
}

/// <summary>A mail, whole, on its way out.</summary>
/// <param name="Id">Ours. Every copy carries it, so that the other side can tell a double.</param>
/// <param name="Template">The letter's name.</param>
/// <param name="Locale">The language it is in.</param>
/// <param name="From">Who writes.</param>
/// <param name="To">Who reads.</param>
/// <param name="Subject">One line.</param>
/// <param name="Text">The body as plain text, lines ended by line feeds.</param>
/// <param name="Html">The body as a page.</param>
/// <param name="Exit">How its reader asks for no more of its kind.</param>
internal sealed record OutgoingMail(Guid Id, string Template, string Locale, Addressee From, Addressee To, string Subject, string Text, string Html, MailExit? Exit)
{
    /// <summary>Nothing of what is written or to whom: it may end up in a log.</summary>
    public override string ToString() => $"{Template} {Id}";
}

/// <summary>Who carries mails.</summary>
internal interface IMailTransport
{
    /// <summary>Hands the mail over. When it returns, the other side has taken the mail on.</summary>
    /// <exception cref="PermanentFailureException">This mail will never be taken.</exception>
    /// <exception cref="MailNotTakenException">It was not taken now.</exception>
    Task Send(OutgoingMail mail, CancellationToken ct);
}

/// <summary>A mail was not taken, and may be later. The message has no address in it.</summary>
internal sealed class MailNotTakenException(string message) : Exception(message);
