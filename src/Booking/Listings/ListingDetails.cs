using System.Text.Json;
using System.Text.Json.Serialization;
using Quitanda.Files;
using Quitanda.Platform;

namespace Quitanda.Booking.Listings;

/// <summary>The category that a listing is in.</summary>
internal sealed record CategoryOfListing([Impersonal] string Slug, [Impersonal] string Name);

/// <summary>An image of a listing.</summary>
/// <param name="Id">The file.</param>
/// <param name="Url">Where anyone gets it. The same for good.</param>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
internal sealed record ListingImage(Guid Id, [Impersonal] string Url, int Width, int Height)
{
    private const string None = "[]";

    /// <summary>How images are kept with their listing: without their addresses, which are a setting's.</summary>
    public static string Stored(IReadOnlyList<ShownImage> images) => JsonSerializer.Serialize(images, Wire.Json);

    public static ListingImage[] Read(string stored, IFiles files) => stored == None ? [] :
        [.. JsonSerializer.Deserialize<ShownImage[]>(stored, Wire.Stored)!.Select(image => new ListingImage(image.Id, files.UrlOf(image.Id), image.Width, image.Height))];
}

/// <summary>A listing, whole.</summary>
internal sealed record ListingDetails
{
    public required Guid Id { get; init; }
    [Person]
    public required Guid OwnerId { get; init; }

    /// <summary>First name and initial, as the account has them now; null where it has no name to show.</summary>
    [Personal]
    public required string? OwnerName { get; init; }
    [Impersonal]
    public required string Title { get; init; }
    [Personal]
    public required string Description { get; init; }
    public required CategoryOfListing Category { get; init; }
    public required ListingPricing Pricing { get; init; }

    /// <summary>Where it is. The address, and the place to more than about a hundred metres, are shown to its owner alone, and with a booking that is paid.</summary>
    public required ListingPlace Location { get; init; }

    /// <summary>In which its days are days.</summary>
    [Impersonal]
    public required string TimeZone { get; init; }

    /// <summary>How many people it is for; null where nobody counts.</summary>
    public required int? Capacity { get; init; }

    /// <summary>How many there are of it.</summary>
    public required int Units { get; init; }
    public required IReadOnlyList<AddOn> AddOns { get; init; }

    /// <summary>What is paid along and comes back when all is well.</summary>
    public required Money? Deposit { get; init; }
    public required Money? CleaningFee { get; init; }
    public required BufferTime Buffer { get; init; }

    /// <summary>So many hours before it begins, a booking is made at the least.</summary>
    public required int NoticeHours { get; init; }

    /// <summary>So many days ahead a booking may begin at the most.</summary>
    public required int HorizonDays { get; init; }

    /// <summary>On which days a booking may begin; null on all.</summary>
    [Impersonal]
    public required IReadOnlyList<DayOfWeek>? StartDays { get; init; }

    /// <summary>What a renter who cancels gets back, the most hours first; after the last step, nothing.</summary>
    public required IReadOnlyList<CancellationStep> CancellationPolicy { get; init; }

    /// <summary>Whether nobody needs to accept a booking.</summary>
    public required bool InstantBooking { get; init; }

    /// <summary>What shows it, in its owner's order.</summary>
    public required IReadOnlyList<ListingImage> Images { get; init; }

    /// <summary>Of its reviews, 1.0 to 5.0; null where there are none.</summary>
    public required decimal? AverageRating { get; init; }
    public required int ReviewCount { get; init; }

    /// <summary>The owner's notes, returned as given.</summary>
    [Personal]
    public required IReadOnlyDictionary<string, string> Metadata { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was changed last; bookings and reviews do not count.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Whether its owner offers it. Its owner and admins only.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? IsActive { get; init; }

    /// <summary>Whether it may be shown. Its owner and admins only.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Approval? Approval { get; init; }

    /// <summary>Why it may not be shown, where somebody said so. Its owner and admins only.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), Personal]
    public string? ApprovalNote { get; init; }

    /// <summary>A listing as its reader sees it.</summary>
    /// <param name="listing">Which.</param>
    /// <param name="category">The name of its category.</param>
    /// <param name="owner">What its owner is called.</param>
    /// <param name="files">Where images are.</param>
    /// <param name="forOwner">Whether it is shown to its owner, or to an admin.</param>
    public static ListingDetails Of(Listing listing, string category, string? owner, IFiles files, bool forOwner) => new()
    {
        Id = listing.Id,
        OwnerId = listing.OwnerId,
        OwnerName = owner,
        Title = listing.Title,
        Description = listing.Description,
        Category = new(listing.Category, category),
        Pricing = listing.Terms.Pricing,
        Location = PlaceOf(listing, forOwner),
        TimeZone = listing.TimeZone,
        Capacity = listing.Capacity,
        Units = listing.Units,
        AddOns = listing.Terms.AddOns,
        Deposit = listing.Terms.Deposit,
        CleaningFee = listing.Terms.CleaningFee,
        Buffer = listing.Terms.Buffer,
        NoticeHours = listing.Terms.NoticeHours,
        HorizonDays = listing.Terms.HorizonDays,
        StartDays = listing.Terms.StartDays,
        CancellationPolicy = listing.Terms.CancellationPolicy,
        InstantBooking = listing.Instant,
        Images = ListingImage.Read(listing.Images, files),
        AverageRating = RatingOf(listing.RatingSum, listing.RatingCount),
        ReviewCount = listing.RatingCount,
        Metadata = listing.Metadata,
        CreatedAt = listing.CreatedAt,
        UpdatedAt = listing.UpdatedAt,
        IsActive = forOwner ? listing.IsActive : null,
        Approval = forOwner ? listing.Approval : null,
        ApprovalNote = forOwner ? listing.ApprovalNote : null,
    };

    /// <summary>The average with one decimal; null where nobody has said anything.</summary>
    public static decimal? RatingOf(long sum, int count) => count == 0 ? null : decimal.Round((decimal)sum / count, 1, MidpointRounding.AwayFromZero);

    /// <summary>Where it is, as exactly as its reader may know: for everybody as the database's own <c>booking.spot</c> has it.</summary>
    public static ListingPlace PlaceOf(Listing listing, bool forOwner) => forOwner
        ? new(listing.City, listing.Address, listing.Lat, listing.Lng)
        : new(listing.City, Address: null, Spot(listing.Lat), Spot(listing.Lng));

    /// <summary>A coordinate as everybody may know it.</summary>
    public static double? Spot(double? degrees) => degrees is { } exact ? Math.Round(exact * 1000, MidpointRounding.ToEven) / 1000 : null;
}
