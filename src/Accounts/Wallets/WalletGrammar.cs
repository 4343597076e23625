using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace Quitanda.Accounts.Wallets;

/// <summary>
/// The grammar of EIP-4361, to the letter: its lines in their order, each of the shape that RFC 3986 and RFC 3339 give it, and nothing besides. No part of it can hold a line feed,
/// so lines are what there is to look at. Every part has a length that it may have at the most.
/// </summary>
internal static partial class WalletGrammar
{
    private const int DomainLongest = 300;
    private const int UriLongest = 1000;
    private const int StatementLongest = 1000;
    private const int RequestIdLongest = 200;
    private const int ResourcesAtMost = 20;

    // RFC 3986 in pieces: what a name, a path and a query are made of.
    private const string Encoded = "%[0-9A-Fa-f]{2}";
    private const string Plain = @"A-Za-z0-9\-._~!$&'()*+,;=";
    private const string PathCharacter = $"(?:[{Plain}:@]|{Encoded})";
    private const string Owner = $"(?:(?:[{Plain}:]|{Encoded})*@)?";
    private const string Literal = @"\[(?<literal>[^\[\]]*)\]";
    private const string HostName = $"(?:[{Plain}]|{Encoded})";
    private const string Port = "(?::[0-9]*)?";
    private const string PathPattern = $"(?://{Owner}(?:{Literal}|{HostName}*){Port}(?:/{PathCharacter}*)*|/(?:{PathCharacter}+(?:/{PathCharacter}*)*)?|{PathCharacter}+(?:/{PathCharacter}*)*|)";
    private const string TailPattern = $"(?:{PathCharacter}|[/?])*";

    /// <summary>Reads a message; null where it is none.</summary>
    public static WalletMessage? Read(string text)
    {
        if (text.Length > WalletMessage.Longest)
            return null;
        var lines = text.Split('\n');
        var at = 0;
        if (Line() is not { } asks || !asks.EndsWith(WalletMessage.Asks, StringComparison.Ordinal) || Asker(asks[..^WalletMessage.Asks.Length]) is not { } asker)
            return null;
        // Here an address has its checksum, whatever the API takes elsewhere.
        if (Line() is not { } account || !AddressLine().IsMatch(account) || WalletAddress.Read(account) is not { } address || address.ToString() != account)
            return null;

        if (Line() is not "" || Line() is not { } said)
            return null;
        var statement = said.Length == 0 ? null : said;
        if (statement is not null && (statement.Length > StatementLongest || !StatementLine().IsMatch(statement) || Line() is not ""))
            return null;

        if (Field("URI: ") is not { } uri || !IsUri(uri) || Field("Version: ") is not "1" || Field("Chain ID: ") is not { } chain || !ChainIdField().IsMatch(chain)
            || Field("Nonce: ") is not { } nonce || !NonceField().IsMatch(nonce) || Field("Issued At: ") is not { } issued || Time(issued) is not { } issuedAt)
            return null;

        var (expiration, beginning, requestId) = (Field("Expiration Time: "), Field("Not Before: "), Field("Request ID: "));
        var (expirationTime, notBefore) = (Time(expiration), Time(beginning));
        if ((expiration is not null && expirationTime is null) || (beginning is not null && notBefore is null)
            || (requestId is not null && (requestId.Length > RequestIdLongest || !RequestIdField().IsMatch(requestId))))
            return null;

        List<string>? resources = null;
        if (at < lines.Length && lines[at] == "Resources:")
        {
            resources = [];
            at++;
            while (Field("- ") is { } resource)
            {
                if (resources.Count == ResourcesAtMost || !IsUri(resource))
                    return null;
                resources.Add(resource);
            }
        }

        return at < lines.Length ? null : new WalletMessage
        {
            Scheme = asker.Scheme,
            Domain = asker.Domain,
            Address = address,
            Statement = statement,
            Uri = uri,
            ChainId = long.Parse(chain, NumberStyles.None, CultureInfo.InvariantCulture),
            Nonce = nonce,
            IssuedAt = issuedAt,
            ExpirationTime = expirationTime,
            NotBefore = notBefore,
            RequestId = requestId,
            Resources = resources,
        };

        string? Line() => at < lines.Length ? lines[at++] : null;

        string? Field(string name) => at < lines.Length && lines[at].StartsWith(name, StringComparison.Ordinal) ? lines[at++][name.Length..] : null;
    }

    /// <summary>Whether this is a URI of RFC 3986, which has a scheme.</summary>
    public static bool IsUri(string text) => text.Length <= UriLongest && UriField().Match(text) is { Success: true } uri && IsLiteral(uri);

    private static (string? Scheme, string Domain)? Asker(string text) =>
        text.Length <= DomainLongest && AskerField().Match(text) is { Success: true } match && IsLiteral(match)
            ? (match.Groups["scheme"] is { Success: true, Value: var scheme } ? scheme : null, match.Groups["domain"].Value)
            : null;

    /// <summary>Between brackets stands an address of version 6, or of one to come.</summary>
    private static bool IsLiteral(Match match) => match.Groups["literal"] is not { Success: true, Value: var literal } || FutureAddress().IsMatch(literal)
        || (SixthAddress().IsMatch(literal) && IPAddress.TryParse(literal, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6);

    /// <summary>A time of RFC 3339; null where it is none.</summary>
    private static DateTimeOffset? Time(string? text)
    {
        if (text is null || TimeField().Match(text) is not { Success: true } match)
            return null;
        var (year, month, day, second) = (Number("year"), Number("month"), Number("day"), Number("second"));
        if (year == 0 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month) || Number("hour") > 23 || Number("minute") > 59 || second > 60)
            return null;
        var (hours, minutes) = (match.Groups["offset"].Success ? Number("hours") : 0, match.Groups["offset"].Success ? Number("minutes") : 0);
        if (hours > 23 || minutes > 59)
            return null;

        // A leap second, which this calendar does not know, is the one after it. Further than a ten millionth nobody counts.
        var fraction = long.Parse(match.Groups["fraction"].Value.PadRight(7, '0')[..7], NumberStyles.None, CultureInfo.InvariantCulture);
        var ticks = new DateTime(year, month, day, Number("hour"), Number("minute"), 0, DateTimeKind.Utc).Ticks + second * TimeSpan.TicksPerSecond + fraction;
        ticks -= (match.Groups["offset"].Value == "-" ? -1 : 1) * new TimeSpan(hours, minutes, 0).Ticks;
        return ticks < DateTime.MinValue.Ticks || ticks > DateTime.MaxValue.Ticks ? null : new DateTimeOffset(ticks, TimeSpan.Zero);

        int Number(string part) => int.Parse(match.Groups[part].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex($@"^(?:(?<scheme>[A-Za-z][A-Za-z0-9+\-.]*)://)?(?<domain>{Owner}(?:{Literal}|{HostName}+){Port})\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex AskerField();

    [GeneratedRegex(@"^0x[0-9a-fA-F]{40}\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex AddressLine();

    [GeneratedRegex(@"^[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;= ]+\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex StatementLine();

    [GeneratedRegex($@"^[A-Za-z][A-Za-z0-9+\-.]*:{PathPattern}(?:\?{TailPattern})?(?:#{TailPattern})?\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex UriField();

    [GeneratedRegex(@"^[0-9]{1,18}\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ChainIdField();

    [GeneratedRegex(@"^[A-Za-z0-9]{8,128}\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex NonceField();

    [GeneratedRegex($@"^{PathCharacter}*\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex RequestIdField();

    [GeneratedRegex(@"^(?<year>[0-9]{4})-(?<month>[0-9]{2})-(?<day>[0-9]{2})[Tt](?<hour>[0-9]{2}):(?<minute>[0-9]{2}):(?<second>[0-9]{2})(?:\.(?<fraction>[0-9]{1,30}))?(?:[Zz]|(?<offset>[+\-])(?<hours>[0-9]{2}):(?<minutes>[0-9]{2}))\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex TimeField();

    [GeneratedRegex(@"^[0-9A-Fa-f:.]+\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SixthAddress();

    [GeneratedRegex($@"^[vV][0-9A-Fa-f]+\.[{Plain}:]+\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex FutureAddress();
}
