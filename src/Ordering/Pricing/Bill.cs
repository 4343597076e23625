using System.Numerics;
using System.Runtime.InteropServices;
using Quitanda.Catalog;
using Quitanda.Platform;

namespace Quitanda.Ordering.Pricing;

/// <summary>What takes something off the goods: a percentage of them, or an amount. One of the two.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Discount(int? Percent, long? Amount)
{
    /// <summary>What it takes off, minor units: half a unit is rounded up, and never more than the goods come to.</summary>
    public long Off(long subtotal) => Percent is { } percent
        ? (long)(((BigInteger)subtotal * percent + 50) / 100)
        : Math.Min(Amount ?? 0, subtotal);
}

/// <summary>What an order comes to, line by line, in minor units of one currency. Pure: quotes, carts and orders are all computed here.</summary>
internal sealed record Bill(string Currency, IReadOnlyList<BillLine> Lines, long Subtotal, long Discount, long DeliveryFee, long Tip)
{
    /// <summary>Subtotal less discount, plus delivery fee and tip.</summary>
    public long Total => Subtotal - Discount + DeliveryFee + Tip;

    /// <summary>Adds up. The discount is shared out over the lines by what each comes to, so that the shares sum to it to the last unit and none is above its line.</summary>
    /// <exception cref="RefusedException"><c>currency_mismatch</c>, <c>total_too_large</c>.</exception>
    public static Bill Of(string currency, IReadOnlyList<TakenLine> lines, Discount? discount, long deliveryFee, long tip)
    {
        var subtotal = 0L;
        var totals = new long[lines.Count];
        for (var at = 0; at < lines.Count; at++)
        {
            var line = lines[at];
            if (line.Currency != currency)
                throw new RefusedException("currency_mismatch", $"{line.Name} is priced in {line.Currency}, and the store sells in {currency}.");
            totals[at] = checked(line.UnitPriceAmount * line.Quantity);
            subtotal = checked(subtotal + totals[at]);
        }

        var off = discount?.Off(subtotal) ?? 0;
        if (checked(subtotal + deliveryFee + tip) - off > Money.Most)
            throw new RefusedException("total_too_large", "The order comes to more than the store can take in one order.");

        var billed = new BillLine[lines.Count];
        var (before, given) = (BigInteger.Zero, 0L);
        for (var at = 0; at < billed.Length; at++)
        {
            before += totals[at];
            // What the lines up to here have had off, rounded down: the last one brings it to the whole.
            var upToHere = off == 0 ? 0 : (long)(before * off / subtotal);
            billed[at] = new(lines[at], totals[at], upToHere - given);
            given = upToHere;
        }

        return new(currency, billed, subtotal, off, deliveryFee, tip);
    }
}

/// <summary>A line of a bill: a product and its share of the discount.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct BillLine(TakenLine Line, long Total, long Discount);
