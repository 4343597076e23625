using Quitanda.Payments;
using Quitanda.Platform;

namespace Quitanda.Booking.Payouts;

/// <summary>Marks payouts as paid.</summary>
internal sealed class PaidPayouts(Db db, IPayments payments, TimeProvider clock)
{
    /// <summary>Marks those of <c>booking.payouts p</c> that are to be paid, and has each leave the bank account in the books.</summary>
    /// <returns>How many.</returns>
    public async Task<int> Pay(Sql which, string? reference, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        // By id, like everybody who locks more than one; whoever is second finds none to be paid.
        var paid = await db.Read(
            $"""
            with due as materialized (select p.id from booking.payouts p where {which} and p.status = 'pending' order by p.id for no key update)
            update booking.payouts p set status = 'paid', paid_at = {now}, updated_at = {now}, reference = {reference} from due where p.id = due.id
            returning p.id, p.owner_id, p.amount, p.currency
            """, row => (Id: row.GetGuid(0), OwnerId: row.GetGuid(1), Amount: row.GetInt64(2), Currency: row.GetString(3)), ct);
        foreach (var one in paid)
            payments.Post(new($"payout:{one.Id}", LedgerPostKind.Payout,
                [new(BookAccounts.OwnerPayable, one.Amount, one.Currency, one.OwnerId), new(BookAccounts.Bank, -one.Amount, one.Currency)]));
        return paid.Count;
    }

    /// <summary>The refusal of what a payout's status does not allow.</summary>
    public static RefusedException Refused(string from, PayoutStatus to) => new("invalid_transition", $"A payout that is {from} cannot be made {to.Name()}.")
    {
        Facts = new Dictionary<string, object>(StringComparer.Ordinal) { ["allowed"] = Array.Empty<PayoutStatus>() },
    };
}
