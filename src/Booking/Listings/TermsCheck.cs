using Quitanda.Platform;

namespace Quitanda.Booking.Listings;

/// <summary>What of a listing's terms no attribute can say.</summary>
internal static class TermsCheck
{
    /// <summary>Days that stay free before or after a booking by the day, at the most.</summary>
    private const int MostBufferDays = 60;

    /// <summary>The terms as they are kept: days in their order, each once; the policy's most hours first; every add-on with its id.</summary>
    /// <param name="terms">As they were written.</param>
    /// <param name="before">The add-ons that the listing has: their ids may be named.</param>
    /// <param name="now">When new add-ons are made.</param>
    /// <exception cref="InvalidException">Two currencies, a season that ends before it begins, two steps of the same hours, an add-on that is not there, and the like.</exception>
    public static ListingTerms Checked(this ListingTerms terms, IReadOnlyList<AddOn> before, DateTimeOffset now)
    {
        var pricing = terms.Pricing;
        RequireOneCurrency(terms);
        Require(pricing.Minimum is null || pricing.Maximum is null || pricing.Minimum <= pricing.Maximum, "pricing.maximum", "must not be below the minimum.");
        if (pricing.Unit == RentalUnit.Day)
        {
            Require(pricing.Minimum is null or <= ListingPricing.LongestDays, "pricing.minimum", $"is {ListingPricing.LongestDays} days at the most.");
            Require(pricing.Maximum is null or <= ListingPricing.LongestDays, "pricing.maximum", $"is {ListingPricing.LongestDays} days at the most.");
            Require(terms.Buffer.Before <= MostBufferDays, "buffer.before", $"is {MostBufferDays} days at the most.");
            Require(terms.Buffer.After <= MostBufferDays, "buffer.after", $"is {MostBufferDays} days at the most.");
        }

        for (var at = 0; at < (pricing.Seasons ?? []).Length; at++)
            Require(pricing.Seasons![at].From <= pricing.Seasons[at].To, $"pricing.seasons[{at}].to", "must not be before from; it is the last day.");
        Require((pricing.LengthPrices ?? []).DistinctBy(step => step.From).Count() == (pricing.LengthPrices ?? []).Length, "pricing.lengthPrices", "names the same length twice.");
        Require(terms.CancellationPolicy.DistinctBy(step => step.HoursBefore).Count() == terms.CancellationPolicy.Count, "cancellationPolicy", "names the same hours twice.");
        return terms with
        {
            Pricing = pricing with { WeekendDays = Days(pricing.WeekendDays), LengthPrices = pricing.LengthPrices is { } steps ? [.. steps.OrderBy(step => step.From)] : null },
            StartDays = Days(terms.StartDays),
            CancellationPolicy = [.. terms.CancellationPolicy.OrderByDescending(step => step.HoursBefore)],
            AddOns = Named(terms.AddOns, before, now),
        };
    }

    /// <summary>Holds a place to what no attribute can say.</summary>
    /// <exception cref="InvalidException">One coordinate without the other.</exception>
    public static ListingPlace Checked(this ListingPlace place)
    {
        Require(place.Lat is null || place.Lng is not null, "location.lng", "is there with lat.");
        Require(place.Lng is null || place.Lat is not null, "location.lat", "is there with lng.");
        return place;
    }

    private static DayOfWeek[]? Days(IEnumerable<DayOfWeek>? days) => days is null ? null : [.. days.Distinct().Order()];

    private static AddOn[] Named(IReadOnlyList<AddOn> addOns, IReadOnlyList<AddOn> before, DateTimeOffset now)
    {
        for (var at = 0; at < addOns.Count; at++)
            if (addOns[at].Id is { } id)
            {
                Require(before.Any(known => known.Id == id), $"addOns[{at}].id", "is no add-on of this listing; a new one is sent without an id.");
                Require(addOns.Count(other => other.Id == id) == 1, $"addOns[{at}].id", "is there twice.");
            }

        return [.. addOns.Select(addOn => addOn.Id is null ? addOn with { Id = Guid.CreateVersion7(now) } : addOn)];
    }

    private static void RequireOneCurrency(ListingTerms terms)
    {
        var pricing = terms.Pricing;
        Same(pricing.WeekendPrice, "pricing.weekendPrice");
        for (var at = 0; at < (pricing.Seasons ?? []).Length; at++)
        {
            Same(pricing.Seasons![at].Price, $"pricing.seasons[{at}].price");
            Same(pricing.Seasons[at].WeekendPrice, $"pricing.seasons[{at}].weekendPrice");
        }

        for (var at = 0; at < terms.AddOns.Count; at++)
            Same(terms.AddOns[at].Price, $"addOns[{at}].price");
        Same(terms.Deposit, "deposit");
        Same(terms.CleaningFee, "cleaningFee");

        void Same(Money? amount, string field) => Require(amount is null || amount.Currency == pricing.Price.Currency, $"{field}.currency", $"must be that of the price, {pricing.Price.Currency}.");
    }

    private static void Require(bool isSo, string field, string message)
    {
        if (!isSo)
            throw new InvalidException(field, message);
    }
}
