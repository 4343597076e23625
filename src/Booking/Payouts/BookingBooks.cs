using Quitanda.Payments;
using Quitanda.Platform;

namespace Quitanda.Booking.Payouts;

/// <summary>
/// What the bookings themselves know of the books, for the report of drift: what is held for those that are not over, what their owners and the house have earned, and what was paid out. What is owed to
/// owners is added up of their earnings and not of the bookings, so that the two are held against each other as well.
/// </summary>
internal sealed class BookingBooks(Db db) : ISubledger
{
    public string Name => "bookings";

    public IReadOnlyList<string> Accounts { get; } = [BookAccounts.Held, BookAccounts.OwnerPayable, BookAccounts.PlatformCommission, BookAccounts.Bank];

    public async Task<IReadOnlyList<SubledgerBalance>> Balances(CancellationToken ct) => await db.Read(
        $"""
        with kept as materialized (
            select currency, sum(collected - refunded - owner_earned - house_earned)::bigint as held, sum(house_earned)::bigint as house from booking.bookings group by currency
        )
        select {BookAccounts.Held}, null::uuid, currency, -held from kept
        union all select {BookAccounts.PlatformCommission}, null, currency, -house from kept
        union all select {BookAccounts.OwnerPayable}, owner_id, currency, sum(amount)::bigint from (
            select owner_id, currency, -amount as amount from booking.earnings
            union all select owner_id, currency, amount from booking.payouts where status = 'paid'
        ) owed group by owner_id, currency
        union all select {BookAccounts.Bank}, null, currency, -sum(amount)::bigint from booking.payouts where status = 'paid' group by currency
        """,
        row => new SubledgerBalance(row.GetString(0), row.IsDBNull(1) ? null : row.GetGuid(1), row.GetString(2), row.GetInt64(3)), ct);
}
