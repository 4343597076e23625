using System.ComponentModel.DataAnnotations;
using Quitanda.Booking.Bookings;
using Quitanda.Booking.Listings;
using Quitanda.Platform;

namespace Quitanda.Booking.Pricing;

/// <summary>When, how much and with what somebody wants a listing: days of the listing's own calendar, or instants.</summary>
/// <param name="StartDate">The first day, of what is rented by the day.</param>
/// <param name="EndDate">The last day, inclusive.</param>
/// <param name="StartAt">The beginning, of what is rented by the hour: at a quarter of an hour.</param>
/// <param name="EndAt">The end, exclusive: at a quarter of an hour.</param>
/// <param name="Quantity">Units.</param>
/// <param name="AddOns">What is rented along.</param>
/// <param name="Guests">How many people it is for.</param>
/// <param name="Notes">For the owner.</param>
/// <param name="Metadata">The client's own notes, returned as given.</param>
internal sealed record WantedPeriod(
    DateOnly? StartDate = null,
    DateOnly? EndDate = null,
    DateTimeOffset? StartAt = null,
    DateTimeOffset? EndAt = null,
    [Range(1, 10_000)] int Quantity = 1,
    [MaxLength(50)] WantedAddOn[]? AddOns = null,
    [Range(1, 1_000_000)] int? Guests = null,
    [StringLength(2000)] string? Notes = null,
    [Metadata] IReadOnlyDictionary<string, string>? Metadata = null);

/// <summary>An add-on, and how many of it.</summary>
internal sealed record WantedAddOn(Guid Id, [Range(1, 100_000)] int Quantity = 1);

/// <summary>Why a booking is not taken.</summary>
/// <param name="Code">Stable, lower_snake_case.</param>
/// <param name="Message">A sentence for people.</param>
/// <param name="Facts">What a program can use besides.</param>
[SchemaId("BookingRefusal")]
internal sealed record Refusal(string Code, string Message, IReadOnlyDictionary<string, object>? Facts = null)
{
    /// <summary>The same as a 409.</summary>
    public RefusedException ToException() => new(Code, Message) { Facts = Facts };
}

/// <summary>What a listing offers for a wish: the period, its price line by line, and which of the listing's rules stand against it. Whether it is free is not part of it.</summary>
internal sealed record Offer(Period Period, IReadOnlyList<BookedAddOn> AddOns, IReadOnlyList<PriceLine> Lines, long Deposit, IReadOnlyList<Refusal> Refusals)
{
    /// <summary>The longest that notice and horizon let anybody think ahead.</summary>
    private static readonly TimeSpan LongestAhead = TimeSpan.FromDays(1500);

    /// <summary>All lines together, minor units.</summary>
    public long Total => Lines.Sum(line => line.Amount);

    /// <summary>What a listing offers. Pure, but for the moment.</summary>
    /// <exception cref="InvalidException">The wish makes no sense for this listing: days for what is by the hour, an end before the beginning.</exception>
    public static Offer Of(Listing listing, WantedPeriod wanted, DateTimeOffset now)
    {
        var (clock, terms) = (listing.Clock, listing.Terms);
        var period = PeriodOf(wanted, clock, now);
        List<Refusal> refusals = [.. Judge(listing, clock, wanted, period, now)];
        var addOns = AddOnsOf(listing, wanted, refusals);
        // What is longer, or more, than there can be has no price.
        IReadOnlyList<PriceLine> lines = refusals.Exists(refusal => refusal.Code is "too_long" or "not_enough_units") ? [] : Price.Of(terms, clock, period, wanted.Quantity, addOns);
        if (lines.Sum(line => line.Amount) > Money.Most)
            refusals.Add(new("total_too_large", "No booking may come to so much."));
        return new(period, addOns, lines, terms.Deposit?.Amount ?? 0, refusals);
    }

    /// <summary>Refuses what a rule of the listing stands against, with the first of them.</summary>
    /// <exception cref="RefusedException">409, with the rule's name.</exception>
    public Offer Require() => Refusals is [var first, ..] ? throw first.ToException() : this;

    /// <summary>The period that is meant.</summary>
    public static Period PeriodOf(WantedPeriod wanted, ListingClock clock, DateTimeOffset now)
    {
        var isByDay = clock.Unit == RentalUnit.Day;
        if (isByDay && (wanted.StartAt is not null || wanted.EndAt is not null))
            throw new InvalidException(wanted.StartAt is not null ? "startAt" : "endAt", "The listing is rented by the day: give startDate and endDate.");
        if (!isByDay && (wanted.StartDate is not null || wanted.EndDate is not null))
            throw new InvalidException(wanted.StartDate is not null ? "startDate" : "endDate", "The listing is rented by the hour: give startAt and endAt.");
        if (isByDay)
        {
            var (first, last) = (Within(wanted.StartDate ?? throw Missing("startDate"), now, "startDate"), Within(wanted.EndDate ?? throw Missing("endDate"), now, "endDate"));
            return first <= last ? clock.Days(first, last) : throw new InvalidException("endDate", "must not be before startDate; it is the last day.");
        }

        var (from, until) = (Stepped(wanted.StartAt ?? throw Missing("startAt"), now, "startAt"), Stepped(wanted.EndAt ?? throw Missing("endAt"), now, "endAt"));
        return from < until ? new(from, until) : throw new InvalidException("endAt", "must be after startAt.");
    }

    private static InvalidException Missing(string field) => new(field, "is required.");

    private static DateOnly Within(DateOnly day, DateTimeOffset now, string field) =>
        Math.Abs(day.DayNumber - DateOnly.FromDateTime(now.UtcDateTime).DayNumber) <= LongestAhead.TotalDays ? day : throw new InvalidException(field, "is too far away.");

    private static DateTimeOffset Stepped(DateTimeOffset at, DateTimeOffset now, string field)
    {
        if ((at - now).Duration() > LongestAhead)
            throw new InvalidException(field, "is too far away.");
        return at.UtcTicks % ListingClock.Step.Ticks == 0 ? at.ToUniversalTime() : throw new InvalidException(field, "must be at a quarter of an hour.");
    }

    private static IEnumerable<Refusal> Judge(Listing listing, ListingClock clock, WantedPeriod wanted, Period period, DateTimeOffset now)
    {
        var (terms, length, isByDay) = (listing.Terms, clock.LengthOf(period), clock.Unit == RentalUnit.Day);
        var (unit, minutes) = isByDay ? ("days", 1) : ("hours", 60);
        var earliest = now.AddHours(terms.NoticeHours);
        if (period.From < earliest)
            yield return new("too_soon", terms.NoticeHours == 0 ? "It begins in the past." : $"It must be booked {terms.NoticeHours} hours ahead at the least.", Facts(("earliest", earliest)));
        if (clock.DayOf(period.From) > clock.DayOf(now).AddDays(terms.HorizonDays))
            yield return new("too_far_ahead", $"It can be booked {terms.HorizonDays} days ahead at the most.", Facts(("latest", clock.DayOf(now).AddDays(terms.HorizonDays))));
        if (terms.Pricing.Minimum is { } least && length < least * minutes)
            yield return new("too_short", $"The shortest booking is {least} {unit}.", Facts(("minimum", least)));
        var most = terms.Pricing.Maximum ?? (isByDay ? ListingPricing.LongestDays : ListingPricing.LongestHours);
        if (length > most * minutes)
            yield return new("too_long", $"The longest booking is {most} {unit}.", Facts(("maximum", most)));
        if (terms.StartDays is { } days && !days.Contains(clock.DayOf(period.From).DayOfWeek))
            yield return new("start_day_not_offered", "It does not begin on this day of the week.", Facts(("startDays", days)));
        if (wanted.Quantity > listing.Units)
            yield return new("not_enough_units", $"There are {listing.Units} units.", Facts(("units", listing.Units)));
        if (wanted.Guests > listing.Capacity)
            yield return new("too_many_guests", $"It is for {listing.Capacity} people.", Facts(("capacity", listing.Capacity.Value)));
    }

    private static List<BookedAddOn> AddOnsOf(Listing listing, WantedPeriod wanted, List<Refusal> refusals)
    {
        List<BookedAddOn> addOns = [];
        // The same one twice is one, so that its stock is asked for once.
        foreach (var (id, quantity) in (wanted.AddOns ?? []).GroupBy(addOn => addOn.Id, (id, same) => (id, same.Sum(addOn => (long)addOn.Quantity))))
            if (listing.Terms.AddOns.FirstOrDefault(addOn => addOn.Id == id) is not { } found)
                refusals.Add(new("unknown_add_on", "The listing has no such add-on.", Facts(("addOnId", id))));
            else if (quantity > (found.Stock ?? 100_000))
                refusals.Add(OutOf(found.Id!.Value, found.Name));
            else
                addOns.Add(new(id, found.Name, (int)quantity, found.Price.Amount, found.Stock is not null));
        return addOns;
    }

    /// <summary>There are too few left of an add-on.</summary>
    public static Refusal OutOf(Guid addOnId, string name) => new("add_on_taken", $"Too few are left of {name} in that time.", Facts(("addOnId", addOnId)));

    internal static Dictionary<string, object> Facts(params ReadOnlySpan<(string Key, object Value)> facts)
    {
        Dictionary<string, object> all = new(StringComparer.Ordinal);
        foreach (var (key, value) in facts)
            all.Add(key, value);
        return all;
    }
}
