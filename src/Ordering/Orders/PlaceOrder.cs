using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Quitanda.Accounts;
using Quitanda.Catalog;
using Quitanda.Ordering.Letters;
using Quitanda.Ordering.Stores;
using Quitanda.Platform;

namespace Quitanda.Ordering.Orders;

/// <summary>Places an order: takes the stock for all its lines or for none, at today's prices, if the store is open at the time.</summary>
[Refuses("out_of_stock"), Refuses("unknown_product"), Refuses("store_closed"), Refuses("fulfillment_not_offered"), Refuses("too_soon"), Refuses("slot_taken"), Refuses("outside_delivery_area"), Refuses("below_minimum_order"), Refuses("currency_mismatch"), Refuses("total_too_large")]
internal static class PlaceOrder
{
    /// <param name="Items">What is wanted. A product may be in several lines.</param>
    /// <param name="Fulfillment">Whether it is brought or picked up.</param>
    /// <param name="AddressId">One of the customer's own addresses; delivery takes this or <paramref name="Address"/>.</param>
    /// <param name="Address">Where it is brought to.</param>
    /// <param name="ScheduledFor">When it is wanted, no further ahead than the store says; as soon as can be without it.</param>
    /// <param name="Notes">For the kitchen or the courier.</param>
    /// <param name="Tip">On top, in the store's currency.</param>
    /// <param name="PaymentMethod">A manual order is paid when it is handed over.</param>
    /// <param name="Metadata">The client's own notes, returned as given.</param>
    internal sealed record Request(
        [MinLength(1), MaxLength(100)] Line[] Items,
        Fulfillment Fulfillment,
        Guid? AddressId = null,
        DeliveryAddress? Address = null,
        DateTimeOffset? ScheduledFor = null,
        [StringLength(500)] string? Notes = null,
        Money? Tip = null,
        PaymentMethod PaymentMethod = PaymentMethod.Online,
        [Metadata] IReadOnlyDictionary<string, string>? Metadata = null);

    /// <summary>A product and how many of it. Its price is the store's to say.</summary>
    internal sealed record Line(Guid ProductId, [Range(1, 999)] int Quantity);

    /// <summary>An address that is written out with the order.</summary>
    internal sealed record DeliveryAddress(
        [StringLength(200, MinimumLength = 1)] string Street,
        [StringLength(20, MinimumLength = 1)] string Number,
        [StringLength(100, MinimumLength = 1)] string Neighborhood,
        [StringLength(100, MinimumLength = 1)] string City,
        [StringLength(100, MinimumLength = 1)] string State,
        [StringLength(20, MinimumLength = 1)] string PostalCode,
        [RegularExpression("^[A-Z]{2}$")] string Country,
        [StringLength(200)] string? Complement = null);

    public static async Task<Created<OrderDetails>> Handle(
        Request request, Caller customer, Db db, ICatalog catalog, IAccounts accounts, Slots slots, IMail mail, IOptions<OrderingSettings> settings, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        RequireSense(request, now);

        // It rides with the first thing the others ask the database, and a closed store refuses before they do.
        var asked = Terms.Ask();
        var store = db.Ahead($"select nextval('ordering.order_numbers'), {asked.Columns} from ordering.stores where id = 1", reader =>
        {
            var terms = asked.Read(reader, 1);
            var (promise, refusals) = terms.JudgeTime(request.Fulfillment, request.ScheduledFor, now);
            return promise is null ? throw refusals[0].ToException() : (Number: reader.GetInt64(0), Terms: terms, Promise: promise);
        });
        var address = await AddressOf(request, customer.Id, accounts, ct);
        var taken = await catalog.TakeStock(Array.ConvertAll(request.Items, line => new WantedLine(line.ProductId, line.Quantity)), ct);
        var (number, terms, promise) = await store.Get(ct);
        if (request.Tip is not null && request.Tip.Currency != terms.Currency)
            throw new InvalidException("tip.currency", $"must be the store's own, {terms.Currency}.");

        var (delivery, refusal) = terms.JudgePlace(request.Fulfillment, address, taken.Sum(line => checked(line.UnitPriceAmount * line.Quantity)));
        if (delivery is null)
            throw refusal!.ToException();
        var order = Order.Place(customer.Id, number, taken, terms.Currency, delivery.Fee,
            new(request.Fulfillment, request.PaymentMethod, address, request.ScheduledFor, request.Notes, request.Tip?.Amount ?? 0, request.Metadata), now, TimeSpan.FromMinutes(settings.Value.UnpaidMinutes));
        // After the products, whose locks everybody takes first.
        if (promise.Slots.Count > 0 && await slots.Take(request.Fulfillment, promise.Slots, terms.CapacityOf(request.Fulfillment)!.Value, ct) is null)
            throw (await slots.Refused(terms, request.Fulfillment, promise, now, ct)).ToException();

        Write(order, db);
        db.Publish(new OrderPlaced(order.Id, order.Number, order.CustomerId, new(order.Total, order.Currency)));
        // An online order is told of once it is paid; until then it may come to nothing, and its customer has it on the screen.
        if (order.PaymentMethod == PaymentMethod.Manual)
            mail.Send(order.CustomerId, new OrderReceived(OrderFacts.Of(order)));
        return TypedResults.Created($"/api/v1/orders/{order.Id}", OrderDetails.Of(order));
    }

    private static void RequireSense(Request request, DateTimeOffset now)
    {
        if (request.Fulfillment == Fulfillment.Pickup && (request.AddressId is not null || request.Address is not null))
            throw new InvalidException(request.AddressId is not null ? "addressId" : "address", "is for delivery only.");
        if (request.Fulfillment == Fulfillment.Delivery && request.AddressId is null && request.Address is null)
            throw new InvalidException("addressId", "or address is required for delivery.");
        if (request.AddressId is not null && request.Address is not null)
            throw new InvalidException("address", "cannot be given together with addressId.");
        if (request.ScheduledFor <= now)
            throw new InvalidException("scheduledFor", "must be in the future.");
    }

    private static async ValueTask<PostalAddress?> AddressOf(Request request, Guid customerId, IAccounts accounts, CancellationToken ct)
    {
        if (request.AddressId is { } id)
            return await accounts.FindAddress(customerId, id, ct) ?? throw new InvalidException("addressId", "is none of your addresses.");
        return request.Address is { } given
            ? new(given.Street, given.Number, given.Complement, given.Neighborhood, given.City, given.State, given.PostalCode, given.Country)
            : null;
    }

    /// <summary>The order, its first event and its lines: one statement.</summary>
    private static void Write(Order order, Db db)
    {
        var count = order.Items.Count;
        var (products, names, quantities, prices, totals) = (new Guid[count], new string[count], new int[count], new long[count], new long[count]);
        for (var at = 0; at < count; at++)
        {
            var item = order.Items[at];
            (products[at], names[at], quantities[at], prices[at], totals[at]) = (item.ProductId, item.Name, item.Quantity, item.UnitPrice, item.Total);
        }

        db.Write($"""
            with placed as (
                insert into ordering.orders (
                    id, number, customer_id, status, payment_status, payment_method, fulfillment, currency,
                    subtotal, discount, delivery_fee, tip, total, address, scheduled_for, notes, metadata, expires_at, created_at, updated_at)
                values (
                    {order.Id}, {order.Number}, {order.CustomerId}, {order.Status}, {order.PaymentStatus}, {order.PaymentMethod}, {order.Fulfillment}, {order.Currency},
                    {order.Subtotal}, {order.Discount}, {order.DeliveryFee}, {order.Tip}, {order.Total}, {Sql.Json(order.Address)}, {order.ScheduledFor}, {order.Notes},
                    {Sql.Json(order.Metadata)}, {order.ExpiresAt}, {order.CreatedAt}, {order.UpdatedAt})
            ), began as (
                insert into ordering.order_events (order_id, position, status, at, made_by) values ({order.Id}, 1, {order.Status}, {order.CreatedAt}, {order.Timeline[0].MadeBy})
            )
            insert into ordering.order_items (order_id, position, product_id, name, quantity, unit_price, total)
            select {order.Id}, position, product_id, name, quantity, unit_price, total
            from unnest({products}, {names}, {quantities}, {prices}, {totals}) with ordinality as line (product_id, name, quantity, unit_price, total, position)
            """);
    }
}
