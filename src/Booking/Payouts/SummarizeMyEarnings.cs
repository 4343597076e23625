using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Booking.Payouts;

/// <summary>Sums up what the caller has earned, by currency.</summary>
internal static class SummarizeMyEarnings
{
    /// <summary>What an owner has earned.</summary>
    /// <param name="OwnerId">Whose it is.</param>
    /// <param name="Currencies">One for each currency in which anything was earned.</param>
    [SchemaId("EarningsSummary")]
    internal sealed record Summary([Person] Guid OwnerId, IReadOnlyList<Sums> Currencies);

    /// <summary>What was earned in a currency.</summary>
    /// <param name="Open">What waits for a batch; less than nothing where more was taken back than was earned since.</param>
    /// <param name="InPayout">What is to be paid.</param>
    /// <param name="Paid">What was paid.</param>
    [SchemaId("EarningsSums")]
    internal sealed record Sums(SignedMoney Open, SignedMoney InPayout, SignedMoney Paid);

    public static async Task<Ok<Summary>> Handle(Caller caller, Db db, CancellationToken ct) => TypedResults.Ok(new Summary(caller.Id, await db.Read(
        $"""
        select e.currency, coalesce(sum(e.amount) filter (where p.id is null), 0)::bigint, coalesce(sum(e.amount) filter (where p.status = 'pending'), 0)::bigint,
            coalesce(sum(e.amount) filter (where p.status = 'paid'), 0)::bigint
        from booking.earnings e left join booking.payouts p on p.id = e.payout_id where e.owner_id = {caller.Id} group by e.currency order by e.currency
        """, row => new Sums(new(row.GetInt64(1), row.GetString(0)), new(row.GetInt64(2), row.GetString(0)), new(row.GetInt64(3), row.GetString(0))), ct)));
}
