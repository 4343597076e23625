using Quitanda.Payments.Payments;
using Quitanda.Payments.Providers;
using Quitanda.Platform;

namespace Quitanda.Payments.Ledger;

/// <summary>
/// Writes what happened to money into the ledger, in the transaction in which it is noted and in its last round trip. Each happening is posted once, by its key: the same
/// again writes nothing, which one statement decides.
/// </summary>
internal sealed class Books(Db db)
{
    /// <summary>Money came in, and its payable took it or, as a surplus, did not.</summary>
    public void CameIn(Payment payment, DateTimeOffset at) => Post(payment, refundId: null, Postings.CameIn(payment), at);

    /// <summary>What the provider keeps of it is known.</summary>
    public void Fee(Payment payment, DateTimeOffset at) => Post(payment, refundId: null, Postings.Fee(payment), at);

    /// <summary>Money went back. The payment counts it already.</summary>
    /// <param name="payment">Of which it was.</param>
    /// <param name="refundId">The refund that it was; posted once.</param>
    /// <param name="amount">Minor units.</param>
    /// <param name="at">When.</param>
    /// <param name="again">The key under which it was asked for again, where it had been refused; null at first.</param>
    public void WentBack(Payment payment, Guid refundId, long amount, DateTimeOffset at, string? again = null) => Post(payment, refundId, Postings.WentBack(payment, refundId, amount, again), at);

    /// <summary>Money that had gone back is with the provider again. The payment counts it no more.</summary>
    /// <param name="payment">Of which it was.</param>
    /// <param name="refundId">The refund that it was.</param>
    /// <param name="amount">Minor units.</param>
    /// <param name="key">The key under which it had gone; posted once for each.</param>
    /// <param name="at">When.</param>
    public void CameBack(Payment payment, Guid refundId, long amount, string key, DateTimeOffset at) => Post(payment, refundId, Postings.CameBack(payment, refundId, amount, key), at);

    /// <summary>A dispute was opened, won or lost, as the payment says.</summary>
    /// <param name="payment">Of which it was.</param>
    /// <param name="counted">Minor units of a lost one that the payment counts as gone back, already. No <see cref="WentBack"/> is posted for them.</param>
    /// <param name="before">How it stood until now: what another round turns.</param>
    /// <param name="regained">Minor units of a lost one that the payment had counted as gone back and counts no more.</param>
    /// <param name="at">When.</param>
    public void Disputed(Payment payment, long counted, DisputeMark before, long regained, DateTimeOffset at) => Post(payment, refundId: null, Postings.Disputed(payment, counted, before, regained), at);

    /// <summary>Another module moved money.</summary>
    /// <exception cref="ArgumentException">It could not be written so.</exception>
    public void Moved(LedgerPost post, DateTimeOffset at) => Write(post.PaymentId, refundId: null, provider: null, [Movements.Of(post)], at, post.TakesBack);

    private void Post(Payment payment, Guid? refundId, IReadOnlyList<Posting> postings, DateTimeOffset at) => Write(payment.Id, refundId, payment.Provider, postings, at);

    private void Write(Guid? paymentId, Guid? refundId, string? provider, IReadOnlyList<Posting> postings, DateTimeOffset at, string? takesBack = null)
    {
        if (postings.Count == 0)
            return;
        Guid[] ids = [.. postings.Select(_ => LedgerId.New(at))];
        string[] keys = [.. postings.Select(posting => posting.Key)];
        string[] kinds = [.. postings.Select(posting => posting.Kind.Name())];
        var lines = postings.SelectMany((posting, at) => posting.Entries.Select((line, index) => (Of: ids[at], Position: index + 1, Line: line))).ToList();
        Guid[] entries = [.. lines.Select(line => LedgerId.OfEntry(line.Of, line.Position))];
        Guid[] of = [.. lines.Select(line => line.Of)];
        int[] positions = [.. lines.Select(line => line.Position)];
        string[] accounts = [.. lines.Select(line => line.Line.Account)];
        Guid?[] parties = [.. lines.Select(line => line.Line.PartyId)];
        long[] amounts = [.. lines.Select(line => line.Line.Amount)];
        string[] currencies = [.. lines.Select(line => line.Line.Currency)];
        db.Write($"""
            with posted as (
                insert into payments.ledger_transactions (id, key, kind, payment_id, refund_id, provider, payable_kind, at)
                select t.id, t.key, t.kind, {paymentId}::uuid, {refundId}::uuid, {provider}::text, {takesBack}::text, {at} from unnest({ids}, {keys}, {kinds}) as t (id, key, kind)
                on conflict (key) do nothing returning id
            )
            insert into payments.ledger_entries (id, transaction_id, position, account, party_id, amount, currency, at)
            select e.id, e.transaction_id, e.position, e.account, e.party_id, e.amount, e.currency, {at}
            from unnest({entries}, {of}, {positions}, {accounts}, {parties}, {amounts}, {currencies}) as e (id, transaction_id, position, account, party_id, amount, currency)
            where e.transaction_id in (select id from posted)
            """);
    }
}

/// <summary>Names of transactions and entries: an entry is named by its transaction and its place, so that in the order of names a transaction's entries stand together and in order.</summary>
internal static class LedgerId
{
    public static Guid New(DateTimeOffset at) => OfEntry(Guid.CreateVersion7(at), position: 0);

    public static Guid OfEntry(Guid transaction, int position)
    {
        Span<byte> bytes = stackalloc byte[16];
        transaction.TryWriteBytes(bytes, bigEndian: true, out _);
        bytes[15] = checked((byte)position);
        return new(bytes, bigEndian: true);
    }
}
