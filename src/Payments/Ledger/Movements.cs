using Quitanda.Platform;

namespace Quitanda.Payments.Ledger;

/// <summary>What other modules move, as a transaction of the ledger. Refused here is what the database would refuse at the commit, when nobody sees any more who asked for it.</summary>
internal static class Movements
{
    /// <summary>A line's place is one byte of its name.</summary>
    private const int LinesAtMost = 255;

    private const int KeyAtMost = 200;

    /// <exception cref="ArgumentException">It does not balance, or names what it may not.</exception>
    public static Posting Of(LedgerPost post)
    {
        if (post.Key.Length is < 1 or > KeyAtMost || post.Key.StartsWith("payment:", StringComparison.Ordinal) || post.Key.StartsWith("refund:", StringComparison.Ordinal))
            throw Wrong(post, $"a key has 1 to {KeyAtMost} characters, and begins neither with payment: nor with refund:");
        if (post.Lines.Count is < 2 or > LinesAtMost)
            throw Wrong(post, $"there are 2 to {LinesAtMost} lines");
        if (post.TakesBack is not null && (post.Kind != LedgerPostKind.Transfer || !post.Lines.Any(line => line.Account == LedgerAccounts.Refunds)))
            throw Wrong(post, $"only a transfer to or from {LedgerAccounts.Refunds} takes a sale back");
        foreach (var line in post.Lines)
        {
            if (!LedgerAccounts.Movable.Contains(line.Account))
                throw Wrong(post, $"{line.Account} is not for other modules");
            if ((line.PartyId is not null) != (line.Account == LedgerAccounts.OwnerPayable))
                throw Wrong(post, $"{LedgerAccounts.OwnerPayable}, and nothing else, is owed to somebody");
            if (line.Amount == 0)
                throw Wrong(post, "a line is of some amount");
            if (!Currencies.Exists(line.Currency))
                throw Wrong(post, $"{line.Currency} is no currency");
        }

        foreach (var same in post.Lines.GroupBy(line => line.Currency, StringComparer.Ordinal))
            if (same.Aggregate(Int128.Zero, (sum, line) => sum + line.Amount) is var sum && sum != 0)
                throw Wrong(post, $"the lines sum to {sum} {same.Key}, and not to nothing");

        return new(post.Key, post.Kind switch
        {
            LedgerPostKind.Transfer => PostingKind.Transfer,
            LedgerPostKind.Payout => PostingKind.Payout,
            _ => throw Wrong(post, "it is a transfer or a payout"),
        }, [.. post.Lines.Select(line => new Line(line.Account, line.Amount, line.Currency, line.PartyId))]);
    }

    private static ArgumentException Wrong(LedgerPost post, string why) => new($"{post.Key} cannot be written into the books: {why}.", nameof(post));
}
