using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Accounts;
using Quitanda.Platform;

namespace Quitanda.Booking.Payouts;

/// <summary>Gives the payouts of a batch out as CSV (RFC 4180), for whoever pays them: amounts in minor units, and to whom. Those that were cancelled are left out.</summary>
internal static class ExportPayoutBatch
{
    public static async Task<Results<CsvFile, NotFound>> Handle(Guid id, Db db, IAccounts accounts, CancellationToken ct)
    {
        if (await PayoutBatch.Find(db, accounts, id, ct) is not { } batch)
            return TypedResults.NotFound();
        var bookings = (await db.Read(
            $"""
            select e.payout_id, string_agg(distinct b.code, ' ' order by b.code) from booking.payouts p join booking.earnings e on e.payout_id = p.id join booking.bookings b on b.id = e.booking_id
            where p.batch_id = {id} group by e.payout_id
            """, row => (Payout: row.GetGuid(0), Codes: row.GetString(1)), ct)).ToDictionary(one => one.Payout, one => one.Codes);
        var owners = await accounts.Payees([.. batch.Payouts.Select(payout => payout.OwnerId).Distinct()], ct);
        return new CsvFile("payouts", ["code", "ownerId", "name", "email", "amount", "currency", "decimals", "status", "bookings"],
            batch.Payouts.Where(payout => payout.Status != PayoutStatus.Cancelled).Select(payout => (IReadOnlyList<string?>)
            [
                payout.Code, $"{payout.OwnerId}", owners.GetValueOrDefault(payout.OwnerId)?.Name, owners.GetValueOrDefault(payout.OwnerId)?.Email, Csv.Number(payout.Amount.Amount), payout.Amount.Currency,
                Csv.Number(Currencies.DecimalsOf(payout.Amount.Currency)), payout.Status.Name(), bookings.GetValueOrDefault(payout.Id),
            ]));
    }
}
