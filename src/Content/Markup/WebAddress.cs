using System.Buffers;

namespace Quitanda.Content.Markup;

/// <summary>Where a link may lead and an image may come from.</summary>
internal static class WebAddress
{
    private const int Longest = 2000;

    private const string Files = "/api/v1/files/";

    /// <summary>What stands in the address of a file of the house: nothing that leads up and out again, however it is written.</summary>
    private static readonly SearchValues<char> OfFiles = SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz/-");

    /// <summary>The address of a link, as it is written out: http, https, mailto, or a place of the same site; null for everything else.</summary>
    public static string? OfLink(string? given) => Of(given) switch
    {
        null => null,
        { } own when own[0] is '/' or '#' => own,
        { } address when new Uri(address).Scheme is "http" or "https" or "mailto" => address,
        _ => null,
    };

    /// <summary>The address of an image: http, https, or a file of the house; null for everything else.</summary>
    public static string? OfImage(string? given) => Of(given) switch
    {
        null => null,
        { } own when own[0] is '/' or '#' => own.StartsWith(Files, StringComparison.Ordinal) && !own.AsSpan(Files.Length).ContainsAnyExcept(OfFiles) ? own : null,
        { } address when new Uri(address).Scheme is "http" or "https" => address,
        _ => null,
    };

    /// <summary>Whether it leads to another site than the one given, if any.</summary>
    public static bool IsOutside(string address, string? ownHost) =>
        address[0] is not ('/' or '#') && !(ownHost is not null && new Uri(address).Host.Equals(ownHost, StringComparison.OrdinalIgnoreCase));

    /// <summary>
    /// An absolute address, or a path or fragment of the same site. Readers of addresses differ in what they pass over: blanks, controls, what is invisible, backslashes. An address
    /// with any of these is none; so is one that names no scheme and yet no place of the same site, since a scheme may hide in it.
    /// </summary>
    private static string? Of(string? given)
    {
        var address = given?.Trim(' ', '\t', '\r', '\n');
        if (address is not { Length: > 0 and <= Longest })
            return null;
        foreach (var rune in address.EnumerateRunes())
            if (rune.Value is < 0x21 or 0x7F or '\\' or '"' or '\'' or '<' or '>' or '`' || !IsVisible(rune))
                return null;
        if (address[0] == '#')
            return address;
        if (address[0] == '/')
            return address.Length > 1 && address[1] == '/' ? null : address;
        return Uri.TryCreate(address, UriKind.Absolute, out var absolute) && !absolute.IsFile && !absolute.IsUnc && (absolute.Scheme == Uri.UriSchemeMailto || absolute.Host.Length > 0)
            ? absolute.AbsoluteUri : null;
    }

    private static bool IsVisible(System.Text.Rune rune) => System.Text.Rune.GetUnicodeCategory(rune) is not (
        System.Globalization.UnicodeCategory.Control or System.Globalization.UnicodeCategory.Format or System.Globalization.UnicodeCategory.SpaceSeparator
        or System.Globalization.UnicodeCategory.LineSeparator or System.Globalization.UnicodeCategory.ParagraphSeparator or System.Globalization.UnicodeCategory.PrivateUse
        or System.Globalization.UnicodeCategory.Surrogate or System.Globalization.UnicodeCategory.OtherNotAssigned);
}
