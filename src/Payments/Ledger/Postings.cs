using System.Globalization;
using Quitanda.Payments.Payments;
using Quitanda.Payments.Providers;
using Quitanda.Platform;

namespace Quitanda.Payments.Ledger;

/// <summary>What a transaction of the ledger is of.</summary>
internal enum PostingKind
{
    /// <summary>Something was sold: its payer owes what it costs.</summary>
    Sale,

    /// <summary>The payer's money came in.</summary>
    Received,

    /// <summary>Money came in that nothing took.</summary>
    Surplus,

    /// <summary>What the provider keeps.</summary>
    Fee,
    Refund,

    /// <summary>A refund that the provider had called done did not arrive: its money is with the provider again.</summary>
    RefundReturned,
    DisputeOpened,
    DisputeWon,
    DisputeLost,

    /// <summary>Another module moved money from one account to another, such as what was held and is earned now.</summary>
    Transfer,

    /// <summary>What was owed to owners has left the bank account.</summary>
    Payout,
}

/// <summary>One transaction of the ledger, before it is written.</summary>
/// <param name="Key">Made of what happened and of our own ids: the same happening has the same one.</param>
/// <param name="Kind">What it is of.</param>
/// <param name="Entries">Its lines; they sum to nothing in every currency, and none is nothing itself.</param>
internal sealed record Posting(string Key, PostingKind Kind, IReadOnlyList<Line> Entries);

/// <summary>One line: a debit is positive, a credit negative.</summary>
/// <param name="Account">One of <see cref="LedgerAccounts"/>.</param>
/// <param name="Amount">Minor units.</param>
/// <param name="Currency">Of the amount.</param>
/// <param name="PartyId">To whom it is owed, on <see cref="LedgerAccounts.OwnerPayable"/>.</param>
internal sealed record Line(string Account, long Amount, string Currency, Guid? PartyId = null);

/// <summary>
/// What happens to money, as lines of double entry. Pure: the same payment at the same point gives the same lines. Money that came in is always written, whatever its split says;
/// a split that says too little, or something unknown, is refused before anybody is asked to pay.
/// </summary>
internal static class Postings
{
    /// <summary>Whether a split can be written as it is: accounts that income may come by, and the whole amount.</summary>
    public static bool IsWhole(IReadOnlyDictionary<string, long> split, Money amount) =>
        split.Keys.All(key => Account.TryParse(key, out _)) && split.Values.Sum() == amount.Amount;

    /// <summary>Money came in: for what was sold, or as a surplus.</summary>
    public static IReadOnlyList<Posting> CameIn(Payment payment)
    {
        if (payment.IsSurplus)
            return [Of(payment, PostingKind.Surplus, [new(LedgerAccounts.ProviderClearing, payment.Amount, payment.Currency), new(LedgerAccounts.Surplus, -payment.Amount, payment.Currency)])];

        return [
            Of(payment, PostingKind.Sale, [new(LedgerAccounts.Receivable, payment.Amount, payment.Currency), .. Sold(payment).Select(part => new Line(part.Account.Code, -part.Amount, payment.Currency, part.Account.PartyId))]),
            Of(payment, PostingKind.Received, [new(LedgerAccounts.ProviderClearing, payment.Amount, payment.Currency), new(LedgerAccounts.Receivable, -payment.Amount, payment.Currency)]),
        ];
    }

    /// <summary>The provider keeps what it says, in whichever currency it says it.</summary>
    public static IReadOnlyList<Posting> Fee(Payment payment) => payment is { FeeAmount: { } fee and not 0, FeeCurrency: { } currency }
        ? [Of(payment, PostingKind.Fee, [new(LedgerAccounts.Fees, fee, currency), new(LedgerAccounts.ProviderClearing, -fee, currency)])]
        : [];

    /// <summary>Money went back, which the payment counts already.</summary>
    public static IReadOnlyList<Posting> WentBack(Payment payment, Guid refundId, long amount, string? again = null) =>
        [new(KeyOf(refundId, "refund", again), PostingKind.Refund, [.. Returned(payment, amount), new(LedgerAccounts.ProviderClearing, -amount, payment.Currency)])];

    /// <summary>Money that had gone back is with the provider again, which the payment counts already: each account has what it had before.</summary>
    public static IReadOnlyList<Posting> CameBack(Payment payment, Guid refundId, long amount, string again) =>
    [
        new(KeyOf(refundId, "returned", again), PostingKind.RefundReturned,
            [.. Between(payment, payment.RefundedAmount, payment.RefundedAmount + amount).Select(line => line with { Amount = -line.Amount }), new(LedgerAccounts.ProviderClearing, amount, payment.Currency)]),
    ];

    /// <summary>
    /// A dispute as the payment says that it stands. How it ended is written after how it began, whichever of the two was heard first. Each round is written under keys of its own,
    /// and the opening of a later one takes back what the one before it had left: so all rounds together leave what the last one says, and each is written once.
    /// </summary>
    /// <param name="payment">The payment, which counts what went back already.</param>
    /// <param name="counted">How much of a lost one the payment counts as gone back; the rest of it is the shop's loss.</param>
    /// <param name="before">How it stood until now.</param>
    /// <param name="regained">How much of a lost one the payment had counted as gone back, and counts no more.</param>
    public static IReadOnlyList<Posting> Disputed(Payment payment, long counted, DisputeMark? before = null, long regained = 0)
    {
        if (payment is not { Dispute: { } state, DisputedAmount: { } amount, DisputeRound: var round })
            return [];
        List<Line> opened = [.. Held(payment, amount)];
        if (before is not null && before.Round < round)
            opened.AddRange(Left(payment, before, payment.RefundedAmount - counted, regained).Select(line => line with { Amount = -line.Amount }));
        List<Posting> postings = [Of(payment, PostingKind.DisputeOpened, [.. Merged(opened)], round)];
        // The hold ends.
        List<Line> ended = [.. Held(payment, -amount)];
        if (state is DisputeState.Won)
            postings.Add(Of(payment, PostingKind.DisputeWon, ended, round));
        else if (state is DisputeState.Lost)
            postings.Add(Of(payment, PostingKind.DisputeLost, [.. Merged([.. Taken(payment, amount, payment.RefundedAmount - counted, counted), .. ended])], round));
        return postings;
    }

    /// <summary>
    /// An amount in parts that are to each other as the weights and sum to it: each rounded down, and what is left given to those that were cut most, the first ones first.
    /// </summary>
    /// <param name="amount">Minor units.</param>
    /// <param name="weights">Their sum is more than nothing; a single one may be less.</param>
    public static long[] Share(long amount, IReadOnlyList<long> weights)
    {
        var total = weights.Sum();
        var parts = new long[weights.Count];
        var cut = new Int128[weights.Count];
        var left = amount;
        for (var at = 0; at < parts.Length; at++)
        {
            var product = (Int128)amount * weights[at];
            // Down also below nothing, where a division would round up.
            cut[at] = ((product % total) + total) % total;
            parts[at] = (long)((product - cut[at]) / total);
            left -= parts[at];
        }

        foreach (var at in Enumerable.Range(0, parts.Length).OrderByDescending(at => cut[at]).Take((int)left))
            parts[at]++;
        return parts;
    }

    /// <summary>
    /// The debits of money that went back, as the last of all that the payment counts: shares of all that went back, less shares of all before it. So however it is cut into
    /// refunds, all of it together takes back exactly what the sale gave.
    /// </summary>
    private static IEnumerable<Line> Returned(Payment payment, long amount) => Between(payment, payment.RefundedAmount - amount, payment.RefundedAmount);

    /// <summary>What a dispute that stands so has left in the books.</summary>
    private static IEnumerable<Line> Left(Payment payment, DisputeMark dispute, long from, long counted) => dispute switch
    {
        { State: DisputeState.Open, Amount: { } amount } => Held(payment, amount),
        { State: DisputeState.Lost, Amount: { } amount } => Taken(payment, amount, from, counted),
        _ => [],
    };

    private static Line[] Held(Payment payment, long amount) => [new(LedgerAccounts.Disputes, amount, payment.Currency), new(LedgerAccounts.ProviderClearing, -amount, payment.Currency)];

    /// <summary>Of what a bank took, what the payment counts as gone back after what had gone before; the rest of it is the shop's loss.</summary>
    private static IEnumerable<Line> Taken(Payment payment, long amount, long from, long counted) =>
        [.. Between(payment, from, from + counted), new(LedgerAccounts.Refunds, amount - counted, payment.Currency), new(LedgerAccounts.ProviderClearing, -amount, payment.Currency)];

    private static IEnumerable<Line> Between(Payment payment, long from, long until)
    {
        var parts = Owed(payment);
        long[] weights = [.. parts.Select(part => part.Amount)];
        var (before, after) = (Share(from, weights), Share(until, weights));
        return Merged(parts.Select((part, at) => new Line(part.Account.Code, after[at] - before[at], payment.Currency, part.Account.PartyId)));
    }

    /// <summary>Out of which accounts a payment goes back: what was the shop's own income shows as refunds, so that what was sold can still be read.</summary>
    private static IReadOnlyList<Part> Owed(Payment payment)
    {
        if (payment.IsSurplus)
            return [new(new(LedgerAccounts.Surplus), payment.Amount)];
        var sold = Sold(payment);
        return [new(new(LedgerAccounts.Refunds), sold.Where(part => part.Account.IsOwn).Sum(part => part.Amount)), .. sold.Where(part => !part.Account.IsOwn)];
    }

    /// <summary>What a payment was for, in a fixed order; what its split does not explain is sales.</summary>
    private static List<Part> Sold(Payment payment)
    {
        List<Part> parts = [];
        foreach (var (key, amount) in payment.Split.OrderBy(part => part.Key, StringComparer.Ordinal))
            if (Account.TryParse(key, out var account) && account != new Account(LedgerAccounts.Sales))
                parts.Add(new(account, amount));
        parts.Insert(0, new(new(LedgerAccounts.Sales), payment.Amount - parts.Sum(part => part.Amount)));
        parts.RemoveAll(part => part.Amount == 0);
        return parts;
    }

    private static IEnumerable<Line> Merged(IEnumerable<Line> lines) =>
        lines.GroupBy(line => (line.Account, line.Currency, line.PartyId)).Select(same => same.First() with { Amount = same.Sum(line => line.Amount) }).Where(line => line.Amount != 0);

    /// <summary>A refund that was asked for again goes once more, under its new key.</summary>
    private static string KeyOf(Guid refundId, string what, string? again) => again is null ? $"refund:{refundId}:{what}" : $"refund:{refundId}:{what}:{again}";

    /// <summary>What can happen more than once to a payment is counted, and the first has no number.</summary>
    private static Posting Of(Payment payment, PostingKind kind, IReadOnlyList<Line> entries, int time = 1) =>
        new(string.Create(CultureInfo.InvariantCulture, $"payment:{payment.Id}:{kind.Name()}{(time > 1 ? $":{time}" : "")}"), kind, entries);

    private sealed record Part(Account Account, long Amount);
}
