using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Accounts;
using Quitanda.Platform;

namespace Quitanda.Booking.Payouts;

/// <summary>Lists the caller's payouts, the newest first.</summary>
internal static class ListMyPayouts
{
    private static readonly SortField[] Sorts = [new("-createdAt", "p.created_at", "timestamptz")];

    internal sealed record Query : PageQuery
    {
        /// <summary>Only payouts that stand so.</summary>
        [StringLength(30, MinimumLength = 1)]
        public string? Status { get; init; }
    }

    public static async Task<Ok<Page<Payout>>> Handle([AsParameters] Query query, Caller caller, Db db, IAccounts accounts, CancellationToken ct)
    {
        var where = Sql.Of($"p.owner_id = {caller.Id}");
        if (query.Status is { } status)
            where = Sql.Of($"{where} and p.status = {Wire.Asked<PayoutStatus>(status, "status")}");
        var page = await db.List(query, Payout.Columns, Sql.Raw("booking.payouts p"), where, "p.id", Sorts, Payout.Read, ct);
        return TypedResults.Ok(page with { Data = await page.Data.Named(accounts, ct) });
    }
}
