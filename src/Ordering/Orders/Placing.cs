using Microsoft.Extensions.Options;
using Quitanda.Accounts;
using Quitanda.Catalog;
using Quitanda.Ordering.Contacts;
using Quitanda.Ordering.Coupons;
using Quitanda.Ordering.Letters;
using Quitanda.Ordering.Pricing;
using Quitanda.Ordering.Queue;
using Quitanda.Ordering.Stores;
using Quitanda.Platform;

namespace Quitanda.Ordering.Orders;

/// <summary>Places orders: takes what one needs for all its lines or for none, and writes it. By itself, or as a part of a basket.</summary>
internal sealed class Placing(
    Db db, ICatalog catalog, Carts.Carts carts, Slots slots, IAccounts accounts, FollowLinks links, IMail mail, IOptions<OrderingSettings> settings, TimeProvider clock)
{
    /// <summary>Places an order.</summary>
    /// <param name="request">What is wanted.</param>
    /// <param name="customer">By whom.</param>
    /// <param name="guest">Who they were before they signed in, whose cart they may mean.</param>
    /// <param name="basket">The basket that it is part of, and until when that may be paid.</param>
    /// <param name="ct">Ends the work.</param>
    /// <exception cref="RefusedException">409, with the rule's name.</exception>
    public async Task<Order> Place(OrderRequest request, Caller customer, Guest? guest, (Guid Id, DateTimeOffset PayBy)? basket, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        request.RequireSense(now);
        if (customer.IsGuest && request.Contact is null)
            throw new InvalidException("contact", "is required of a guest.");

        // It rides with the first thing the others ask the database, and a closed store refuses before they do.
        Terms.Hold(db);
        var asked = Terms.Ask();
        var store = db.Ahead($"select {OrderNumber.Columns(now)}, {asked.Columns} from ordering.stores s where id = 1", reader =>
        {
            var terms = asked.Read(reader, OrderNumber.ColumnCount);
            if (customer.IsGuest && terms.RefusalOfGuests is { } notThem)
                throw notThem.ToException();
            var (promise, refusals) = terms.JudgeTime(request.Fulfillment, request.ScheduledFor, now);
            return promise is null ? throw refusals[0].ToException() : (Number: OrderNumber.Read(reader), Terms: terms, Promise: promise);
        });
        if (customer.IsGuest)
            OpenOrders.RequireRoom(db, customer.Id, settings.Value.GuestOpenOrders);
        var address = await request.FindAddress(customer.Id, accounts, ct);
        // The cart before the goods, by everybody: whoever orders it too waits here, and finds it empty.
        if (request.Items is null)
            await carts.Join(guest, customer, ct);
        var lines = request.Items ?? await carts.Take(customer.Id, ct);
        var taken = await catalog.TakeStock(Array.ConvertAll(lines, line => line.Wanted), ct);
        var (drawn, terms, promise) = await store.Get(ct);
        request.RequireCurrency(terms.Currency);

        var id = Guid.CreateVersion7(now);
        var goods = Bill.Of(terms.Currency, taken, discount: null, deliveryFee: 0, tip: 0);
        var coupon = request.CouponCode is { } code ? await CouponUses.Take(db, code, id, customer.Id, customer.IsGuest, goods.Subtotal, terms.Currency, now, ct) : null;
        var (delivery, refusal) = terms.JudgePlace(request.Fulfillment, address, goods.Subtotal);
        if (delivery is null)
            throw refusal!.ToException();
        var bill = Bill.Of(terms.Currency, taken, coupon?.Discount, delivery.Fee, request.Tip?.Amount ?? 0);
        if (PlaceOrder.RefusalOfChange(request, bill) is { } tooLittle)
            throw tooLittle.ToException();
        if (request.QuoteId is { } quoteId)
            await Quote.Require(db, quoteId, bill, now, ct);
        var number = await OrderNumber.Of(drawn, db, ct);
        // The last of all that others want too: most orders of an hour meet here.
        var kept = await slots.Keep(terms, request.Fulfillment, promise, ct);
        if (kept is null)
            throw (await slots.Refused(terms, request.Fulfillment, promise, now, ct)).ToException();

        var order = Order.Place(id, customer.Id, number, bill, new(request.Fulfillment, request.PaymentMethod, address, request.ScheduledFor, request.Notes, request.Metadata)
        {
            Coupon = coupon is null ? null : (coupon.Id, coupon.Code),
            QuoteId = request.QuoteId,
            ChangeFor = request.ChangeFor?.Amount,
            ReadyAt = kept.ReadyAt,
            QueueAt = kept.QueueAt,
            SlotAt = kept.Slots is [var slot] ? slot : null,
            PayBy = kept.PayBy,
            Basket = basket,
            LineNotes = OrderRequest.NotesOf(lines),
            Contact = request.Contact,
            IsGuest = customer.IsGuest,
        }, now, TimeSpan.FromMinutes(settings.Value.UnpaidMinutes));

        Write(order);
        db.Publish(new OrderPlaced(order.Id, order.Number, order.CustomerId, new(order.Total, order.Currency)));
        // Staff have to do with it at once, or when its time comes.
        if (order.LapsesAt is null)
            db.Schedule(QueueOrder.Kind, new QueueOrder.Message(order.Id), now);
        // An online order is told of once it is paid; until then it may come to nothing, and its customer has it on the screen.
        if (order.PaymentMethod == PaymentMethod.Manual)
            mail.Tell(order, new OrderReceived(OrderFacts.Of(order, links)));
        return order;
    }

    /// <summary>The order, its first event and its lines: one statement.</summary>
    private void Write(Order order)
    {
        var count = order.Items.Count;
        var (products, names, quantities, prices, totals) = (new Guid[count], new string[count], new int[count], new long[count], new long[count]);
        var (discounts, categories, options, notes, counted) = (new long[count], new Guid?[count], new string?[count], new string?[count], new bool[count]);
        for (var at = 0; at < count; at++)
        {
            var item = order.Items[at];
            (products[at], names[at], quantities[at], prices[at], totals[at]) = (item.ProductId, item.Name, item.Quantity, item.UnitPrice, item.Total);
            (discounts[at], categories[at], options[at], notes[at], counted[at]) = (item.Discount, item.CategoryId, Sql.Json(item.Options).Text, item.Notes, item.IsCounted);
        }

        db.Write($"""
            with placed as (
                insert into ordering.orders (
                    id, number, short_number, customer_id, status, payment_status, payment_method, fulfillment, currency,
                    subtotal, discount, delivery_fee, tip, total, coupon_id, coupon_code, quote_id, change_for, address, scheduled_for, ready_at, queue_at, slot_at,
                    notes, metadata, expires_at, paid_at, contact, is_guest, basket_id, created_at, updated_at)
                values (
                    {order.Id}, {order.Number}, {order.ShortNumber}, {order.CustomerId}, {order.Status}, {order.PaymentStatus}, {order.PaymentMethod}, {order.Fulfillment}, {order.Currency},
                    {order.Subtotal}, {order.Discount}, {order.DeliveryFee}, {order.Tip}, {order.Total}, {order.CouponId}, {order.CouponCode}, {order.QuoteId}, {order.ChangeFor},
                    {Sql.Json(order.Address)}, {order.ScheduledFor}, {order.ReadyAt}, {order.QueueAt}, {order.SlotAt},
                    {order.Notes}, {Sql.Json(order.Metadata)}, {order.ExpiresAt}, {order.PaidAt}, {Sql.Json(order.Contact)}, {order.IsGuest}, {order.BasketId}, {order.CreatedAt}, {order.UpdatedAt})
            ), began as (
                insert into ordering.order_events (order_id, position, status, at, made_by, made_by_id)
                values ({order.Id}, 1, {order.Status}, {order.CreatedAt}, {order.Timeline[0].MadeBy}, {order.Timeline[0].MadeById})
            )
            insert into ordering.order_items (order_id, position, product_id, name, quantity, unit_price, total, discount, category_id, options, notes, is_counted)
            select {order.Id}, position, product_id, name, quantity, unit_price, total, discount, category_id, options::jsonb, notes, is_counted
            from unnest({products}, {names}, {quantities}, {prices}, {totals}, {discounts}, {categories}, {options}, {notes}, {counted})
                with ordinality as line (product_id, name, quantity, unit_price, total, discount, category_id, options, notes, is_counted, position)
            """);
    }
}
