using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Accounts;
using Quitanda.Platform;

namespace Quitanda.Booking.Payouts;

/// <summary>Shows what was paid out together, with the payout of each owner.</summary>
internal static class ShowPayoutBatch
{
    public static async Task<Results<Ok<PayoutBatch>, NotFound>> Handle(Guid id, Db db, IAccounts accounts, CancellationToken ct) =>
        await PayoutBatch.Find(db, accounts, id, ct) is { } batch ? TypedResults.Ok(batch) : TypedResults.NotFound();
}
