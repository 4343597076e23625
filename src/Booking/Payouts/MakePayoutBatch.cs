using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Accounts;
using Quitanda.Booking.Bookings;
using Quitanda.Platform;

namespace Quitanda.Booking.Payouts;

/// <summary>
/// Takes what owners have earned and no payout has, and makes a payout for each owner and currency whose sum is enough. What was taken back is in the sum: an owner who owes more than they have
/// earned since waits, with all of it, for a later batch. Each earning is taken once, however many ask.
/// </summary>
[Refuses("nothing_to_pay_out")]
internal static class MakePayoutBatch
{
    /// <summary>Payouts of a batch; who comes after them is in the next.</summary>
    private const int AtMost = 1000;

    /// <param name="Currency">The only currency that is taken.</param>
    /// <param name="Minimum">What an owner must be owed to be in it. Only its currency is taken then.</param>
    internal sealed record Request([Currency] string? Currency = null, Money? Minimum = null);

    public static async Task<Created<PayoutBatch>> Handle(Request request, Db db, IAccounts accounts, TimeProvider clock, CancellationToken ct)
    {
        if (request is { Currency: { } asked, Minimum: { } least } && least.Currency != asked)
            throw new InvalidException("minimum.currency", $"must be {asked}, as the only currency is.");
        var (now, currency, minimum) = (clock.GetUtcNow(), request.Minimum?.Currency ?? request.Currency, Math.Max(1, request.Minimum?.Amount ?? 0));
        var batch = Guid.CreateVersion7(now);
        Guid[] ids = [.. Enumerable.Range(0, AtMost).Select(_ => Guid.CreateVersion7(now))];
        string[] codes = [.. ids.Select(_ => BookingCode.New())];
        // What waits is locked first: whoever asks at the same time waits here, and then finds it taken. One that comes meanwhile is not in the sum, and so not taken either.
        var made = await db.ReadFirst(
            $"""
            with waiting as materialized (
                select id, owner_id, currency, amount from booking.earnings where payout_id is null and ({currency}::text is null or currency = {currency}) order by id for update
            ), owed as materialized (
                select owner_id, currency, sum(amount)::bigint as amount, row_number() over (order by owner_id, currency) as place from waiting group by owner_id, currency having sum(amount) >= {minimum}
            ), batch as (
                insert into booking.payout_batches (id, currency, created_at) select {batch}, {currency}, {now} where exists (select from owed)
            ), made as (
                insert into booking.payouts (id, code, batch_id, owner_id, amount, currency, status, created_at, updated_at)
                select n.id, n.code, {batch}, o.owner_id, o.amount, o.currency, 'pending', {now}, {now} from owed o join unnest({ids}, {codes}) with ordinality as n (id, code, place) on n.place = o.place
                returning id, owner_id, currency
            ), taken as (
                update booking.earnings e set payout_id = m.id from waiting w join made m on m.owner_id = w.owner_id and m.currency = w.currency where e.id = w.id
            )
            select count(*) from made
            """, row => row.GetInt64(0), ct);
        return made == 0
            ? throw new RefusedException("nothing_to_pay_out", "No owner is owed that much.")
            : TypedResults.Created($"/api/v1/payout-batches/{batch}", await PayoutBatch.Find(db, accounts, batch, ct));
    }
}
