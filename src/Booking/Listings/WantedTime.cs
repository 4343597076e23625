using System.Globalization;
using Quitanda.Platform;

namespace Quitanda.Booking.Listings;

/// <summary>
/// The time that a search wants something free for: days, which are each listing's own, or instants. Listings of both units are judged: what is by the day has to be free on all days that
/// are touched, what is by the hour all the time, each with its buffers.
/// </summary>
internal sealed class WantedTime
{
    /// <summary>The longest that is searched for.</summary>
    private const int DaysAtMost = 366;

    private static readonly string[] Instants = ["yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    private readonly Sql _since;
    private readonly Sql _until;

    private WantedTime(Sql since, Sql until) => (_since, _until) = (since, until);

    /// <summary>Reads <c>from</c> and <c>to</c> of a query; null where neither is there.</summary>
    /// <exception cref="InvalidException">One without the other, a day and an instant, an end before the beginning, more than 366 days.</exception>
    public static WantedTime? Of(string? from, string? to)
    {
        if (from is null && to is null)
            return null;
        if (from is null || to is null)
            throw new InvalidException(from is null ? "from" : "to", "is needed with the other.");
        if (DateOnly.TryParseExact(from, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var first))
            return OfDays(first, DateOnly.TryParseExact(to, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var last) ? last : throw new InvalidException("to", "must be a day, as from is."));
        var (begins, ends) = (Instant(from, "from"), Instant(to, "to"));
        if (ends <= begins)
            throw new InvalidException("to", "must be after from.");
        Require(ends - begins <= TimeSpan.FromDays(DaysAtMost));
        return new(
            Sql.Of($"""
                (case c.unit when 'day' then booking.beginning_of(({begins} at time zone c.time_zone)::date - c.buffer_before::integer, c.time_zone)
                else {begins} - make_interval(mins => c.buffer_before::integer) end)
                """),
            Sql.Of($"""
                (case c.unit when 'day' then booking.beginning_of((({ends} - interval '1 microsecond') at time zone c.time_zone)::date + 1 + c.buffer_after::integer, c.time_zone)
                else {ends} + make_interval(mins => c.buffer_after::integer) end)
                """));
    }

    /// <summary>The condition on listings <c>c</c>, which have the columns of <see cref="Needed"/>: so many of their units are free.</summary>
    // Counted, and not asked for by "not exists": that could be joined, and then all that anybody ever took would be read.
    public Sql IsFree(int units) => Sql.Of($"""
        c.units - {units} >= case when c.is_pooled
            then (select coalesce(max(n.taken), 0) from booking.counts n where n.resource_id = c.id and n.at > {_since} - interval '15 minutes' and n.at < {_until})
            else (select count(distinct t.unit) from booking.taken t where t.listing_id = c.id and upper(t.during) > {_since} and lower(t.during) < {_until} and t.unit <= c.units) end
        """);

    /// <summary>What the condition asks of a listing <c>l</c>.</summary>
    public static readonly Sql Needed = Sql.Raw("l.unit, l.time_zone, l.units, l.is_pooled, l.buffer_before, l.buffer_after");

    private static WantedTime OfDays(DateOnly first, DateOnly last)
    {
        if (last < first)
            throw new InvalidException("to", "must not be before from; it is the last day.");
        Require(last.DayNumber - first.DayNumber < DaysAtMost);
        return new(
            Sql.Of($"""
                (case c.unit when 'day' then booking.beginning_of({first} - c.buffer_before::integer, c.time_zone)
                else booking.beginning_of({first}, c.time_zone) - make_interval(mins => c.buffer_before::integer) end)
                """),
            Sql.Of($"""
                (case c.unit when 'day' then booking.beginning_of({last} + 1 + c.buffer_after::integer, c.time_zone)
                else booking.beginning_of({last} + 1, c.time_zone) + make_interval(mins => c.buffer_after::integer) end)
                """));
    }

    private static DateTimeOffset Instant(string text, string field) =>
        // Without an offset nobody knows what is meant.
        (text.EndsWith('Z') || text.LastIndexOfAny(['+', '-']) > text.IndexOf('T', StringComparison.Ordinal)) && text.Contains('T', StringComparison.Ordinal)
            && DateTimeOffset.TryParseExact(text, Instants, CultureInfo.InvariantCulture, DateTimeStyles.None, out var at) && at.Year is > 1900 and < 9000
            ? at.ToUniversalTime()
            : throw new InvalidException(field, "must be a day (2026-03-04) or an RFC 3339 time with an offset.");

    private static void Require(bool isShortEnough)
    {
        if (!isShortEnough)
            throw new InvalidException("to", $"is {DaysAtMost} days after from at the most.");
    }
}
