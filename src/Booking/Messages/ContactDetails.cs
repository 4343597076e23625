using System.Text;
using System.Text.RegularExpressions;

namespace Quitanda.Booking.Messages;

/// <summary>
/// Ways to reach somebody past the house: e-mail addresses, phone numbers, links and names at messengers, also where they are lightly disguised ("nome (arroba) gmail ponto com", digits apart or in words).
/// It keeps what is honest by mistake from slipping through, and not what two people set out to hide. A little too much is taken rather than too little; dates, hours and prices stay.
/// </summary>
internal static class ContactDetails
{
    /// <summary>UTF-16 units that a message has at the most.</summary>
    public const int LongestText = 2000;

    /// <summary>What stands in place of what was taken out.</summary>
    public const string Hidden = "•••";

    // Every one of them takes time in proportion to the text, whatever the text is.
    private const RegexOptions Linear = RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture;

    private const string Domains = "com|net|org|io|app|br|pt|link|site|online|shop|store";
    private const string Mailboxes = "gmail|hotmail|outlook|yahoo|icloud|uol|bol";
    private const string Messengers = "instagram|insta|whatsapp|whats|zapzap|zap|wpp|telegram|skype|discord|snapchat|tiktok|wechat|messenger|facebook";

    /// <summary>A dot that was put into words or brackets.</summary>
    private const string WordDot = @"\s{0,3}[(\[{<]\s{0,2}(dot|ponto|\.)\s{0,2}[)\]}>]\s{0,3}|\s{1,3}(dot|ponto)\s{1,3}";

    private static readonly Regex Email = new(
        $@"[\w.+\-]+\s{{0,3}}(@|[(\[{{<]\s{{0,2}}(@|at|arroba)\s{{0,2}}[)\]}}>]|\barroba\b)\s{{0,3}}(({Mailboxes})\b|[\w\-]+(\s{{0,3}}\.\s{{0,3}}|{WordDot})[\w\-]+)((\.|{WordDot})[\w\-]+){{0,3}}", Linear);

    private static readonly Regex Link = new(
        $@"(https?://|www\.)\S+|\b(wa|t|m|fb)\.me/\S+|\b[\w\-]+(\.[\w\-]+)*\.({Domains})\b([/?#]\S*)?|\b[\w\-]+\s{{0,3}}[(\[{{<]\s{{0,2}}(dot|ponto|\.)\s{{0,2}}[)\]}}>]\s{{0,3}}({Domains})\b|\b({Mailboxes})\s{{1,3}}(ponto|dot)\s{{1,3}}com\b", Linear);

    private static readonly Regex Handle = new(@"(?<before>^|[\s(,;:])@[\w.]{2,}", Linear);

    private static readonly Regex Messenger = new($@"\b({Messengers})\b(\s*[:=]\s*@?[\w.\-]{{2,}}|\s+((é|eh|e|is|do|da)\s+)?@?[a-z][\w.]*[\d_][\w.]*)", Linear);

    private const string Digit = @"(\d|\b(zero|um|uma|dois|duas|tr[eê]s|quatro|cinco|seis|meia|sete|oito|nove|one|two|three|four|five|six|seven|eight|nine)\b)";

    private static readonly Regex Phone = new($@"\+?\(?({Digit}[\s.\-–—()/_*+,|~'""]{{0,4}}){{7,}}{Digit}", Linear);

    /// <summary>Digits that are no phone number: days, hours and prices.</summary>
    private static readonly Regex Innocent = new(
        @"\b20\d\d-(0\d|1[0-2])-[0-3]\d\b|\b(0?[1-9]|[12]\d|3[01])/(0?[1-9]|1[0-2])(/(20)?\d\d)?\b|\b(0?[1-9]|[12]\d|3[01])\.(0?[1-9]|1[0-2])\.20\d\d\b|\b([01]?\d|2[0-3])(:[0-5]\d|h([0-5]\d)?)\b|(R\$|US\$|\$|€|£)\s?\d{1,3}([.,]\d{3}){0,3}([.,]\d\d)?\b",
        Linear);

    /// <summary>A text without ways to reach anybody, and whether there were any. A text that has none stays as it is.</summary>
    public static (string Text, bool IsMasked) Mask(string text)
    {
        var plain = Plain(text);
        var masked = Email.Replace(plain, Hidden);
        masked = Link.Replace(masked, Hidden);
        masked = Messenger.Replace(masked, Hidden);
        masked = Handle.Replace(masked, "${before}" + Hidden);
        masked = WithoutPhones(masked);
        return masked == plain ? (text, false) : (Cut(masked), true);
    }

    /// <summary>The text without ways to reach anybody, of so many characters at the most.</summary>
    public static string? Masked(string? text, int longest = LongestText) => text is null || Mask(text).Text is not { } masked ? null : masked.Length <= longest ? masked : masked[..longest];

    private static string WithoutPhones(string text)
    {
        var masked = new StringBuilder(text.Length);
        var from = 0;
        foreach (Match innocent in Innocent.Matches(text))
        {
            masked.Append(Phone.Replace(text[from..innocent.Index], Hidden)).Append(innocent.ValueSpan);
            from = innocent.Index + innocent.Length;
        }

        return masked.Append(Phone.Replace(text[from..], Hidden)).ToString();
    }

    /// <summary>The same in plain letters and digits: full-width and circled ones are those, and what nobody sees is not there.</summary>
    private static string Plain(string text) => string.Concat(text.Normalize(NormalizationForm.FormKC).Where(letter => letter is not ('\u200B' or '\u200C' or '\u200D' or '\u2060' or '\uFEFF' or '\u00AD')));

    /// <summary>Plain letters may be more of them than there were.</summary>
    private static string Cut(string text) => text.Length <= LongestText ? text : text[..(char.IsHighSurrogate(text[LongestText - 1]) ? LongestText - 1 : LongestText)];
}
