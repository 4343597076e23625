using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Accounts;
using Quitanda.Platform;

namespace Quitanda.Booking.Payouts;

/// <summary>Says of all payouts of a batch that are still to be paid that they have left the house's bank account, once, and writes each into the books.</summary>
[Refuses("nothing_to_pay_out")]
internal static class PayPayoutBatch
{
    public static async Task<Results<Ok<PayoutBatch>, NotFound>> Handle(Guid id, PaidRequest? request, Db db, IAccounts accounts, PaidPayouts paid, CancellationToken ct)
    {
        if (await paid.Pay(Sql.Of($"p.batch_id = {id}"), request?.Reference, ct) > 0)
            return TypedResults.Ok(await PayoutBatch.Find(db, accounts, id, ct));
        return await db.ReadFirst($"select 1 from booking.payout_batches where id = {id}", _ => true, ct)
            ? throw new RefusedException("nothing_to_pay_out", "None of its payouts is still to be paid.")
            : TypedResults.NotFound();
    }
}
