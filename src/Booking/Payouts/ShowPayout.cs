using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Accounts;
using Quitanda.Platform;

namespace Quitanda.Booking.Payouts;

/// <summary>Shows the payout of one owner.</summary>
internal static class ShowPayout
{
    public static async Task<Results<Ok<Payout>, NotFound>> Handle(Guid id, Db db, IAccounts accounts, CancellationToken ct) =>
        await db.ReadFirst($"select {Payout.Columns} from booking.payouts p where p.id = {id}", Payout.Read, ct) is { } payout
            ? TypedResults.Ok((await new[] { payout }.Named(accounts, ct))[0])
            : TypedResults.NotFound();
}
