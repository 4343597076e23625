using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Booking.Bookings;
using Quitanda.Booking.Holding;
using Quitanda.Booking.Pricing;
using Quitanda.Platform;

namespace Quitanda.Booking.Listings;

/// <summary>Shows what of a listing is free, day by day of its own calendar: 60 days from today on, or what is asked for. What is by the hour names the times that are taken.</summary>
internal static class ShowAvailability
{
    internal const int DaysAtFirst = 60;
    internal const int DaysAtMost = 400;

    /// <summary>How far away anything is shown.</summary>
    private const int FarthestDays = 1500;

    internal sealed record Query
    {
        /// <summary>The first day; today without it.</summary>
        public DateOnly? From { get; init; }

        /// <summary>The last day, inclusive: 400 days at the most.</summary>
        public DateOnly? To { get; init; }
    }

    /// <param name="Unit">What it is rented by.</param>
    /// <param name="TimeZone">In which its days are days.</param>
    /// <param name="Units">How many there are of it.</param>
    /// <param name="Days">One after the other.</param>
    internal sealed record Response(RentalUnit Unit, [Impersonal] string TimeZone, int Units, IReadOnlyList<Day> Days);

    /// <param name="Date">The day.</param>
    /// <param name="FreeUnits">How many units are free all day; of what is by the hour, the most that are free at any one time.</param>
    /// <param name="IsFree">Whether there is one.</param>
    /// <param name="Price">Of one unit for the day, or for an hour of it.</param>
    /// <param name="CanStart">
    /// Whether a booking may begin: by notice, horizon and start days, and by the day with the shortest booking and its buffers free. By the hour with some time free.
    /// </param>
    /// <param name="Busy">The times of the day in which not all units are free. Of what is by the hour only.</param>
    internal sealed record Day(
        [Impersonal] DateOnly Date, int FreeUnits, bool IsFree, Money Price, bool CanStart, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<Busy>? Busy = null);

    /// <param name="StartAt">The beginning.</param>
    /// <param name="EndAt">The end, exclusive.</param>
    /// <param name="FreeUnits">How many are free all that time.</param>
    internal sealed record Busy(DateTimeOffset StartAt, DateTimeOffset EndAt, int FreeUnits);

    public static async Task<Results<Ok<Response>, NotFound>> Handle(Guid id, [AsParameters] Query query, Caller? caller, Db db, FreeTimes freeTimes, TimeProvider time, Shown shown, CancellationToken ct)
    {
        var listing = await db.ReadFirst($"select {Listing.Columns} from booking.listings l where l.id = {id} and l.archived_at is null", Listing.Read, ct);
        if (listing is null || !(listing.IsShown || (caller?.Is(Roles.Owner) == true && listing.IsOf(caller))))
            return TypedResults.NotFound();
        shown.Tag(Listing.Tag(id));
        shown.Tag(Listing.TimesTag(id));

        var (clock, now) = (listing.Clock, time.GetUtcNow());
        var (from, to) = DaysOf(query, clock.DayOf(now));
        // Wide enough that the shortest booking of the last day is judged with its buffers.
        var around = clock.WithBuffers(clock.Days(from, to.AddDays(listing.Unit == RentalUnit.Day ? listing.Terms.Pricing.Minimum ?? 1 : 1)));
        var calendar = new Calendar(listing, await freeTimes.Taken(listing, around, ct), now);
        List<Day> days = [];
        for (var day = from; day <= to; day = day.AddDays(1))
            days.Add(calendar.Of(day));
        return TypedResults.Ok(new Response(listing.Unit, listing.TimeZone, listing.Units, days));
    }

    private static (DateOnly From, DateOnly To) DaysOf(Query query, DateOnly today)
    {
        var from = query.From ?? today;
        if (Math.Abs(from.DayNumber - today.DayNumber) > FarthestDays)
            throw new InvalidException("from", "is too far away.");
        var to = query.To ?? from.AddDays(DaysAtFirst - 1);
        if (to < from)
            throw new InvalidException("to", "must not be before from; it is the last day.");
        return to.DayNumber - from.DayNumber < DaysAtMost ? (from, to) : throw new InvalidException("to", $"is {DaysAtMost} days after from at the most.");
    }

    /// <summary>What of a listing is taken, by its days.</summary>
    private sealed class Calendar
    {
        private readonly Listing _listing;
        private readonly ListingClock _clock;
        private readonly DateTimeOffset _earliest;
        private readonly DateOnly _latest;
        private readonly Dictionary<DateOnly, List<(Period Period, int Units)>> _taken = [];

        public Calendar(Listing listing, List<(Period Period, int Units)> taken, DateTimeOffset now)
        {
            (_listing, _clock) = (listing, listing.Clock);
            (_earliest, _latest) = (now.AddHours(listing.Terms.NoticeHours), _clock.DayOf(now).AddDays(listing.Terms.HorizonDays));
            foreach (var one in taken)
                for (var (day, last) = (_clock.DayOf(one.Period.From), _clock.LastDayOf(one.Period)); day <= last; day = day.AddDays(1))
                    if (_taken.TryGetValue(day, out var there))
                        there.Add(one);
                    else
                        _taken.Add(day, [one]);
        }

        public Day Of(DateOnly day)
        {
            var whole = _clock.Days(day, day);
            var price = new Money(Price.OfDay(_listing.Terms.Pricing, day), _listing.Currency);
            var isOffered = day <= _latest && (_listing.Terms.StartDays is not { } days || days.Contains(day.DayOfWeek));
            if (_listing.Unit == RentalUnit.Day)
            {
                var free = FreeTimes.FreeUnits(_listing, On(day, day), whole);
                return new(day, free, free > 0, price, isOffered && whole.From >= _earliest && CanBegin(day));
            }

            var parts = Parts(day, whole);
            var most = parts.Max(part => part.FreeUnits);
            return new(day, most, most > 0, price, isOffered && parts.Exists(part => part.FreeUnits > 0 && part.EndAt > _earliest), [.. parts.Where(part => part.FreeUnits < _listing.Units)]);
        }

        /// <summary>Whether the shortest booking that begins on a day is free, with what stays free around it.</summary>
        private bool CanBegin(DateOnly day)
        {
            var held = _clock.WithBuffers(_clock.Days(day, day.AddDays((_listing.Terms.Pricing.Minimum ?? 1) - 1)));
            return FreeTimes.FreeUnits(_listing, On(_clock.DayOf(held.From), _clock.LastDayOf(held)), held) > 0;
        }

        /// <summary>A day in parts that have as many units free from beginning to end.</summary>
        private List<Busy> Parts(DateOnly day, Period whole)
        {
            var taken = On(day, day);
            DateTimeOffset[] cuts = [.. taken.SelectMany(one => new[] { one.Period.From, one.Period.Until }).Where(at => at > whole.From && at < whole.Until).Append(whole.From).Append(whole.Until).Distinct().Order()];
            List<Busy> parts = [];
            foreach (var (from, until) in cuts.Zip(cuts.Skip(1)))
            {
                var free = FreeTimes.FreeUnits(_listing, taken, new(from, until));
                if (parts is [.., var last] && last.FreeUnits == free)
                    parts[^1] = last with { EndAt = until };
                else
                    parts.Add(new(from, until, free));
            }

            return parts;
        }

        private List<(Period Period, int Units)> On(DateOnly first, DateOnly last)
        {
            if (first == last)
                return _taken.GetValueOrDefault(first, []);
            List<(Period Period, int Units)> all = [];
            for (var day = first; day <= last; day = day.AddDays(1))
                if (_taken.TryGetValue(day, out var there))
                    all.AddRange(there);
            return all;
        }
    }
}
