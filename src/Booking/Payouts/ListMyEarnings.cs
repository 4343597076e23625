using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Booking.Payouts;

/// <summary>Lists what the caller has earned by bookings of their listings, the newest first. What was taken back is a line of its own, below nothing.</summary>
internal static class ListMyEarnings
{
    private static readonly SortField[] Sorts = [new("-createdAt", "e.created_at", "timestamptz")];

    internal sealed record Query : PageQuery
    {
        /// <summary>Only earnings that stand so.</summary>
        [StringLength(30, MinimumLength = 1)]
        public string? Status { get; init; }

        /// <summary>Only those of this booking.</summary>
        public Guid? BookingId { get; init; }

        /// <summary>Only those in this payout.</summary>
        public Guid? PayoutId { get; init; }
    }

    public static async Task<Ok<Page<Earning>>> Handle([AsParameters] Query query, Caller caller, Db db, CancellationToken ct)
    {
        var where = Sql.Of($"e.owner_id = {caller.Id}");
        if (query.Status is { } status)
            where = Sql.Of($"{where} and {Standing(Wire.Asked<EarningStatus>(status, "status"))}");
        if (query.BookingId is { } booking)
            where = Sql.Of($"{where} and e.booking_id = {booking}");
        if (query.PayoutId is { } payout)
            where = Sql.Of($"{where} and e.payout_id = {payout}");
        return TypedResults.Ok(await db.List(query, Earning.Columns, Earning.From, where, "e.id", Sorts, Earning.Read, ct));
    }

    private static Sql Standing(EarningStatus status) => status switch
    {
        EarningStatus.Open => Sql.Raw("e.payout_id is null"),
        EarningStatus.InPayout => Sql.Raw("p.status = 'pending'"),
        _ => Sql.Raw("p.status = 'paid'"),
    };
}
