using Quitanda.Booking.Bookings;
using Quitanda.Booking.Listings;

namespace Quitanda.Booking.Pricing;

/// <summary>What a period of a listing costs, line by line. Pure: the same listing and period have the same price.</summary>
internal static class Price
{
    private const int MinutesAnHour = 60;

    /// <summary>The lines of a price; they sum to it. Each is rounded for itself, half up.</summary>
    /// <param name="terms">The listing's.</param>
    /// <param name="clock">The listing's.</param>
    /// <param name="period">Whole days, or quarters of an hour.</param>
    /// <param name="quantity">Units.</param>
    /// <param name="addOns">What is rented along.</param>
    public static IReadOnlyList<PriceLine> Of(ListingTerms terms, ListingClock clock, Period period, int quantity, IReadOnlyList<BookedAddOn> addOns)
    {
        List<PriceLine> lines = [];
        foreach (var (day, part) in clock.ByDay(period))
            Add(lines, RuleOf(terms.Pricing, day), day, clock.Unit == RentalUnit.Day ? quantity * MinutesAnHour : quantity * (int)(part.Until - part.From).TotalMinutes);
        // Only now is each line whole, and rounded once.
        for (var at = 0; at < lines.Count; at++)
            lines[at] = lines[at] with { Quantity = lines[at].Quantity / MinutesAnHour, Amount = Rounded(lines[at].Quantity * lines[at].UnitPrice!.Value, MinutesAnHour) };

        if (Off(terms.Pricing, clock, period) is { } off)
            lines.Add(new(PriceRule.Length, Name: null, From: null, To: null, off.PercentOff, UnitPrice: null, -Rounded((decimal)lines.Sum(line => line.Amount) * off.PercentOff, 100)));
        lines.AddRange(addOns.Select(addOn => new PriceLine(PriceRule.AddOn, addOn.Name, From: null, To: null, addOn.Quantity, addOn.UnitPrice, addOn.UnitPrice * addOn.Quantity)));
        if (terms.CleaningFee is { Amount: > 0 } cleaning)
            lines.Add(new(PriceRule.CleaningFee, Name: null, From: null, To: null, 1, cleaning.Amount, cleaning.Amount));
        if (terms.Deposit is { Amount: > 0 } deposit)
            lines.Add(new(PriceRule.Deposit, Name: null, From: null, To: null, 1, deposit.Amount, deposit.Amount));
        return lines;
    }

    /// <summary>Adds a day to the last line where it costs the same by the same rule, or begins another. Quantities are in sixtieths, so that a quarter of an hour is a whole number.</summary>
    private static void Add(List<PriceLine> lines, (PriceRule Rule, string? Name, long Price) costs, DateOnly day, int sixtieths)
    {
        if (lines is [.., var last] && (last.Rule, last.Name, last.UnitPrice) == (costs.Rule, costs.Name, costs.Price))
            lines[^1] = last with { To = day, Quantity = last.Quantity + sixtieths };
        else
            lines.Add(new(costs.Rule, costs.Name, day, day, sixtieths, costs.Price, Amount: 0));
    }

    private static (PriceRule Rule, string? Name, long Price) RuleOf(ListingPricing pricing, DateOnly day)
    {
        var isWeekend = pricing.IsWeekend(day);
        if (Array.Find(pricing.Seasons ?? [], season => season.From <= day && day <= season.To) is { } season)
            return (PriceRule.Season, season.Name, (isWeekend ? season.WeekendPrice : null)?.Amount ?? season.Price.Amount);
        return isWeekend && pricing.WeekendPrice is { } weekend ? (PriceRule.Weekend, null, weekend.Amount) : (PriceRule.Base, null, pricing.Price.Amount);
    }

    /// <summary>What the length of a period takes off; null where it is too short for any.</summary>
    private static LengthPrice? Off(ListingPricing pricing, ListingClock clock, Period period)
    {
        var length = clock.LengthOf(period);
        return pricing.LengthPrices?.Where(step => length >= (clock.Unit == RentalUnit.Day ? step.From : step.From * MinutesAnHour)).MaxBy(step => step.From);
    }

    private static long Rounded(decimal dividend, int divisor) => (long)decimal.Round(dividend / divisor, MidpointRounding.AwayFromZero);
}
