using Microsoft.EntityFrameworkCore;
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
    public required ListingTerms Terms { get; set; }
    public required string City { get; set; }
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

    /// <summary>Whether anyone sees it and may book it.</summary>
    public bool IsShown => IsActive && Approval == Approval.Approved && ArchivedAt is null;

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
}
