using Quitanda.Platform;

namespace Quitanda.Payments.Reconciling;

/// <summary>
/// Ends a report: finds what is only seen once all else was compared, and what is seen at one look. It is asked for by the last part, and by the clock where a provider did not
/// answer in time; the first of the two ends it.
/// </summary>
internal sealed class FinishDrift(Db db, IEnumerable<IPayable> payables, CompareSubledgers books, Drift drift, TimeProvider clock) : IHandle<FinishDrift.Message>
{
    public const string Kind = "payments.finish-drift";

    /// <summary>Of each kind; more are the sign of something that one sees without counting.</summary>
    private const int AtMost = 1000;

    private static readonly TimeSpan RefundsTake = TimeSpan.FromDays(1);

    internal sealed record Message(Guid RunId);

    public async Task Handle(Message message, CancellationToken ct)
    {
        if (await drift.Lock(message.RunId, ct) is not { } run)
            return;

        await FindMissing(run, ct);
        await FindRefunds(run, ct);
        await FindEvents(run, ct);
        await FindSecondCharges(run, ct);
        await FindUnbalanced(run, ct);
        foreach (var payable in payables)
            await FindUnpaid(run, payable, ct);
        await books.Compare(run, ct);

        await db.Execute($"""
            update payments.drift_providers p set charges = (select count(*) from payments.drift_charges c where c.run_id = p.run_id and c.provider = p.provider) where run_id = {run.Id}
            """, ct);
        await db.Execute($"delete from payments.drift_charges where run_id = {run.Id}", ct);
        db.Write($"update payments.drift_runs set finished_at = {clock.GetUtcNow()} where id = {run.Id}");
    }

    /// <summary>Payments that came in here, of providers that named all they have, and not this.</summary>
    private async Task FindMissing(DriftRun run, CancellationToken ct)
    {
        var missing = await db.Read(
            $"""
            select p.id, p.kind, p.payable_id, p.provider, p.provider_reference, p.status, exists (select from payments.drift_charges c where c.run_id = {run.Id} and c.payment_id = p.id)
            from payments.payments p join payments.drift_providers d on d.run_id = {run.Id} and d.provider = p.provider and d.is_complete
            where p.created_at >= {run.From} and p.created_at < {run.Until} and p.updated_at < {run.Until} and p.status in ('succeeded', 'disputed', 'partially_refunded', 'refunded')
                and not exists (select from payments.drift_charges c where c.run_id = {run.Id} and c.payment_id = p.id and c.is_paid)
            order by p.created_at, p.id limit {AtMost}
            """,
            row => (Id: row.GetGuid(0), Kind: row.GetString(1), PayableId: row.GetGuid(2), Provider: row.GetString(3), Reference: row.IsDBNull(4) ? null : row.GetString(4), Status: row.GetString(5), IsThere: row.GetBoolean(6)), ct);
        foreach (var payment in missing)
            drift.Name(run, new(payment.IsThere ? DriftKind.StatusDiffers : DriftKind.MissingAtProvider, payment.Id.ToString())
            {
                Provider = payment.Provider,
                PaymentId = payment.Id,
                PayableKind = payment.Kind,
                PayableId = payment.PayableId,
                ProviderReference = payment.Reference,
                Expected = payment.IsThere ? "not paid" : "no payment",
                Is = payment.Status,
                Fix = payment.IsThere
                    ? "We say that it was paid and the provider does not: look at the charge there before anything is delivered."
                    : "Look for the charge at the provider. If the keys are of another account, or of its test side, they are the cause.",
            });
    }

    private async Task FindRefunds(DriftRun run, CancellationToken ct)
    {
        // A failed one that could not be asked again has been made good by another.
        var unsettled = await db.Read(
            $"""
            select r.id, r.status, r.amount, p.currency, r.failure_code, r.provider_reference, p.id, p.kind, p.payable_id, p.provider
            from payments.refunds r join payments.payments p on p.id = r.payment_id
            where r.status in ('pending', 'failed') and (
                (r.status = 'failed' and r.origin = 'ours' and r.updated_at < {run.Until} and p.refund_asked_amount + r.amount <= p.amount) or (r.status = 'pending' and r.created_at <= {run.StartedAt - RefundsTake}))
            order by r.created_at, r.id limit {AtMost}
            """,
            row => (Id: row.GetGuid(0), IsFailed: row.GetString(1) == "failed", Found: new Found(row.GetString(1) == "failed" ? DriftKind.RefundFailed : DriftKind.RefundStuck, row.GetGuid(0).ToString())
            {
                Provider = row.GetString(9),
                PaymentId = row.GetGuid(6),
                PayableKind = row.GetString(7),
                PayableId = row.GetGuid(8),
                ProviderReference = row.IsDBNull(5) ? null : row.GetString(5),
                Expected = "succeeded",
                Is = row.IsDBNull(4) ? row.GetString(1) : $"{row.GetString(1)}: {row.GetString(4)}",
                Fix = "",
            }), ct);
        foreach (var (id, isFailed, found) in unsettled)
            drift.Name(run, found with
            {
                Fix = isFailed
                    ? $"Mend the cause at the provider, then POST /api/v1/payments/{found.PaymentId}/refunds/{id}/retry."
                    : "Look at the refund at the provider; banks may take days. It is asked after until it has gone or failed.",
            });
    }

    private async Task FindEvents(DriftRun run, CancellationToken ct)
    {
        var parked = await db.Read(
            $"select id, provider, type, subject from payments.webhook_events where (state = 'parked' and received_at < {run.Until}) or (state = 'received' and received_at < {run.StartedAt - RefundsTake}) order by received_at, id limit {AtMost}",
            row => new Found(DriftKind.EventParked, row.GetGuid(0).ToString())
            {
                Provider = row.GetString(1),
                ProviderReference = row.IsDBNull(3) ? null : row.GetString(3),
                Expected = "a payment",
                Is = row.GetString(2),
                Fix = $"If the account serves another system too, leave it; else POST /api/v1/webhook-events/{row.GetGuid(0)}/replay once its payment is known.",
            }, ct);
        parked.ForEach(found => drift.Name(run, found));
    }

    /// <summary>Payments that were paid twice, and what became of the second money.</summary>
    private async Task FindSecondCharges(DriftRun run, CancellationToken ct)
    {
        var seconds = await db.Read(
            $"""
            select s.provider, s.reference, s.payment_id, p.kind, p.payable_id, s.amount, s.currency, s.status, s.failure_code
            from payments.second_charges s join payments.payments p on p.id = s.payment_id where s.status <> 'returned' or s.created_at >= {run.From} order by s.created_at, s.reference limit {AtMost}
            """,
            row => new Found(DriftKind.ChargeUnknown, $"{row.GetString(0)}:{row.GetString(1)}")
            {
                Provider = row.GetString(0),
                ProviderReference = row.GetString(1),
                PaymentId = row.GetGuid(2),
                PayableKind = row.GetString(3),
                PayableId = row.GetGuid(4),
                Expected = "one charge of the payment",
                Is = $"{row.GetInt64(5)} {row.GetString(6)}, {row.GetString(7)}{(row.IsDBNull(8) ? "" : $": {row.GetString(8)}")}",
                Fix = row.GetString(7) switch
                {
                    "returned" => "The payment was paid a second time, and that was given back by itself: nothing is to be done.",
                    "refused" => "The payment was paid a second time, and the provider refused to give that back. It is asked again daily for a month: mend the cause there, or give it back there.",
                    _ => "The payment was paid a second time, and the provider is asked to give that back: nothing is to be done yet.",
                },
            }, ct);
        seconds.ForEach(found => drift.Name(run, found));
    }

    /// <summary>The database lets none in; it is looked at all the same.</summary>
    private async Task FindUnbalanced(DriftRun run, CancellationToken ct)
    {
        var unbalanced = await db.Read(
            $"""
            select t.key, e.currency, sum(e.amount)::bigint, t.payment_id, t.provider
            from payments.ledger_entries e join payments.ledger_transactions t on t.id = e.transaction_id
            where e.at >= {run.From} and e.at < {run.Until} group by t.id, e.currency having sum(e.amount) <> 0 order by t.key limit {AtMost}
            """,
            row => new Found(DriftKind.LedgerUnbalanced, $"{row.GetString(0)}:{row.GetString(1)}")
            {
                PaymentId = row.IsDBNull(3) ? null : row.GetGuid(3),
                Provider = row.IsDBNull(4) ? null : row.GetString(4),
                Expected = $"0 {row.GetString(1)}",
                Is = $"{row.GetInt64(2)} {row.GetString(1)}",
                Fix = "Somebody has written past the program: find out who may switch off the database's triggers.",
            }, ct);
        unbalanced.ForEach(found => drift.Name(run, found));
    }

    /// <summary>What says that it was paid. A payment is written with what it pays, in one commit, so of the two the payment is read second.</summary>
    private async Task FindUnpaid(DriftRun run, IPayable payable, CancellationToken ct)
    {
        var paid = await payable.PaidSince(run.From, AtMost * 10, ct);
        var known = (await db.Read(
            $"select id, payable_id, status in ('succeeded', 'disputed', 'partially_refunded', 'refunded') and kind = {payable.Kind} and not is_surplus, status from payments.payments where id = any({paid.Select(state => state.PaymentId).OfType<Guid>().ToArray()})",
            row => (Id: row.GetGuid(0), PayableId: row.GetGuid(1), Pays: row.GetBoolean(2), Status: row.GetString(3)), ct)).ToDictionary(payment => payment.Id);
        foreach (var state in paid)
        {
            var payment = state.PaymentId is { } id && known.TryGetValue(id, out var found) ? found : default((Guid Id, Guid PayableId, bool Pays, string Status)?);
            if (payment is { Pays: true } pays && pays.PayableId == state.Id)
                continue;
            drift.Name(run, new(DriftKind.PayableWithoutPayment, $"{payable.Kind}:{state.Id}")
            {
                PaymentId = payment?.Id,
                PayableKind = payable.Kind,
                PayableId = state.Id,
                Expected = "a payment that came in",
                Is = payment is { } other ? $"a payment that is {(other.PayableId == state.Id ? other.Status : "another's")}" : "none",
                Fix = "It says that it was paid, and nothing did: find out by whom, and take the money or call it off.",
            });
        }
    }
}
