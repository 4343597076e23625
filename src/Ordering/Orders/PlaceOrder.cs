using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Ordering.Contacts;
using Quitanda.Ordering.Pricing;
using Quitanda.Platform;

namespace Quitanda.Ordering.Orders;

/// <summary>
/// Places an order, of lines or of the caller's cart, which it empties: takes what it needs for all its lines or for none, at today's prices, if the store takes it at the time. Whoever comes without
/// a token or a sign-in is made a guest, told their token, and must say how they are reached; the order then has a link to follow it by.
/// </summary>
[Refuses("out_of_stock"), Refuses("unknown_product"), Refuses("invalid_options"), Refuses("store_closed"), Refuses("fulfillment_not_offered"), Refuses("too_soon"), Refuses("outside_delivery_area"),
 Refuses("slot_taken"), Refuses("below_minimum_order"), Refuses("coupon_refused"), Refuses("quote_stale"), Refuses("change_too_small"), Refuses("currency_mismatch"), Refuses("total_too_large"), Refuses("cart_empty"),
 Refuses("guests_not_accepted"), Refuses("too_many_open_orders")]
internal static class PlaceOrder
{
    public static async Task<Created<OrderDetails>> Handle(OrderRequest request, Caller customer, Guest? guest, Placing placing, FollowLinks links, CancellationToken ct)
    {
        var order = await placing.Place(request, customer, guest, basket: null, ct);
        return TypedResults.Created($"/api/v1/orders/{order.Id}", OrderDetails.Of(order, customer.Is(Roles.Staff)) with { FollowToken = links.TokenFor(customer, order.Id) });
    }

    /// <summary>Cash that does not cover the order leaves nothing to give change of.</summary>
    internal static Refusal? RefusalOfChange(OrderRequest request, Bill bill) => request.ChangeFor is { } cash && cash.Amount < bill.Total
        ? new("change_too_small", "The cash is less than the order comes to.", new Dictionary<string, object>(StringComparer.Ordinal) { ["total"] = new Money(bill.Total, bill.Currency) })
        : null;
}
