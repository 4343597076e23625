using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Accounts;
using Quitanda.Platform;

namespace Quitanda.Booking.Payouts;

/// <summary>Calls off a payout that was not paid: what it was of waits for the next batch.</summary>
[Refuses("invalid_transition")]
internal static class CancelPayout
{
    public static async Task<Results<Ok<Payout>, NotFound>> Handle(Guid id, Db db, IAccounts accounts, TimeProvider clock, CancellationToken ct)
    {
        // Whoever pays it and whoever calls it off change the same row, and the second finds it changed.
        var cancelled = await db.ReadFirst(
            $"""
            with cancelled as (update booking.payouts set status = 'cancelled', updated_at = {clock.GetUtcNow()} where id = {id} and status = 'pending' returning id),
                freed as (update booking.earnings e set payout_id = null from cancelled c where e.payout_id = c.id)
            select 1 from cancelled
            """, _ => true, ct);
        if (cancelled)
            return await ShowPayout.Handle(id, db, accounts, ct);
        return await db.ReadFirst($"select status from booking.payouts where id = {id}", row => row.GetString(0), ct) is { } status
            ? throw PaidPayouts.Refused(status, PayoutStatus.Cancelled)
            : TypedResults.NotFound();
    }
}
