using System.ComponentModel.DataAnnotations;
using System.Text.RegularExpressions;

namespace Quitanda.Platform;

/// <summary>The clocks on the walls of a time zone, also on the days on which they change.</summary>
public static class WallClock
{
    /// <summary>The first instant at which the zone's clocks show a time, or pass it where they skip it.</summary>
    public static DateTimeOffset FirstInstantOf(DateTime wall, TimeZoneInfo zone)
    {
        if (zone.IsInvalidTime(wall))
        {
            // The clocks jump at the same instant whichever offset one counts with: go back to the last minute they did show.
            var before = wall;
            while (zone.IsInvalidTime(before))
                before = before.AddMinutes(-1);
            return new DateTimeOffset(before, zone.GetUtcOffset(before)).AddMinutes(1);
        }

        // Of two offsets the larger one is the earlier instant.
        var offset = zone.IsAmbiguousTime(wall) ? zone.GetAmbiguousTimeOffsets(wall).Max() : zone.GetUtcOffset(wall);
        return new DateTimeOffset(wall, offset);
    }

    /// <summary>When a day begins.</summary>
    public static DateTimeOffset BeginningOf(DateOnly day, TimeZoneInfo zone) => FirstInstantOf(day.ToDateTime(TimeOnly.MinValue), zone);

    /// <summary>The day that the zone's calendars show at an instant.</summary>
    public static DateOnly DayOf(DateTimeOffset instant, TimeZoneInfo zone) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(instant, zone).DateTime);
}

/// <summary>The name of a time zone in the IANA database, such as <c>America/Sao_Paulo</c>.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed partial class TimeZoneAttribute : ValidationAttribute
{
    /// <summary>Makes the rule with its message.</summary>
    public TimeZoneAttribute() : base("{0} must be the name of an IANA time zone, such as America/Sao_Paulo.") { }

    /// <inheritdoc/>
    /// <remarks>Only what looks like a name gets as far as the system's own files.</remarks>
    public override bool IsValid(object? value) =>
        value is null || (value is string { Length: <= 64 } name && Name().IsMatch(name) && TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) && zone.HasIanaId);

    [GeneratedRegex("^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+){0,2}$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Name();
}
