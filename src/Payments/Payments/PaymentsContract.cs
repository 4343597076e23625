using Microsoft.EntityFrameworkCore;
using Quitanda.Payments.Ledger;
using Quitanda.Payments.Manual;
using Quitanda.Payments.Refunds;
using Quitanda.Platform;

namespace Quitanda.Payments.Payments;

/// <summary>What other modules get behind <see cref="IPayments"/>.</summary>
internal sealed class PaymentsContract(Db db, Books books, TimeProvider clock) : IPayments
{
    public async Task<bool> CancelOrRefund(string kind, Guid payableId, string reason, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var payments = await Lock(kind, payableId, ct);
        foreach (var payment in payments)
            // Whoever was refused may try again on the provider's page: that ends, too.
            if (payment.Cancel(now) || (payment.Status is PaymentStatus.Failed && payment.ProviderReference is not null))
                db.Schedule(CancelAtProvider.Kind, new CancelAtProvider.Message(payment.Id), now);
            else if (payment.Refundable > 0)
                db.AskRefund(payment, payment.Refundable, reason, now);

        return payments.Exists(payment => payment.RefundAskedAmount > payment.RefundedAmount);
    }

    public async Task<Money> Refund(string kind, Guid payableId, Money amount, string reason, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var left = amount.Amount;
        // One at most can give back, unless a refund did not arrive after another payment had taken its place: then the newest one first.
        foreach (var payment in (await Lock(kind, payableId, ct)).Where(payment => !payment.IsSurplus && payment.Refundable > 0).Reverse())
        {
            if (payment.Currency != amount.Currency)
                throw new ArgumentException($"{amount.Currency} cannot go back of a payment in {payment.Currency}.", nameof(amount));
            var part = Math.Min(left, payment.Refundable);
            if (part > 0)
                db.AskRefund(payment, part, reason, now);
            left -= part;
        }

        return amount with { Amount = amount.Amount - left };
    }

    public void Post(LedgerPost post) => books.Moved(post, clock.GetUtcNow());

    public async Task<Guid> TakenByHand(string kind, Guid payableId, Due due, DateTimeOffset at, CancellationToken ct)
    {
        var payment = (await Lock(kind, payableId, ct)).Find(payment => payment.Provider == ManualProvider.ProviderName && payment.Status is PaymentStatus.Processing or PaymentStatus.Pending);
        if (payment is null)
        {
            payment = Payment.Intend(kind, payableId, due, ManualProvider.ProviderName, new(Method: null, Installments: null, ReturnUrl: null, Metadata: null), at);
            db.Add(payment);
        }

        payment.Succeed(ManualProvider.Taken(payment), at);
        books.CameIn(payment, at);
        db.Publish(new PaymentSucceeded(payment.Id, payment.Kind, payment.PayableId, payment.Money));
        return payment.Id;
    }

    /// <summary>By id, like everybody who locks more than one.</summary>
    private Task<List<Payment>> Lock(string kind, Guid payableId, CancellationToken ct) =>
        db.Set<Payment>().FromSql($"select * from payments.payments where kind = {kind} and payable_id = {payableId} order by id for update").ToListAsync(ct);

    public async Task<IReadOnlyDictionary<string, long>> GoneBack(string kind, DateTimeOffset from, DateTimeOffset to, CancellationToken ct) => (await db.Read(
        $"""
        select currency, sum(amount)::bigint from (
            select e.currency, -e.amount as amount
            from payments.ledger_entries e
            join payments.ledger_transactions t on t.id = e.transaction_id
            join payments.payments p on p.id = t.payment_id
            where e.account = 'provider_clearing' and e.at >= {from} and e.at < {to} and t.kind in ('refund', 'refund_returned') and p.kind = {kind} and not p.is_surplus
            union all
            select e.currency, e.amount
            from payments.ledger_entries e
            join payments.ledger_transactions t on t.id = e.transaction_id
            where e.account = 'refunds' and e.at >= {from} and e.at < {to} and t.kind = 'transfer' and t.payable_kind = {kind}
        ) gone group by currency having sum(amount) <> 0
        """, row => (row.GetString(0), row.GetInt64(1)), ct)).ToDictionary(StringComparer.Ordinal);

    public Task<(Guid PayerId, Money Amount)?> FindPayment(Guid paymentId, CancellationToken ct) => db.ReadFirst(
        $"select payer_id, amount, currency from payments.payments where id = {paymentId}", row => ((Guid, Money)?)(row.GetGuid(0), new Money(row.GetInt64(1), row.GetString(2))), ct);

    public async Task<IReadOnlyDictionary<Guid, string>> MethodsOf(IReadOnlyCollection<Guid> paymentIds, CancellationToken ct) => paymentIds.Count == 0 ? new Dictionary<Guid, string>() :
        (await db.Read($"select id, coalesce(method, provider) from payments.payments where id = any({paymentIds.ToArray()})", row => (Id: row.GetGuid(0), Method: row.GetString(1)), ct))
        .ToDictionary(payment => payment.Id, payment => payment.Method);
}
