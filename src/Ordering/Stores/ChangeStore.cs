using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Quitanda.Platform;

namespace Quitanda.Ordering.Stores;

/// <summary>Replaces everything about the store but a pause and being busy. Orders that exist keep their currency, fee and time, and have their places in the slots that there are now.</summary>
internal static class ChangeStore
{
    /// <param name="Name">As customers see it.</param>
    /// <param name="Currency">What products, fees and orders are priced in.</param>
    /// <param name="TimeZone">An IANA name; opening hours are in it.</param>
    /// <param name="OpeningHours">Any number of intervals a day; none at all is closed. Around the clock is <c>00:00</c> to <c>24:00</c> on each day.</param>
    /// <param name="DeliveryZones">At least one where the store delivers. Of those that an address is in, the cheapest holds whose minimum is met.</param>
    /// <param name="AcceptingOrders">False refuses every order, whatever the hour.</param>
    /// <param name="Holidays">Dates with hours of their own, or closed.</param>
    /// <param name="Pickup">Offered at once and whenever the store is open, without it.</param>
    /// <param name="Delivery">Offered at once and whenever the store is open, without it.</param>
    /// <param name="LastOrderMinutes">So many minutes before it closes, the store takes the last order for that day's opening.</param>
    /// <param name="MinutesAhead">So long beforehand an order must be scheduled at the least; the lead counts anyway.</param>
    /// <param name="DaysAhead">So long beforehand an order may be scheduled at the most.</param>
    /// <param name="Slots">Null takes orders for any time within the hours.</param>
    /// <param name="Location">Where it is; a zone with a radius needs it.</param>
    /// <param name="AcceptingGuests">False refuses the orders of whoever has not signed in.</param>
    internal sealed record Request(
        [StringLength(100, MinimumLength = 1)] string Name,
        [Currency] string Currency,
        [TimeZone] string TimeZone,
        [MaxLength(70)] OpeningInterval[] OpeningHours,
        [MaxLength(50)] DeliveryZone[] DeliveryZones,
        bool AcceptingOrders,
        [MaxLength(400)] Holiday[]? Holidays = null,
        HandOver? Pickup = null,
        HandOver? Delivery = null,
        [Range(0, 1440)] int LastOrderMinutes = 0,
        [Range(0, 20_160)] int MinutesAhead = 0,
        [Range(0, 365)] int DaysAhead = StoreSettings.DaysAheadAtFirst,
        SlotPlan? Slots = null,
        Location? Location = null,
        bool AcceptingGuests = true);

    public static async Task<Ok<StoreDetails>> Handle(Request request, Db db, Slots slots, TimeProvider clock, CancellationToken ct)
    {
        RequireSense(request);
        await RequireZone(request.TimeZone, db, ct);
        var store = await db.Set<Store>().SingleAsync(ct);
        var now = clock.GetUtcNow();
        store.Change(request, now);
        await slots.Recount(store.Terms, now, ct);
        db.Evict(Store.Tag);
        return TypedResults.Ok(StoreDetails.Of(store));
    }

    /// <summary>The database counts days in this zone, too, and may know fewer of them than this machine does.</summary>
    /// <exception cref="InvalidException">It does not know this one.</exception>
    private static async Task RequireZone(string zone, Db db, CancellationToken ct)
    {
        if (!await db.ReadFirst($"select exists (select from pg_timezone_names where lower(name) = lower({zone}))", row => row.GetBoolean(0), ct))
            throw new InvalidException("timeZone", "is not known to the database.");
    }

    /// <exception cref="InvalidException">What no attribute can say.</exception>
    private static void RequireSense(Request request)
    {
        if (request.DeliveryZones.Length == 0 && request.Delivery is not { IsOffered: false })
            throw new InvalidException("deliveryZones", "must have a zone where the store delivers.");
        for (var place = 0; place < request.DeliveryZones.Length; place++)
            RequireSense(request, request.DeliveryZones[place], $"deliveryZones[{place}]");
        var dates = new HashSet<DateOnly>();
        for (var place = 0; place < request.Holidays?.Length; place++)
            if (!dates.Add(request.Holidays[place].Date))
                throw new InvalidException($"holidays[{place}].date", "comes twice.");
        if (request.Slots is { } slots && 24 * 60 % slots.Minutes != 0)
            throw new InvalidException("slots.minutes", "must divide a day without a rest, such as 10, 15, 20, 30 or 60.");
    }

    private static void RequireSense(Request request, DeliveryZone zone, string field)
    {
        foreach (var (name, amount) in new[] { ("fee", zone.Fee), ("minimumOrder", zone.MinimumOrder), ("freeFrom", zone.FreeFrom) })
            if (amount is not null && amount.Currency != request.Currency)
                throw new InvalidException($"{field}.{name}.currency", $"must be the store's own, {request.Currency}.");
        if (zone.RadiusKm is not null && zone.PostalCodePrefixes is not null)
            throw new InvalidException($"{field}.radiusKm", "cannot be given together with postalCodePrefixes; make two zones.");
        if (zone.RadiusKm is not null && request.Location is null)
            throw new InvalidException("location", "is needed by a zone with a radius.");
        for (var place = 0; place < zone.PostalCodePrefixes?.Length; place++)
            if (PostalCode.Plain(zone.PostalCodePrefixes[place]).Length is 0 or > 20)
                throw new InvalidException($"{field}.postalCodePrefixes[{place}]", "must have from 1 to 20 letters and digits.");
    }
}
