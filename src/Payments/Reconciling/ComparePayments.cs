using Quitanda.Payments.Payments;
using Quitanda.Platform;

namespace Quitanda.Payments.Reconciling;

/// <summary>Compares some payments with what they paid and with the books, and has the next ones compared.</summary>
internal sealed class ComparePayments(Db db, IEnumerable<IPayable> payables, Drift drift, TimeProvider clock) : IHandle<ComparePayments.Message>
{
    public const string Kind = "payments.drift-payments";

    private const int AtOnce = 300;

    /// <param name="RunId">The report.</param>
    /// <param name="After">When the last one that was compared had changed.</param>
    /// <param name="AfterId">Its id.</param>
    internal sealed record Message(Guid RunId, DateTimeOffset After, Guid AfterId);

    private sealed record Ours(
        Guid Id, string Kind, Guid PayableId, string Provider, PaymentStatus Status, Money Amount, long RefundAsked, long Refunded, bool IsSurplus, bool HasFailedRefund, DateTimeOffset UpdatedAt)
    {
        public bool HasComeIn => Status >= PaymentStatus.Succeeded;

        /// <summary>What its payable should say of it.</summary>
        public string Wanted => Refunded == 0 ? "paid" : Refunded == Amount.Amount ? "refunded" : "partially_refunded";
    }

    public async Task Handle(Message message, CancellationToken ct)
    {
        if (await drift.Lock(message.RunId, ct) is not { } run)
            return;

        // What has changed since the end of the time is left to the next report.
        var payments = await db.Read(
            $"""
            select id, kind, payable_id, provider, status, amount, currency, refund_asked_amount, refunded_amount, is_surplus,
                exists (select from payments.refunds r where r.payment_id = p.id and r.status = 'failed' and r.origin = 'ours'), updated_at
            from payments.payments p
            where (updated_at, id) > ({message.After}, {message.AfterId}) and updated_at < {run.Until} order by updated_at, id limit {AtOnce}
            """,
            row => new Ours(
                row.GetGuid(0), row.GetString(1), row.GetGuid(2), row.GetString(3), Wire.Parse<PaymentStatus>(row.GetString(4)), new(row.GetInt64(5), row.GetString(6)), row.GetInt64(7), row.GetInt64(8),
                row.GetBoolean(9), row.GetBoolean(10), row.GetFieldValue<DateTimeOffset>(11)), ct);
        Guid[] ids = [.. payments.Select(payment => payment.Id)];

        List<Found> found = [];
        var compared = 0;
        foreach (var same in payments.GroupBy(payment => payment.Kind, StringComparer.Ordinal))
        {
            var states = payables.FirstOrDefault(payable => payable.Kind == same.Key) is { } payable
                ? (await payable.States([.. same.Select(payment => payment.PayableId).Distinct()], ct)).ToDictionary(state => state.Id)
                : [];
            compared += states.Count;
            found.AddRange(same.SelectMany(payment => Compare(payment, states.GetValueOrDefault(payment.PayableId))));
        }

        found.AddRange(await CompareBooks(payments, ids, ct));
        // Read in two looks, between which something may have happened.
        var changed = await db.Read($"select id from payments.payments where id = any({ids}) and updated_at >= {run.Until}", row => row.GetGuid(0), ct);
        foreach (var difference in found.Where(difference => !changed.Contains(difference.PaymentId!.Value)))
            drift.Name(run, difference);

        await GoOn(run, message, payments, compared, ct);
    }

    private static IEnumerable<Found> Compare(Ours payment, PayableState? payable)
    {
        if (payable is null)
        {
            yield return Of(DriftKind.PaymentWithoutPayable, payment, $"a {payment.Kind}", "none", "What it paid is not there: give the money back, if any came in.");
            yield break;
        }

        if (!payment.HasComeIn || payment.IsSurplus)
            yield break;
        if (payable.PaymentId != payment.Id || payable.PaymentStatus != payment.Wanted)
            yield return Of(DriftKind.PayableNotPaid, payment, $"{payment.Wanted} by {payment.Id}", payable.PaymentId is { } by ? $"{payable.PaymentStatus} by {by}" : payable.PaymentStatus,
                payable.PaymentId is null ? "Give the money back, or have the order paid by it by hand." : "Look at the two payments: if both came in, give one back.");
        // One that was refused is named by itself.
        if (payable.IsCancelled && payment.RefundAsked < payment.Amount.Amount && !payment.HasFailedRefund && payment.Status is not PaymentStatus.Disputed)
            yield return Of(DriftKind.CancelledNotRefunded, payment, Text(payment.Amount), Text(payment.Amount with { Amount = payment.RefundAsked }), $"POST /api/v1/payments/{payment.Id}/refunds gives the rest back.");
    }

    /// <summary>What the books say that the provider holds of each payment, against what the payment says. One statement, so that nothing happens in between.</summary>
    private async Task<IEnumerable<Found>> CompareBooks(List<Ours> payments, Guid[] ids, CancellationToken ct)
    {
        var differing = await db.Read(
            $"""
            select id, currency, sum(wanted)::bigint, sum(booked)::bigint
            from (
                select id, currency, amount as wanted, 0 as booked from payments.payments where id = any({ids}) and status in ('succeeded', 'disputed', 'partially_refunded', 'refunded')
                union all select p.id, p.currency, -r.amount, 0 from payments.refunds r join payments.payments p on p.id = r.payment_id where p.id = any({ids}) and r.status = 'succeeded' and r.origin <> 'dispute'
                union all select id, fee_currency, -fee_amount, 0 from payments.payments where id = any({ids}) and fee_amount is not null
                union all select id, currency, -disputed_amount, 0 from payments.payments where id = any({ids}) and dispute in ('open', 'lost')
                union all select t.payment_id, e.currency, 0, e.amount
                    from payments.ledger_transactions t join payments.ledger_entries e on e.transaction_id = t.id where t.payment_id = any({ids}) and e.account = 'provider_clearing'
            ) sides
            group by id, currency having sum(wanted) <> sum(booked)
            """, row => (Id: row.GetGuid(0), Currency: row.GetString(1), Wanted: row.GetInt64(2), Booked: row.GetInt64(3)), ct);
        return
            from difference in differing
            join payment in payments on difference.Id equals payment.Id
            select Of(DriftKind.LedgerDiffers, payment, $"{difference.Wanted} {difference.Currency}", $"{difference.Booked} {difference.Currency}",
                $"Compare GET /api/v1/ledger/entries?paymentId={payment.Id} with the payment and its refunds; this is a fault of the program.") with
            { Subject = $"{payment.Id}:{difference.Currency}" };
    }

    private async Task GoOn(DriftRun run, Message message, List<Ours> payments, int compared, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var isDone = payments.Count < AtOnce;
        await db.Execute($"update payments.drift_runs set payments = payments + {payments.Count}, payables = payables + {compared}, is_payments_done = {isDone} where id = {run.Id}", ct);
        if (isDone)
            await drift.EndPart(run, now, ct);
        else
            db.Schedule(Kind, message with { After = payments[^1].UpdatedAt, AfterId = payments[^1].Id }, now);
    }

    private static Found Of(DriftKind kind, Ours payment, string expected, string found, string fix) => new(kind, payment.Id.ToString())
    {
        Provider = payment.Provider,
        PaymentId = payment.Id,
        PayableKind = payment.Kind,
        PayableId = payment.PayableId,
        Expected = expected,
        Is = found,
        Fix = fix,
    };

    private static string Text(Money money) => $"{money.Amount} {money.Currency}";
}
