using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Quitanda.Platform;

namespace Quitanda.Notifications.Preferences;

/// <summary>When somebody is not to be disturbed. Where it ends before it begins, it ends on the next day.</summary>
/// <param name="From">The hour it begins, on the clocks of the zone.</param>
/// <param name="Until">The hour it ends, another than it begins.</param>
/// <param name="TimeZone">An IANA time zone; without it the shop's.</param>
internal sealed record QuietHours(
    [property: Impersonal][RegularExpression(QuietHours.HourPattern)] string From,
    [property: Impersonal][RegularExpression(QuietHours.HourPattern)] string Until,
    [property: Impersonal][TimeZone] string? TimeZone = null)
{
    public const string HourPattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$";

    /// <summary>When the quiet that holds at an instant ends; null where none does.</summary>
    /// <remarks>By instants and not by what the clocks show, which on the days of their change is shown twice or never.</remarks>
    public DateTimeOffset? EndAfter(DateTimeOffset now, string shopsZone)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(TimeZone ?? shopsZone);
        var (from, until) = (HourOf(From), HourOf(Until));
        var today = WallClock.DayOf(now, zone);
        // One that holds now began today or yesterday.
        foreach (var day in (DateOnly[])[today.AddDays(-1), today])
        {
            var begins = WallClock.FirstInstantOf(day.ToDateTime(from), zone);
            var ends = WallClock.FirstInstantOf((until <= from ? day.AddDays(1) : day).ToDateTime(until), zone);
            if (begins <= now && now < ends)
                return ends;
        }

        return null;
    }

    private static TimeOnly HourOf(string hour) => TimeOnly.ParseExact(hour, "HH:mm", CultureInfo.InvariantCulture);
}

/// <summary>When people are not to be disturbed.</summary>
internal sealed class QuietTimes(Db db, ILetterhead letterhead)
{
    /// <summary>What somebody has said; null where they have not.</summary>
    public Task<QuietHours?> Of(Guid personId, CancellationToken ct) => db.ReadFirst(
        $"select quiet_from, quiet_until, time_zone from notifications.people where person_id = {personId} and quiet_from is not null",
        row => new QuietHours(row.GetString(0), row.GetString(1), row.IsDBNull(2) ? null : row.GetString(2)), ct);

    /// <summary>Until when somebody is not to be disturbed; null where they may be.</summary>
    public async Task<DateTimeOffset?> EndFor(Guid personId, DateTimeOffset now, CancellationToken ct) =>
        await Of(personId, ct) is { } quiet ? quiet.EndAfter(now, (await letterhead.Read(ct)).TimeZone) : null;
}
