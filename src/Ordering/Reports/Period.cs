using System.ComponentModel.DataAnnotations;
using Quitanda.Ordering.Stores;
using Quitanda.Platform;

namespace Quitanda.Ordering.Reports;

/// <summary>The time that a report is about.</summary>
internal abstract record PeriodQuery
{
    /// <summary>From this on: a day (<c>2026-03-04</c>) in the store's own time zone, or an RFC 3339 time. Without it, 30 days before the end.</summary>
    [StringLength(40, MinimumLength = 1)]
    public string? From { get; init; }

    /// <summary>Before this RFC 3339 time, or up to the end of this day. Without it, up to now.</summary>
    [StringLength(40, MinimumLength = 1)]
    public string? To { get; init; }
}

/// <summary>A time from one instant to before another, and the zone whose days it is counted in.</summary>
internal sealed record Period(DateTimeOffset From, DateTimeOffset To, TimeZoneInfo Zone)
{
    private const int DaysAtMost = 400;

    /// <exception cref="InvalidException">It ends before it begins, or is longer than 400 days.</exception>
    public static async Task<Period> Read(PeriodQuery query, IBusinessTime time, DateTimeOffset now, CancellationToken ct)
    {
        var to = query.To is null ? now : await StoreInstant.Read(query.To, "to", daysLater: 1, time, ct);
        var from = query.From is null ? to.AddDays(-30) : await StoreInstant.Read(query.From, "from", daysLater: 0, time, ct);
        if (to <= from)
            throw new InvalidException("to", "must be after from.");
        // Days of the calendar: the clocks that change make some longer.
        var zone = await time.Zone(ct);
        return TimeZoneInfo.ConvertTime(to, zone).DateTime - TimeZoneInfo.ConvertTime(from, zone).DateTime > TimeSpan.FromDays(DaysAtMost)
            ? throw new InvalidException("from", $"must be at most {DaysAtMost} days before to.")
            : new(from, to, zone);
    }
}
