using System.Text.Json;
using Quitanda.Platform;

namespace Quitanda.Ordering.Pricing;

/// <summary>What somebody was told that something comes to.</summary>
/// <param name="QuoteId">What an order names to be held to it; null where it is refused.</param>
/// <param name="Lines">What makes the total up, with the rule behind each amount.</param>
/// <param name="Subtotal">The goods.</param>
/// <param name="Discount">What comes off them.</param>
/// <param name="DeliveryFee">For bringing it.</param>
/// <param name="Tip">On top.</param>
/// <param name="Total">Subtotal less discount, plus delivery fee and tip. Where something is refused, of what could be priced.</param>
/// <param name="ReadyAt">When it would be promised, ordered now.</param>
/// <param name="Refusals">Why it cannot be ordered so, each by its code and rule; none where it can.</param>
/// <param name="ExpiresAt">Until when an order may name it.</param>
[SchemaId("Quote")]
internal sealed record Quote(
    Guid? QuoteId, IReadOnlyList<QuoteLine> Lines, Money Subtotal, Money Discount, Money DeliveryFee, Money Tip, Money Total, DateTimeOffset? ReadyAt, IReadOnlyList<QuoteRefusal> Refusals, DateTimeOffset? ExpiresAt)
{
    /// <summary>What of a bill is kept: who asked, and where it would go, is nobody's business.</summary>
    private sealed record Kept(string Currency, KeptLine[] Lines, long Discount, long DeliveryFee, long Tip, long Total)
    {
        public static Kept Of(Bill bill) => new(
            bill.Currency, [.. bill.Lines.Select(line => new KeptLine(line.Line.ProductId, line.Line.Quantity, line.Line.UnitPriceAmount))], bill.Discount, bill.DeliveryFee, bill.Tip, bill.Total);
    }

    private sealed record KeptLine(Guid ProductId, int Quantity, long UnitPrice);

    /// <summary>Keeps a bill until it expires.</summary>
    public static void Keep(Db db, Guid id, Bill bill, DateTimeOffset expiresAt) =>
        db.Write($"insert into ordering.quotes (id, bill, expires_at) values ({id}, {Sql.Json(Kept.Of(bill))}, {expiresAt})");

    /// <summary>Holds an order to what was quoted.</summary>
    /// <exception cref="RefusedException"><c>quote_stale</c>: the quote is over, or the order would come to something else by now, line by line. Facts: what was quoted and what it is now.</exception>
    public static async Task Require(Db db, Guid id, Bill bill, DateTimeOffset now, CancellationToken ct)
    {
        var text = await db.ReadFirst($"select bill from ordering.quotes where id = {id} and expires_at > {now}", row => row.GetString(0), ct);
        if (text is null)
            throw new RefusedException("quote_stale", "The quote is over; ask for another.");
        var (quoted, current) = (JsonSerializer.Deserialize<Kept>(text, Wire.Stored)!, Kept.Of(bill));
        if (quoted with { Lines = [] } == current with { Lines = [] } && quoted.Lines.AsSpan().SequenceEqual(current.Lines))
            return;
        throw new RefusedException("quote_stale", "By now it comes to something else than was quoted; ask for another quote.")
        {
            Facts = new Dictionary<string, object>(StringComparer.Ordinal) { ["quoted"] = new Money(quoted.Total, quoted.Currency), ["total"] = new Money(current.Total, current.Currency) },
        };
    }
}

/// <summary>One amount of a quote, and why it is what it is.</summary>
/// <param name="Kind">What it is for.</param>
/// <param name="Rule">The rule that made it, such as <c>product_price</c>, <c>option_free</c>, <c>coupon_percent</c>, <c>zone_fee</c>, <c>free_from</c>.</param>
/// <param name="Label">For people: the product, option, coupon or zone.</param>
/// <param name="Amount">What it adds; what a discount takes off is in <paramref name="Kind"/> <c>discount</c>, and is subtracted.</param>
/// <param name="ProductId">The product, where it is for one.</param>
/// <param name="Quantity">Pieces.</param>
/// <param name="UnitPrice">For one piece.</param>
[SchemaId("QuoteLine")]
internal sealed record QuoteLine(QuoteLineKind Kind, string Rule, string Label, Money Amount, Guid? ProductId = null, int? Quantity = null, Money? UnitPrice = null);

/// <summary>What an amount of a quote is for.</summary>
internal enum QuoteLineKind
{
    /// <summary>Pieces of a product, without their options.</summary>
    Product,

    /// <summary>An option of the product before it.</summary>
    Option,

    /// <summary>Taken off the goods.</summary>
    Discount,

    /// <summary>For bringing it.</summary>
    Delivery,
    Tip,
}

/// <summary>Why something cannot be ordered so.</summary>
/// <param name="Code">The code that an order would be refused with.</param>
/// <param name="Rule">The rule, where a code has several.</param>
/// <param name="Message">The same for people.</param>
/// <param name="Item">The line it is about, from 0; null where it is about all.</param>
/// <param name="Facts">What a client can go by, as the order's refusal has it.</param>
[SchemaId("QuoteRefusal")]
internal sealed record QuoteRefusal(string Code, string? Rule, string Message, int? Item, IReadOnlyDictionary<string, object> Facts)
{
    private static readonly Dictionary<string, object> None = new(StringComparer.Ordinal);

    public static QuoteRefusal Of(Refusal refusal, int? item = null) =>
        new(refusal.Code, refusal.Facts?.GetValueOrDefault("rule") as string, refusal.Message, item, refusal.Facts ?? None);
}
