using Quitanda.Booking.Bookings;
using Quitanda.Booking.Listings;
using Quitanda.Booking.Pricing;
using Quitanda.Platform;

namespace Quitanda.Booking.Holding;

/// <summary>How many units of a listing are free, and when.</summary>
internal sealed class FreeTimes(Db db)
{
    /// <summary>How far around a period that is taken another is looked for.</summary>
    private const int DaysAround = 60;

    private const int HoursAround = 14 * 24;

    /// <summary>Free periods that a refusal names.</summary>
    private const int AtMost = 3;

    /// <summary>Says that a period is taken, and names the nearest free ones of the same length.</summary>
    public async Task<Refusal> Refusal(Listing listing, Period period, int quantity, DateTimeOffset now, CancellationToken ct)
    {
        var isByDay = listing.Unit == RentalUnit.Day;
        var nearest = await Nearest(listing, period, quantity, now, ct);
        return new("slot_taken", "It is taken in that time.", Offer.Facts(("nearest", nearest.Select(free => isByDay
            ? (object)new FreeDays(listing.Clock.DayOf(free.From), listing.Clock.LastDayOf(free))
            : new FreeHours(free.From, free.Until)).ToArray())));
    }

    /// <summary>What a listing offers for a wish, with all that stands against it now: its rules, and what is taken.</summary>
    public async Task<(Offer Offer, IReadOnlyList<Refusal> Refusals)> Judge(Listing listing, WantedPeriod wanted, DateTimeOffset now, CancellationToken ct)
    {
        var offer = Offer.Of(listing, wanted, now);
        List<Refusal> refusals = [.. offer.Refusals];
        var held = listing.Clock.WithBuffers(offer.Period);
        // What is past, or longer than anything may be, is not looked up.
        if (!refusals.Exists(refusal => refusal.Code is "too_long" or "too_soon" or "too_far_ahead") && FreeUnits(listing, await Taken(listing, held, ct), held) < wanted.Quantity)
            refusals.Add(await Refusal(listing, offer.Period, wanted.Quantity, now, ct));
        return (offer, refusals);
    }

    /// <summary>Free whole days: the first and the last.</summary>
    internal sealed record FreeDays(DateOnly StartDate, DateOnly EndDate);

    /// <summary>A free time: from, and until before.</summary>
    internal sealed record FreeHours(DateTimeOffset StartAt, DateTimeOffset EndAt);

    /// <summary>
    /// Who has something of a listing in a time: which unit, where they are told apart, and else how many. Blocks, bookings with their buffers, and whatever calendars elsewhere say, which close all of it.
    /// </summary>
    public async Task<List<(Period Period, int Units)>> Taken(Listing listing, Period within, CancellationToken ct)
    {
        var taken = listing.IsPooled
            ? await db.Read($"select at, taken from booking.counts where resource_id = {listing.Id} and at > {within.From.AddDays(-2)} and at < {within.Until} order by at", row =>
            {
                var at = row.GetFieldValue<DateTimeOffset>(0);
                return (new Period(at, listing.Unit == RentalUnit.Day ? listing.Clock.BeginningOf(listing.Clock.DayOf(at).AddDays(1)) : at + ListingClock.Step), row.GetInt32(1));
            }, ct)
            : await db.Read(
                $"select lower(during), upper(during), unit from booking.taken where listing_id = {listing.Id} and during && tstzrange({within.From}, {within.Until}) order by 1",
                row => (new Period(row.GetFieldValue<DateTimeOffset>(0), row.GetFieldValue<DateTimeOffset>(1)), row.GetInt32(2)), ct);
        foreach (var busy in await db.Read(
            $"select starts_at, ends_at from booking.blocks where listing_id = {listing.Id} and feed_id is not null and starts_at < {within.Until} and ends_at > {within.From}",
            row => new Period(row.GetFieldValue<DateTimeOffset>(0), row.GetFieldValue<DateTimeOffset>(1)), ct))
            taken.AddRange(listing.IsPooled ? [(busy, listing.Units)] : Enumerable.Range(1, listing.Units).Select(unit => (busy, unit)));
        return taken;
    }

    /// <summary>How many units are free for the whole of a time, of what is taken as <see cref="Taken"/> says it.</summary>
    public static int FreeUnits(Listing listing, List<(Period Period, int Units)> taken, Period time) => new TakenTimes(listing, taken).FreeUnits(time);

    private async Task<List<Period>> Nearest(Listing listing, Period period, int quantity, DateTimeOffset now, CancellationToken ct)
    {
        var clock = listing.Clock;
        Period[] candidates = [.. Candidates(clock, period).Where(candidate => IsOffered(listing, clock, candidate, now))];
        if (candidates.Length == 0)
            return [];
        var around = clock.WithBuffers(new(candidates.Min(candidate => candidate.From), candidates.Max(candidate => candidate.Until)));
        var taken = new TakenTimes(listing, await Taken(listing, around, ct));
        List<Period> nearest = [];
        foreach (var candidate in candidates)
        {
            // Each is another choice, and not the same again an hour later.
            if (nearest.Exists(free => free.Overlaps(candidate)) || taken.FreeUnits(clock.WithBuffers(candidate)) < quantity)
                continue;
            nearest.Add(candidate);
            if (nearest.Count == AtMost)
                break;
        }

        return [.. nearest.OrderBy(free => free.From)];
    }

    /// <summary>Periods of the same length, the nearest first, and of two the later.</summary>
    private static IEnumerable<Period> Candidates(ListingClock clock, Period period)
    {
        if (clock.Unit == RentalUnit.Day)
        {
            var (first, last) = (clock.DayOf(period.From), clock.LastDayOf(period));
            for (var days = 1; days <= DaysAround; days++)
            {
                yield return clock.Days(first.AddDays(days), last.AddDays(days));
                yield return clock.Days(first.AddDays(-days), last.AddDays(-days));
            }

            yield break;
        }

        for (var shift = ListingClock.Step; shift <= TimeSpan.FromHours(HoursAround); shift += ListingClock.Step)
        {
            yield return new(period.From + shift, period.Until + shift);
            yield return new(period.From - shift, period.Until - shift);
        }
    }

    private static bool IsOffered(Listing listing, ListingClock clock, Period period, DateTimeOffset now) =>
        period.From >= now.AddHours(listing.Terms.NoticeHours)
        && clock.DayOf(period.From) <= clock.DayOf(now).AddDays(listing.Terms.HorizonDays)
        && (listing.Terms.StartDays is not { } days || days.Contains(clock.DayOf(period.From).DayOfWeek));
}
