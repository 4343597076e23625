using System.ComponentModel.DataAnnotations;
using Quitanda.Platform;

namespace Quitanda.Booking.Listings;

/// <summary>What a listing is rented out by.</summary>
internal enum RentalUnit
{
    Day,
    Hour,
}

/// <summary>What a listing costs. Prices are of one unit of it for a day or an hour.</summary>
/// <param name="Unit">Days are those of the listing's own calendar. What is rented by the hour begins and ends at a quarter of an hour, and a part of an hour costs its part.</param>
/// <param name="Price">On days for which nothing else is said.</param>
/// <param name="WeekendPrice">On the days of the weekend.</param>
/// <param name="WeekendDays">The days of the weekend; without it Saturday and Sunday.</param>
/// <param name="Seasons">Times of the year with prices of their own. Where several take in a day, the first of them holds.</param>
/// <param name="LengthPrices">What is taken off for long bookings. Of those that a booking is long enough for, the longest holds.</param>
/// <param name="Minimum">The shortest booking, in days or hours.</param>
/// <param name="Maximum">The longest booking, in days or hours.</param>
internal sealed record ListingPricing(
    RentalUnit Unit,
    Money Price,
    Money? WeekendPrice = null,
    [MinLength(1), MaxLength(7)] DayOfWeek[]? WeekendDays = null,
    [MaxLength(50)] Season[]? Seasons = null,
    [MaxLength(10)] LengthPrice[]? LengthPrices = null,
    [Range(1, ListingPricing.LongestHours)] int? Minimum = null,
    [Range(1, ListingPricing.LongestHours)] int? Maximum = null)
{
    /// <summary>The longest that anything is rented by the hour: what is counted in quarters of an hour is counted so often at the most.</summary>
    public const int LongestHours = 336;

    /// <summary>The longest that anything is rented by the day.</summary>
    public const int LongestDays = 366;

    private static readonly DayOfWeek[] SaturdayAndSunday = [DayOfWeek.Saturday, DayOfWeek.Sunday];

    /// <summary>Whether a day is one of the weekend.</summary>
    public bool IsWeekend(DateOnly day) => Array.IndexOf(WeekendDays ?? SaturdayAndSunday, day.DayOfWeek) >= 0;
}

/// <summary>A time of the year with prices of its own.</summary>
/// <param name="Name">As renters read it in the price.</param>
/// <param name="From">Its first day.</param>
/// <param name="To">Its last day.</param>
/// <param name="Price">Of a day or an hour.</param>
/// <param name="WeekendPrice">On the days of the weekend.</param>
internal sealed record Season([Required, StringLength(100), Impersonal] string Name, [Impersonal] DateOnly From, [Impersonal] DateOnly To, Money Price, Money? WeekendPrice = null);

/// <summary>What is taken off for a long booking.</summary>
/// <param name="From">Days or hours from which on.</param>
/// <param name="PercentOff">How much, of the price of the days or hours alone.</param>
internal sealed record LengthPrice([Range(1, ListingPricing.LongestHours)] int From, [Range(1, 90)] int PercentOff);

/// <summary>Something that is rented along.</summary>
/// <param name="Name">As renters read it.</param>
/// <param name="Price">Of one for the whole booking.</param>
/// <param name="Stock">How many there are at a time; null where they are not counted.</param>
/// <param name="Id">Its name for programs. Sent along, an add-on stays what it is; without it, it is a new one.</param>
internal sealed record AddOn([Required, StringLength(100), Impersonal] string Name, Money Price, [Range(0, 100_000)] int? Stock = null, Guid? Id = null);

/// <summary>What stays free around each booking: whole days for what is rented by the day, minutes for what is rented by the hour.</summary>
/// <param name="Before">To get ready.</param>
/// <param name="After">To clean up.</param>
internal sealed record BufferTime([Range(0, 1440)] int Before = 0, [Range(0, 1440)] int After = 0);

/// <summary>What a renter who cancels gets back, so long before the beginning. Of the steps that are reached, the one with the most hours holds; after the last, nothing.</summary>
/// <param name="HoursBefore">Hours before the beginning, at the least.</param>
/// <param name="Percent">Of all but the deposit, which always goes back.</param>
internal sealed record CancellationStep([Range(0, 8784)] int HoursBefore, [Range(0, 100)] int Percent);

/// <summary>Where a listing is.</summary>
/// <param name="City">The city.</param>
/// <param name="Address">Street and number, shown to those whose booking is paid.</param>
/// <param name="Lat">Degrees (WGS 84); to a thousandth, which is about a hundred metres, for all but its owner.</param>
/// <param name="Lng">There with <paramref name="Lat"/>, or not at all.</param>
internal sealed record ListingPlace(
    [Required, StringLength(100), Impersonal] string City,
    [StringLength(300, MinimumLength = 1), Personal] string? Address = null,
    [Range(-90.0, 90.0), Personal] double? Lat = null,
    [Range(-180.0, 180.0), Personal] double? Lng = null);

/// <summary>By what a period and its price are judged: what a listing keeps as one document. Amounts are minor units of its currency.</summary>
internal sealed record ListingTerms
{
    public required ListingPricing Pricing { get; init; }
    public IReadOnlyList<AddOn> AddOns { get; init; } = [];
    public Money? Deposit { get; init; }
    public Money? CleaningFee { get; init; }
    public BufferTime Buffer { get; init; } = new();

    /// <summary>So many hours before it begins, a booking is made at the least.</summary>
    public int NoticeHours { get; init; }

    /// <summary>So many days ahead a booking may begin at the most.</summary>
    public int HorizonDays { get; init; } = HorizonAtFirst;

    /// <summary>On which days a booking may begin; null on all.</summary>
    public IReadOnlyList<DayOfWeek>? StartDays { get; init; }

    /// <summary>What comes back when a renter cancels, the most hours first.</summary>
    public IReadOnlyList<CancellationStep> CancellationPolicy { get; init; } = [];

    /// <summary>The horizon of a listing that names none.</summary>
    public const int HorizonAtFirst = 365;
}
