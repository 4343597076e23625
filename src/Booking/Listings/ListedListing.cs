using System.Text.Json.Serialization;
using Npgsql;
using Quitanda.Files;
using Quitanda.Platform;

namespace Quitanda.Booking.Listings;

/// <summary>A listing in a list.</summary>
internal sealed record ListedListing
{
    /// <summary>The columns that <see cref="Read"/> reads, of a listing <c>l</c> and its category <c>k</c>.</summary>
    public static readonly Sql Columns = Sql.Raw("""
        l.id, l.title, k.slug, k.name, l.unit, l.price, l.currency, l.city, l.lat, l.lng, l.time_zone, l.capacity, l.units, l.instant, l.images, l.rating_sum, l.rating_count, l.created_at, l.updated_at,
        l.is_active, l.approval, l.approval_note
        """);

    /// <summary>How many columns those are.</summary>
    public const int ColumnCount = 22;

    /// <summary>The tables of <see cref="Columns"/>.</summary>
    public static readonly Sql From = Sql.Raw("booking.listings l join booking.categories k on k.slug = l.category");

    public required Guid Id { get; init; }
    public required string Title { get; init; }
    public required CategoryOfListing Category { get; init; }
    public required RentalUnit Unit { get; init; }

    /// <summary>Of a day or an hour of one unit, where nothing else is said.</summary>
    public required Money Price { get; init; }
    public required string City { get; init; }

    /// <summary>Degrees (WGS 84), to a thousandth.</summary>
    public required double? Lat { get; init; }

    /// <summary>There with the latitude, or not at all.</summary>
    public required double? Lng { get; init; }
    public required string TimeZone { get; init; }

    /// <summary>How many people it is for; null where nobody counts.</summary>
    public required int? Capacity { get; init; }
    public required int Units { get; init; }

    /// <summary>Whether nobody needs to accept a booking.</summary>
    public required bool InstantBooking { get; init; }

    /// <summary>What shows it, in its owner's order.</summary>
    public required IReadOnlyList<ListingImage> Images { get; init; }

    /// <summary>Of its reviews, 1.0 to 5.0; null where there are none.</summary>
    public required decimal? AverageRating { get; init; }
    public required int ReviewCount { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>How far it is from where it was looked for, in kilometres, to a tenth. Only there.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? DistanceKm { get; init; }

    /// <summary>Whether its owner offers it. Its owner and admins only.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? IsActive { get; init; }

    /// <summary>Whether it may be shown. Its owner and admins only.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Approval? Approval { get; init; }

    /// <summary>Why it may not be shown, where somebody said so. Its owner and admins only.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ApprovalNote { get; init; }

    /// <summary>Reads <see cref="Columns"/>, which come first in the row.</summary>
    public static ListedListing Read(NpgsqlDataReader row, IFiles files, bool forOwner) => new()
    {
        Id = row.GetGuid(0),
        Title = row.GetString(1),
        Category = new(row.GetString(2), row.GetString(3)),
        Unit = Wire.Parse<RentalUnit>(row.GetString(4)),
        Price = new(row.GetInt64(5), row.GetString(6)),
        City = row.GetString(7),
        Lat = ListingDetails.Spot(row.IsDBNull(8) ? null : row.GetDouble(8)),
        Lng = ListingDetails.Spot(row.IsDBNull(9) ? null : row.GetDouble(9)),
        TimeZone = row.GetString(10),
        Capacity = row.IsDBNull(11) ? null : row.GetInt32(11),
        Units = row.GetInt32(12),
        InstantBooking = row.GetBoolean(13),
        Images = ListingImage.Read(row.GetString(14), files),
        AverageRating = ListingDetails.RatingOf(row.GetInt64(15), row.GetInt32(16)),
        ReviewCount = row.GetInt32(16),
        CreatedAt = row.GetFieldValue<DateTimeOffset>(17),
        UpdatedAt = row.GetFieldValue<DateTimeOffset>(18),
        IsActive = forOwner ? row.GetBoolean(19) : null,
        Approval = forOwner ? Wire.Parse<Approval>(row.GetString(20)) : null,
        ApprovalNote = forOwner && !row.IsDBNull(21) ? row.GetString(21) : null,
    };
}
