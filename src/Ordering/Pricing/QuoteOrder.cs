using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Quitanda.Accounts;
using Quitanda.Catalog;
using Quitanda.Ordering.Coupons;
using Quitanda.Ordering.Orders;
using Quitanda.Ordering.Stores;
using Quitanda.Platform;

namespace Quitanda.Ordering.Pricing;

/// <summary>
/// Says what an order would come to and why, and everything that stands against it, without holding anything. An order that names the quote comes to the same or is refused.
/// </summary>
[Refuses("currency_mismatch"), Refuses("total_too_large"), Refuses("cart_empty")]
internal static class QuoteOrder
{
    public static async Task<Ok<Quote>> Handle(
        OrderRequest request, Caller? caller, Guest? guest, Db db, ICatalog catalog, Carts.Carts carts, Slots slots, IAccounts accounts, IOptions<OrderingSettings> settings, TimeProvider clock, CancellationToken ct)
    {
        if (request.QuoteId is not null)
            throw new InvalidException("quoteId", "is for the order.");
        var (quote, bill) = await Judge(request, caller, guest, db, catalog, carts, slots, accounts, settings.Value, clock, ct);
        if (quote.QuoteId is { } kept)
            Quote.Keep(db, kept, bill, quote.ExpiresAt!.Value);
        return TypedResults.Ok(quote);
    }

    /// <summary>The quote, which nobody keeps yet, and its bill.</summary>
    internal static async Task<(Quote Quote, Bill Bill)> Judge(
        OrderRequest request, Caller? caller, Guest? guest, Db db, ICatalog catalog, Carts.Carts carts, Slots slots, IAccounts accounts, OrderingSettings settings, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        request.RequireSense(now);
        var terms = await Terms.Read(db, ct);
        request.RequireCurrency(terms.Currency);
        var address = await request.FindAddress(caller?.Id, accounts, ct);
        if (request.Items is null && caller is not null)
            await carts.Join(guest, caller, ct);
        var lines = request.Items ?? (caller is null ? [] : await carts.Lines(caller.Id, ct));
        if (lines.Length == 0)
            throw Carts.Carts.Empty();

        List<QuoteRefusal> refusals = [];
        if (caller is not { IsGuest: false })
            refusals.AddRange(await OfGuest(caller, terms, settings.GuestOpenOrders, db, ct));
        var looked = await catalog.Look(Array.ConvertAll(lines, line => line.Wanted), ct);
        for (var at = 0; at < looked.Count; at++)
            if (looked[at].Trouble is { } trouble)
                refusals.Add(QuoteRefusal.Of(OfLine(trouble, lines[at].ProductId), at));
        TakenLine[] priced = [.. looked.Where(line => line.Line is not null).Select(line => line.Line!)];
        var goods = Bill.Of(terms.Currency, priced, discount: null, deliveryFee: 0, tip: 0);

        var coupon = await Coupon(request, caller, goods, refusals, db, now, ct);
        var judged = terms.Judge(new(request.Fulfillment, request.ScheduledFor, address, goods.Subtotal), now);
        refusals.AddRange(judged.Refusals.Select(refusal => QuoteRefusal.Of(refusal)));
        var promise = judged.Promise is { Slots.Count: > 0 } hoped ? await Free(hoped, request.Fulfillment, terms, slots, ct) : judged.Promise;
        if (promise is null && judged.Promise is { } full)
            refusals.Add(QuoteRefusal.Of(await slots.Refused(terms, request.Fulfillment, full, now, ct)));
        var bill = Bill.Of(terms.Currency, priced, coupon?.Discount, judged.Delivery?.Fee ?? 0, request.Tip?.Amount ?? 0);
        if (PlaceOrder.RefusalOfChange(request, bill) is { } tooLittle)
            refusals.Add(QuoteRefusal.Of(tooLittle));

        Guid? id = refusals.Count == 0 ? Guid.CreateVersion7() : null;
        var expiresAt = now.AddMinutes(settings.QuoteMinutes);
        return (new Quote(
            id, [.. Lines(bill, coupon, judged.Delivery)], Amount(bill.Subtotal), Amount(bill.Discount), Amount(bill.DeliveryFee), Amount(bill.Tip), Amount(bill.Total),
            promise?.ReadyAt, refusals, id is null ? null : expiresAt), bill);

        Money Amount(long amount) => new(amount, bill.Currency);
    }

    /// <summary>What stands against somebody's order because they have not signed in.</summary>
    private static async Task<QuoteRefusal[]> OfGuest(Caller? guest, Terms terms, int openAtMost, Db db, CancellationToken ct)
    {
        var full = guest is null ? null : await OpenOrders.RefusalOf(db, guest.Id, openAtMost, ct);
        return [.. ((Refusal?[])[terms.RefusalOfGuests, full]).OfType<Refusal>().Select(refusal => QuoteRefusal.Of(refusal))];
    }

    private static async Task<Coupon?> Coupon(OrderRequest request, Caller? caller, Bill goods, List<QuoteRefusal> refusals, Db db, DateTimeOffset now, CancellationToken ct)
    {
        if (request.CouponCode is not { } code)
            return null;
        var (coupon, refusal) = await CouponUses.Look(db, code, caller is { IsGuest: false } ? caller.Id : null, goods.Subtotal, goods.Currency, now, ct);
        if (refusal is null)
            return coupon;
        refusals.Add(QuoteRefusal.Of(refusal));
        return null;
    }

    /// <summary>The promise in the first of its slots that has room now; null where none has.</summary>
    private static async Task<Promise?> Free(Promise hoped, Fulfillment fulfillment, Terms terms, Slots slots, CancellationToken ct)
    {
        if (terms.CapacityOf(fulfillment) is not { } capacity)
            return hoped;
        var full = await slots.Full(fulfillment, hoped.Slots[0], hoped.Slots[^1].AddTicks(1), capacity, ct);
        return hoped.Slots.Where(slot => !full.Contains(slot)).Select(slot => hoped.In(slot)).FirstOrDefault();
    }

    private static Refusal OfLine(LineTrouble trouble, Guid productId)
    {
        var facts = new Dictionary<string, object>(StringComparer.Ordinal) { ["productId"] = productId };
        if (trouble.Available is { } left)
            facts["available"] = left;
        return new(trouble.Code, trouble.Message, facts);
    }

    private static IEnumerable<QuoteLine> Lines(Bill bill, Coupon? coupon, DeliveryTerms? delivery)
    {
        foreach (var (line, total, _) in bill.Lines)
        {
            var bare = line.UnitPriceAmount - line.Options.Sum(option => option.Adds);
            yield return new(QuoteLineKind.Product, "product_price", line.Name, new(bare * line.Quantity, bill.Currency), line.ProductId, line.Quantity, new(bare, bill.Currency));
            foreach (var option in line.Options)
            {
                var rule = option.FreeQuantity == 0 ? "option_price" : option.FreeQuantity == option.Quantity ? "option_free" : "option_partly_free";
                yield return new(QuoteLineKind.Option, rule, $"{option.Group}: {option.Name}", new(option.Adds * line.Quantity, bill.Currency), line.ProductId, option.Quantity * line.Quantity, new(option.UnitPriceAmount, bill.Currency));
            }
        }

        if (coupon is not null)
            yield return new(QuoteLineKind.Discount, coupon.Percent is not null ? "coupon_percent" : "coupon_amount", coupon.Code, new(bill.Discount, bill.Currency));
        if (delivery is not null)
            yield return new(QuoteLineKind.Delivery, delivery.Rule, delivery.Zone, new(bill.DeliveryFee, bill.Currency));
        if (bill.Tip > 0)
            yield return new(QuoteLineKind.Tip, "tip", "", new(bill.Tip, bill.Currency));
    }
}
