using Microsoft.Extensions.Options;
using Quitanda.Accounts;
using Quitanda.Catalog;
using Quitanda.Ordering.Orders;
using Quitanda.Ordering.Pricing;
using Quitanda.Ordering.Stores;
using Quitanda.Platform;

namespace Quitanda.Ordering;

/// <summary>What other modules get behind <see cref="IOrdering"/>.</summary>
internal sealed class OrderingContract(
    Db db, Placing placing, ICatalog catalog, Carts.Carts carts, Slots slots, IAccounts accounts, IOptions<OrderingSettings> settings, TimeProvider clock) : IOrdering
{
    public async Task<PricedGoods> Price(WantedGoods wanted, Caller customer, CancellationToken ct)
    {
        var (quote, _) = await QuoteOrder.Judge(RequestOf(wanted), customer, guest: null, db, catalog, carts, slots, accounts, settings.Value, clock, ct);
        return new(
            quote.Total,
            [.. quote.Lines.Select(line => (line.Rule, (string?)line.Label, new SignedMoney(line.Kind == QuoteLineKind.Discount ? -line.Amount.Amount : line.Amount.Amount, line.Amount.Currency)))],
            [.. quote.Refusals.Select(refusal => (refusal.Code, refusal.Message))]);
    }

    public async Task<(Guid OrderId, Money Total)> Hold(WantedGoods wanted, Caller customer, Guid basketId, DateTimeOffset payBy, CancellationToken ct)
    {
        var order = await placing.Place(RequestOf(wanted), customer, guest: null, (basketId, payBy), ct);
        return (order.Id, new(order.Total, order.Currency));
    }

    public Task<OrderStanding?> Find(Guid orderId, CancellationToken ct) => db.ReadFirst(
        $"select id, number, customer_id, is_guest, status, payment_status, total, currency from ordering.orders where id = {orderId}",
        row => new OrderStanding(row.GetGuid(0), row.GetInt64(1), row.GetGuid(2), row.GetBoolean(3), row.GetString(4), row.GetString(5), new(row.GetInt64(6), row.GetString(7))), ct);

    private static OrderRequest RequestOf(WantedGoods wanted) => new(
        wanted.Fulfillment == GoodsHandover.Delivery ? Fulfillment.Delivery : Fulfillment.Pickup,
        Array.ConvertAll(wanted.Items, line => new OrderRequest.Line(
            line.ProductId, line.Quantity, line.Options is null ? null : Array.ConvertAll(line.Options, option => new OrderRequest.ChosenOption(option.OptionId, option.Quantity)), line.Notes)),
        wanted.AddressId,
        wanted.Address is { } given
            ? new(given.Street, given.Number, given.Neighborhood, given.City, given.State, given.PostalCode, given.Country, given.Complement, given.Lat, given.Lng)
            : null,
        wanted.ScheduledFor, wanted.Notes, wanted.Tip, PaymentMethod.Online, CouponCode: wanted.CouponCode);
}
