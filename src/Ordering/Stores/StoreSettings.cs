using System.ComponentModel.DataAnnotations;
using Quitanda.Platform;

namespace Quitanda.Ordering.Stores;

/// <summary>What staff decide about a store besides its name, its week and its zones: one document in its row.</summary>
internal sealed record StoreSettings(
    Holiday[]? Holidays = null, HandOver? Pickup = null, HandOver? Delivery = null, int LastOrderMinutes = 0, int MinutesAhead = 0, int DaysAhead = StoreSettings.DaysAheadAtFirst,
    SlotPlan? Slots = null, Location? Location = null, bool AcceptingGuests = true)
{
    /// <summary>How far ahead orders may be scheduled in a store that says nothing about it.</summary>
    public const int DaysAheadAtFirst = 30;
}

/// <summary>A date whose hours are its own: on it they hold instead of the week's, for opening, picking up and delivering alike.</summary>
/// <param name="Date">In the store's time. What began the day before and runs past midnight stays.</param>
/// <param name="Hours">When the store is open; none is closed.</param>
/// <param name="Name">For people: <c>Natal</c>.</param>
internal sealed record Holiday(DateOnly Date, [MaxLength(10)] HoursOfDay[]? Hours = null, [StringLength(100, MinimumLength = 1)] string? Name = null);

/// <summary>A stretch of one date.</summary>
/// <param name="Opens">From <c>00:00</c> to <c>23:59</c>.</param>
/// <param name="Closes">From <c>00:00</c> to <c>24:00</c>. Not after <paramref name="Opens"/> means on the following day.</param>
internal sealed record HoursOfDay(
    [RegularExpression(HoursOfDay.OpensAt, ErrorMessage = "{0} must be a time from 00:00 to 23:59.")] string Opens,
    [RegularExpression(HoursOfDay.ClosesAt, ErrorMessage = "{0} must be a time from 00:00 to 24:00.")] string Closes)
{
    /// <summary>A time at which something may begin.</summary>
    public const string OpensAt = "^([01][0-9]|2[0-3]):[0-5][0-9]$";

    /// <summary>A time at which something may end.</summary>
    public const string ClosesAt = "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$";
}

/// <summary>How goods reach customers in one of the two ways.</summary>
/// <param name="IsOffered">False refuses every such order.</param>
/// <param name="Hours">When they are handed over, by the week; null is when the store is open.</param>
/// <param name="LeadMinutes">How long an order takes from being placed to being handed over, at the least.</param>
internal sealed record HandOver(bool IsOffered = true, [MaxLength(70)] OpeningInterval[]? Hours = null, [Range(0, HandOver.LeadMinutesAtMost)] int LeadMinutes = 0)
{
    public const int LeadMinutesAtMost = 480;
}

/// <summary>The day cut into slots, each of which takes so many orders.</summary>
/// <param name="Minutes">How long a slot is; the day must come out even. Slots count from midnight.</param>
/// <param name="PickupCapacity">Orders a slot, for picking up; null is as many as come.</param>
/// <param name="DeliveryCapacity">Orders a slot, for delivery; null is as many as come.</param>
internal sealed record SlotPlan([Range(5, 240)] int Minutes, [Range(1, 10_000)] int? PickupCapacity = null, [Range(1, 10_000)] int? DeliveryCapacity = null);

/// <summary>A place on the globe, in degrees (WGS 84).</summary>
internal sealed record Location([Range(-90.0, 90.0)] double Lat, [Range(-180.0, 180.0)] double Lng);

/// <summary>Where the store delivers to, and for how much. With neither prefixes nor a radius it is everywhere.</summary>
/// <param name="Fee">What delivery costs.</param>
/// <param name="MinimumOrder">The least that the goods must come to; null where any order is welcome.</param>
/// <param name="PostalCodePrefixes">How postal codes begin there, written with or without spaces and hyphens.</param>
/// <param name="RadiusKm">How far from the store it reaches, as the crow flies; only for addresses that say where they are.</param>
/// <param name="FreeFrom">What the goods must come to for delivery to cost nothing.</param>
/// <param name="Name">As customers know it.</param>
internal sealed record DeliveryZone(
    Money Fee, Money? MinimumOrder = null, [MinLength(1), MaxLength(1000)] string[]? PostalCodePrefixes = null, [Range(0.1, 1000.0)] double? RadiusKm = null, Money? FreeFrom = null,
    [StringLength(100, MinimumLength = 1)] string? Name = null);
