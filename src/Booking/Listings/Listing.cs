using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Quitanda.Booking.Bookings;
using Quitanda.Platform;

namespace Quitanda.Booking.Listings;

/// <summary>Whether a listing may be shown, where listings are looked at first.</summary>
[SchemaId("ListingApproval")]
internal enum Approval
{
    Pending,
    Approved,
    Rejected,
}

/// <summary>Something that its owner rents out. Amounts are minor units of <see cref="Currency"/>.</summary>
internal sealed class Listing
{
    /// <summary>Up to so many units are told apart; more are counted.</summary>
    public const int MostToldApart = 20;

    public required Guid Id { get; init; }
    public required Guid OwnerId { get; init; }
    public required string Title { get; set; }
    public required string Description { get; set; }

    /// <summary>The slug of its category.</summary>
    public required string Category { get; set; }
    public required RentalUnit Unit { get; set; }
    public required string TimeZone { get; set; }
    public required string Currency { get; set; }
    public required long Price { get; set; }
    public required ListingTerms Terms
    {
        get;
        set => (field, BufferBefore, BufferAfter) = (value, value.Buffer.Before, value.Buffer.After);
    }

    /// <summary>What the terms say of it, where a search reads it.</summary>
    public int BufferBefore { get; private set; }

    /// <inheritdoc cref="BufferBefore"/>
    public int BufferAfter { get; private set; }
    public required string City
    {
        get;
        set => (field, CityWords) = (value, SearchWords.OfName(value));
    }

    /// <summary>The city in folded words, as it is searched for.</summary>
    public string CityWords { get; private set; } = "";
    public string? Address { get; set; }
    public double? Lat { get; set; }
    public double? Lng { get; set; }
    public int? Capacity { get; set; }
    public required int Units { get; set; }
    public required bool IsPooled { get; set; }
    public required bool Instant { get; set; }
    public required bool IsActive { get; set; }
    public required Approval Approval { get; set; }
    public string? ApprovalNote { get; set; }

    /// <summary>The images as they are kept: without their addresses, which are a setting's.</summary>
    public string Images { get; set; } = "[]";
    public IReadOnlyDictionary<string, string> Metadata { get; set; } = MetadataAttribute.None;
    public long RatingSum { get; init; }
    public int RatingCount { get; init; }
    public DateTimeOffset? ArchivedAt { get; set; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; set; }

    /// <summary>The tag of every list of listings.</summary>
    public const string All = "listings";

    /// <summary>What listings are to files.</summary>
    public const string ShownBy = "listing";

    /// <summary>What anyone sees and may book, of <c>booking.listings l</c>. It is an index's own condition, to the letter.</summary>
    public static readonly Sql Shown = Sql.Raw("l.is_active and l.approval = 'approved' and l.archived_at is null");

    /// <summary>The columns that <see cref="Read"/> reads, of <c>booking.listings l</c>.</summary>
    public static readonly Sql Columns = Sql.Raw("""
        l.id, l.owner_id, l.title, l.description, l.category, l.unit, l.time_zone, l.currency, l.price, l.terms, l.city, l.address, l.lat, l.lng, l.capacity, l.units, l.is_pooled, l.instant, l.is_active,
        l.approval, l.approval_note, l.images, l.metadata, l.rating_sum, l.rating_count, l.archived_at, l.created_at, l.updated_at
        """);

    /// <summary>How many columns those are.</summary>
    public const int ColumnCount = 28;

    /// <summary>Whether anyone sees it and may book it.</summary>
    public bool IsShown => IsActive && Approval == Approval.Approved && ArchivedAt is null;

    /// <summary>An admin says whether it may be shown.</summary>
    public void Decide(Approval approval, string? note, DateTimeOffset at)
    {
        if ((Approval, ApprovalNote) != (approval, note))
            (Approval, ApprovalNote, UpdatedAt) = (approval, note, at);
    }

    /// <summary>How its days and hours lie in time.</summary>
    public ListingClock Clock => new(Unit, TimeZoneInfo.FindSystemTimeZoneById(TimeZone), Terms.Buffer);

    /// <summary>Whether somebody may change it: its owner, or an admin.</summary>
    public bool IsOf(Caller caller) => OwnerId == caller.Id || caller.Is(Roles.Admin);

    /// <summary>Finds a listing, archived or not, as it is now.</summary>
    public static Task<Listing?> Find(Db db, Guid id, CancellationToken ct) => db.Set<Listing>().AsNoTracking().SingleOrDefaultAsync(listing => listing.Id == id, ct);

    /// <summary>
    /// Finds a listing, archived or not, and keeps everybody else from booking, closing or changing it until the transaction ends. Locked before its bookings and their payments, always.
    /// </summary>
    public static async Task<Listing?> Lock(Db db, Guid id, CancellationToken ct)
    {
        var found = await db.Set<Listing>().FromSql($"select * from booking.listings where id = {id} for no key update").ToListAsync(ct);
        return found is [var listing] ? listing : null;
    }

    /// <summary>The tag of every answer that shows this listing alone.</summary>
    public static string Tag(Guid id) => $"listing:{id}";

    /// <summary>The tag of every answer that shows when this listing is free.</summary>
    public static string TimesTag(Guid id) => $"listing-times:{id}";

    /// <summary>Forgets every answer that shows a listing, alone or in a list.</summary>
    public static void Evict(Db db, Guid id)
    {
        db.Evict(Tag(id));
        db.Evict(All);
    }

    /// <summary>Reads <see cref="Columns"/>, which come first in the row.</summary>
    public static Listing Read(NpgsqlDataReader row) => new()
    {
        Id = row.GetGuid(0),
        OwnerId = row.GetGuid(1),
        Title = row.GetString(2),
        Description = row.GetString(3),
        Category = row.GetString(4),
        Unit = Wire.Parse<RentalUnit>(row.GetString(5)),
        TimeZone = row.GetString(6),
        Currency = row.GetString(7),
        Price = row.GetInt64(8),
        Terms = JsonSerializer.Deserialize<ListingTerms>(row.GetString(9), Wire.Stored)!,
        City = row.GetString(10),
        Address = Text(row, 11),
        Lat = row.IsDBNull(12) ? null : row.GetDouble(12),
        Lng = row.IsDBNull(13) ? null : row.GetDouble(13),
        Capacity = row.IsDBNull(14) ? null : row.GetInt32(14),
        Units = row.GetInt32(15),
        IsPooled = row.GetBoolean(16),
        Instant = row.GetBoolean(17),
        IsActive = row.GetBoolean(18),
        Approval = Wire.Parse<Approval>(row.GetString(19)),
        ApprovalNote = Text(row, 20),
        Images = row.GetString(21),
        Metadata = MetadataAttribute.Read(row.GetString(22)),
        RatingSum = row.GetInt64(23),
        RatingCount = row.GetInt32(24),
        ArchivedAt = row.IsDBNull(25) ? null : row.GetFieldValue<DateTimeOffset>(25),
        CreatedAt = row.GetFieldValue<DateTimeOffset>(26),
        UpdatedAt = row.GetFieldValue<DateTimeOffset>(27),
    };

    private static string? Text(NpgsqlDataReader row, int at) => row.IsDBNull(at) ? null : row.GetString(at);
}
