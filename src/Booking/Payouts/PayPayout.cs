using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Accounts;
using Quitanda.Platform;

namespace Quitanda.Booking.Payouts;

/// <summary>Says that a payout has left the house's bank account, once, and writes it into the books.</summary>
[Refuses("invalid_transition")]
internal static class PayPayout
{
    public static async Task<Results<Ok<Payout>, NotFound>> Handle(Guid id, PaidRequest? request, Db db, IAccounts accounts, PaidPayouts paid, CancellationToken ct)
    {
        if (await paid.Pay(Sql.Of($"p.id = {id}"), request?.Reference, ct) > 0)
            return await ShowPayout.Handle(id, db, accounts, ct);
        return await db.ReadFirst($"select status from booking.payouts where id = {id}", row => row.GetString(0), ct) is { } status
            ? throw PaidPayouts.Refused(status, PayoutStatus.Paid)
            : TypedResults.NotFound();
    }
}
