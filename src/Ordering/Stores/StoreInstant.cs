using System.Globalization;
using Quitanda.Platform;

namespace Quitanda.Ordering.Stores;

/// <summary>Times that somebody asks by: days of the store's own calendar, or instants.</summary>
internal static class StoreInstant
{
    /// <summary>The instant that is meant: the beginning of a day, so many days later, in the store's own time zone; or an RFC 3339 time as it is.</summary>
    /// <exception cref="InvalidException">It is neither.</exception>
    public static async ValueTask<DateTimeOffset> Read(string text, string field, int daysLater, IBusinessTime time, CancellationToken ct)
    {
        if (await Parsed(text, daysLater, time, ct) is { } instant && instant.Year is > 1900 and < 9000)
            return instant;
        throw new InvalidException(field, "must be a day such as 2026-03-04, or a time such as 2026-03-04T12:00:00Z.");
    }

    private static async ValueTask<DateTimeOffset?> Parsed(string text, int daysLater, IBusinessTime time, CancellationToken ct)
    {
        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
            return day.Year is < 1900 or > 9000 ? null : WallClock.BeginningOf(day.AddDays(daysLater), await time.Zone(ct)).ToUniversalTime();
        return DateTimeOffset.TryParseExact(text, ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var instant)
            ? instant
            : null;
    }
}
