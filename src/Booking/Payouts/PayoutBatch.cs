using System.Text.Json;
using System.Text.Json.Serialization;
using Npgsql;
using Quitanda.Accounts;
using Quitanda.Platform;

namespace Quitanda.Booking.Payouts;

/// <summary>What is paid out together, as lists show it.</summary>
internal record PayoutBatchSummary
{
    /// <summary>The columns that <see cref="Read"/> reads, of <see cref="From"/>.</summary>
    public static readonly Sql Columns = Sql.Raw("b.id, b.currency, b.created_at, n.pending, n.paid, n.cancelled, t.totals");

    public static readonly Sql From = Sql.Raw("""
        booking.payout_batches b
        cross join lateral (
            select count(*) filter (where p.status = 'pending') as pending, count(*) filter (where p.status = 'paid') as paid, count(*) filter (where p.status = 'cancelled') as cancelled
            from booking.payouts p where p.batch_id = b.id
        ) n
        cross join lateral (
            select coalesce(jsonb_agg(jsonb_build_object('amount', s.amount, 'currency', s.currency) order by s.currency), '[]') as totals
            from (select p.currency, sum(p.amount)::bigint as amount from booking.payouts p where p.batch_id = b.id and p.status <> 'cancelled' group by p.currency) s
        ) t
        """);

    public required Guid Id { get; init; }

    /// <summary>The only currency that was taken; null where all were.</summary>
    public required string? Currency { get; init; }

    /// <summary>What its payouts come to in each currency, without those that were cancelled.</summary>
    public required IReadOnlyList<Money> Totals { get; init; }

    /// <summary>How many payouts are to be paid.</summary>
    public required int PendingCount { get; init; }
    public required int PaidCount { get; init; }
    public required int CancelledCount { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Reads <see cref="Columns"/>, which come first in the row.</summary>
    public static PayoutBatchSummary Read(NpgsqlDataReader row) => new()
    {
        Id = row.GetGuid(0),
        Currency = row.IsDBNull(1) ? null : row.GetString(1),
        CreatedAt = row.GetFieldValue<DateTimeOffset>(2),
        PendingCount = (int)row.GetInt64(3),
        PaidCount = (int)row.GetInt64(4),
        CancelledCount = (int)row.GetInt64(5),
        Totals = JsonSerializer.Deserialize<Money[]>(row.GetString(6), Wire.Stored)!,
    };
}

/// <summary>What is paid out together, whole.</summary>
internal sealed record PayoutBatch : PayoutBatchSummary
{
    [System.Diagnostics.CodeAnalysis.SetsRequiredMembers]
    private PayoutBatch(PayoutBatchSummary summary) : base(summary) => Payouts = [];

    /// <summary>One for each owner and currency, by the owner; at most 1,000.</summary>
    [JsonPropertyOrder(1)]
    public required IReadOnlyList<Payout> Payouts { get; init; }

    /// <summary>Reads a batch as this unit of work sees it; null where it is not there.</summary>
    public static async Task<PayoutBatch?> Find(Db db, IAccounts accounts, Guid id, CancellationToken ct)
    {
        PayoutBatchSummary? batch = null;
        List<Payout> payouts = [];
        await db.Reading(
            [
                $"select {Columns} from {From} where b.id = {id}",
                $"select {Payout.Columns} from booking.payouts p where p.batch_id = {id} order by p.owner_id, p.currency",
            ],
            async reader =>
            {
                if (!await reader.ReadAsync(CancellationToken.None))
                    return;
                batch = Read(reader);
                await reader.NextResultAsync(CancellationToken.None);
                while (await reader.ReadAsync(CancellationToken.None))
                    payouts.Add(Payout.Read(reader));
            }, ct);
        return batch is null ? null : new(batch) { Payouts = await payouts.Named(accounts, ct) };
    }
}

/// <summary>What payouts show that is not theirs.</summary>
internal static class PayoutNames
{
    /// <summary>The same with what their owners are called.</summary>
    public static async Task<IReadOnlyList<Payout>> Named(this IReadOnlyCollection<Payout> payouts, IAccounts accounts, CancellationToken ct)
    {
        var names = await accounts.PublicNames([.. payouts.Select(payout => payout.OwnerId).Distinct()], ct);
        return [.. payouts.Select(payout => payout with { OwnerName = names.GetValueOrDefault(payout.OwnerId) })];
    }
}
