using System.Globalization;

namespace Quitanda.Platform.Mails;

/// <summary>
/// A language we have words for, and how it writes amounts and dates. By rules of our own and not the machine's: an installation without the
/// tables of cultures, or with others, would write other mails.
/// </summary>
internal sealed class Language
{
    /// <summary>Keeps an amount and its currency on one line.</summary>
    private const char NoBreak = '\u00A0';

    private static readonly string[] MonthsInPortuguese = ["janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro", "outubro", "novembro", "dezembro"];
    private static readonly string[] MonthsInEnglish = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
    private readonly char _decimals;
    private readonly char _groups;
    private readonly bool _spaces;
    private readonly Func<DateOnly, string> _day;

    private Language(string tag, char decimals, char groups, bool spaces, string automatic, string exit, Func<DateOnly, string> day) =>
        (Tag, _decimals, _groups, _spaces, Automatic, Exit, _day) = (tag, decimals, groups, spaces, automatic, exit, day);

    public static Language Portuguese { get; } = new("pt-BR", ',', '.', spaces: true, "Esta mensagem foi enviada automaticamente por {0}.", "Não quero mais receber e-mails deste tipo", day => $"{day.Day} de {MonthsInPortuguese[day.Month - 1]} de {day.Year}");

    public static Language English { get; } = new("en", '.', ',', spaces: false, "This message was sent automatically by {0}.", "I do not want e-mails of this kind any more", day => $"{MonthsInEnglish[day.Month - 1]} {day.Day}, {day.Year}");

    /// <summary>The tag of BCP 47.</summary>
    public string Tag { get; }

    /// <summary>The last line of every mail; <c>{0}</c> is the shop.</summary>
    public string Automatic { get; }

    /// <summary>Says what the link does by which somebody asks for no more.</summary>
    public string Exit { get; }

    /// <summary>The language of a locale, whatever its region; the other tag's where we have no words for it.</summary>
    public static Language Of(string? locale, string otherwise) => Find(locale) ?? Find(otherwise) ?? Portuguese;

    /// <summary>An amount: <c>R$ 1.234,50</c>, <c>R$1,234.50</c>.</summary>
    public string Write(Money money)
    {
        var decimals = Currencies.DecimalsOf(money.Currency);
        var digits = money.Amount.ToString(CultureInfo.InvariantCulture).PadLeft(decimals + 1, '0');
        var whole = digits[..^decimals];
        for (var at = whole.Length - 3; at > 0; at -= 3)
            whole = whole.Insert(at, _groups.ToString());
        var number = decimals == 0 ? whole : $"{whole}{_decimals}{digits[^decimals..]}";
        var symbol = money.Currency switch { "BRL" => "R$", "USD" => "US$", "EUR" => "€", "GBP" => "£", _ => null };
        return symbol is null ? $"{money.Currency}{NoBreak}{number}" : _spaces ? $"{symbol}{NoBreak}{number}" : $"{symbol}{number}";
    }

    /// <summary>A day: <c>4 de março de 2026</c>, <c>March 4, 2026</c>.</summary>
    public string Write(DateOnly day) => _day(day);

    /// <summary>An instant as the clock on the shop's wall shows it.</summary>
    public string Write(DateTimeOffset instant, TimeZoneInfo zone)
    {
        var there = TimeZoneInfo.ConvertTime(instant, zone);
        return $"{_day(DateOnly.FromDateTime(there.DateTime))}, {there.ToString("HH:mm", CultureInfo.InvariantCulture)}";
    }

    private static Language? Find(string? locale) => locale?.Split('-')[0].ToLowerInvariant() switch { "pt" => Portuguese, "en" => English, _ => null };
}
