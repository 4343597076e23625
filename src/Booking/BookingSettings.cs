using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using Quitanda.Platform;

namespace Quitanda.Booking;

/// <summary>Settings of bookings. Section <c>Booking</c>.</summary>
public sealed record BookingSettings
{
    /// <summary>Minutes that a booking is held for its payment. Then it expires, and what it held is free. Bookings of before keep what they were promised.</summary>
    [Range(1, 10_080)]
    public int UnpaidMinutes { get; init; } = 30;

    /// <summary>Hours in which an owner answers a request. Then it expires.</summary>
    [Range(1, 720)]
    public int AnswerHours { get; init; } = 24;

    /// <summary>Hours after the end in which an owner may claim of the deposit. Then the rest of it goes back.</summary>
    [Range(0, 720)]
    public int ClaimHours { get; init; } = 48;

    /// <summary>Minutes that what has become free is held for the first in line, to be paid.</summary>
    [Range(1, 1440)]
    public int OfferMinutes { get; init; } = 15;

    /// <summary>Hours before a booking begins that its renter and its owner are reminded of it by a letter. 0 is no reminder.</summary>
    [Range(0, 720)]
    public int ReminderHours { get; init; } = 24;

    /// <summary>Messages on bookings that a person may send in an hour; 0 is without limit.</summary>
    [Range(0, 1_000_000)]
    public int MessagesPerHour { get; init; } = 60;

    /// <summary>Bookings that a person may ask for in an hour, taken or not, and as many places on waiting lists; 0 is without limit.</summary>
    [Range(0, 1_000_000)]
    public int BookingsPerHour { get; init; } = 60;

    /// <summary>Quotes that those without an account may ask for from an address within an hour, over all processes. 0 is no limit.</summary>
    [Range(0, 1_000_000)]
    public int GuestQuotesPerAddress { get; init; } = 1200;

    /// <summary>Whether listings are looked at by an admin before anybody sees them.</summary>
    public bool ApproveListings { get; init; }

    /// <summary>What stands before <c>/api/v1</c> in the secret addresses of listings' calendars, such as <c>https://shop.example</c>. Empty gives the path alone.</summary>
    [RegularExpression("^(https?://[^\\s?#]+[^\\s?#/])?$")]
    public string BaseUrl { get; init; } = "";

    /// <summary>Where a listing lives in the front end, such as <c>https://shop.example/listings/{id}</c>, with <c>{id}</c> in it: for the site map. Empty takes the API's own address.</summary>
    [PageAddress]
    public string ListingUrl { get; init; } = "";

    /// <summary>Minutes between two looks at a calendar elsewhere, a tenth more or less. One that cannot be read is asked less and less often, and once a day at the least.</summary>
    [Range(5, 1440)]
    public int FeedMinutes { get; init; } = 15;

    /// <summary>Seconds that a calendar elsewhere may take to arrive: four fifths of <c>Jobs:TrySeconds</c> at the most.</summary>
    [Range(1, 20)]
    public int FeedTimeoutSeconds { get; init; } = 10;
}

/// <summary>Refuses at the start a look at a calendar that would outlast its job: what came of it could never be written down.</summary>
internal sealed class BookingSettingsRules(IOptions<JobSettings> jobs) : IValidateOptions<BookingSettings>
{
    public ValidateOptionsResult Validate(string? name, BookingSettings options) => jobs.Value.MayWait("Booking:FeedTimeoutSeconds", options.FeedTimeoutSeconds);
}
