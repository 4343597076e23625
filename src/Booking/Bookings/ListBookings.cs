using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Booking.Bookings;

/// <summary>What lists of bookings are asked by.</summary>
internal record BookingQuery : PageQuery
{
    private static readonly SortField[] Sorts = [new("-createdAt", "b.created_at", "timestamptz"), new("createdAt", "b.created_at", "timestamptz"), new("startAt", "b.starts_at", "timestamptz"), new("-startAt", "b.starts_at", "timestamptz")];

    /// <summary>Only bookings that stand so.</summary>
    [StringLength(30, MinimumLength = 1)]
    public string? Status { get; init; }

    /// <summary>Only those of this listing.</summary>
    public Guid? ListingId { get; init; }

    /// <summary>Only those that end after this.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Only those that begin before this.</summary>
    public DateTimeOffset? To { get; init; }

    public Task<Page<BookingSummary>> Read(Db db, Sql which, CancellationToken ct)
    {
        var where = which;
        if (Status is not null)
            where = Sql.Of($"{where} and b.status = {Wire.Asked<BookingStatus>(Status, "status")}");
        if (ListingId is { } listingId)
            where = Sql.Of($"{where} and b.listing_id = {listingId}");
        if (From is { } from)
            where = Sql.Of($"{where} and b.ends_at > {from.ToUniversalTime()}");
        if (To is { } to)
            where = Sql.Of($"{where} and b.starts_at < {to.ToUniversalTime()}");
        return db.List(this, BookingSummary.Columns, Sql.Raw("booking.bookings b"), where, "b.id", Sorts, BookingSummary.Read, ct);
    }
}

/// <summary>Lists everybody's bookings, for admins.</summary>
internal static class ListBookings
{
    internal sealed record Query : BookingQuery;

    public static async Task<Ok<Page<BookingSummary>>> Handle([AsParameters] Query query, Db db, CancellationToken ct) => TypedResults.Ok(await query.Read(db, Sql.Raw("true"), ct));
}
