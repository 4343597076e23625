using System.Text.Json.Serialization;
using Quitanda.Accounts;
using Quitanda.Platform;

namespace Quitanda.Ordering.Orders;

/// <summary>Takes in orders that were placed, and are over, in another system: three statements for all of them.</summary>
internal sealed class OrderIntake(Db db, TimeProvider clock) : IOrderingIntake
{
    /// <summary>Numbers of orders of before begin above it: none that is drawn comes there, and a program that counts in doubles still tells them apart.</summary>
    private const long NumbersFrom = 1_000_000_000_000;

    private const int MostLines = 100;
    private const int MostPieces = 999;

    public async Task<IReadOnlyList<Arrival>> Take(IReadOnlyList<IncomingOrder> orders, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var rows = orders.Select(Row.Of).ToList();
        var wanted = rows.Where(row => row.Arrival.MayCome).ToList();
        if (wanted.Count == 0)
            return [.. rows.Select(row => row.Arrival)];

        // One after the other, so that they count on without a gap. Who places an order draws a number elsewhere and waits for nobody.
        await db.Execute($"select pg_advisory_xact_lock(hashtextextended('ordering.order-intake', 0))", ct);
        await db.Execute(
            $"""
            insert into ordering.orders (
                id, number, customer_id, status, payment_status, payment_method, fulfillment, currency, subtotal, discount, delivery_fee, tip, total,
                address, scheduled_for, notes, metadata, cancel_reason, expires_at, imported_at, created_at, updated_at)
            select id, coalesce((select max(number) from ordering.orders where imported_at is not null), {NumbersFrom}) + row_number() over (order by "createdAt", id),
                "customerId", status, "paymentStatus", "paymentMethod", fulfillment, currency, subtotal, discount, "deliveryFee", tip, total,
                nullif(address, 'null'), "scheduledFor", notes, metadata, "cancelReason", null, {now}, "createdAt", "closedAt"
            from jsonb_to_recordset({Sql.Json(wanted)}) as row (
                id uuid, "customerId" uuid, status text, "paymentStatus" text, "paymentMethod" text, fulfillment text, currency text, subtotal bigint, discount bigint, "deliveryFee" bigint, tip bigint,
                total bigint, address jsonb, "scheduledFor" timestamptz, notes text, metadata jsonb, "cancelReason" text, "createdAt" timestamptz, "closedAt" timestamptz)
            """, ct);
        await db.Execute(
            $"""
            insert into ordering.order_items (order_id, position, product_id, name, quantity, unit_price, total, discount, notes)
            select "orderId", position, "productId", name, quantity, "unitPrice", "unitPrice" * quantity, discount, notes
            from jsonb_to_recordset({Sql.Json(wanted.SelectMany(row => row.Lines))}) as row (
                "orderId" uuid, position integer, "productId" uuid, name text, quantity integer, "unitPrice" bigint, discount bigint, notes text)
            """, ct);
        await db.Execute(
            $"""
            insert into ordering.order_events (order_id, position, status, at, made_by, made_by_id)
            select id, 1, 'pending', "createdAt", 'customer', "customerId"
            from jsonb_to_recordset({Sql.Json(wanted)}) as row (id uuid, "createdAt" timestamptz, "customerId" uuid)
            union all
            select id, 2, status, "closedAt", 'system', null
            from jsonb_to_recordset({Sql.Json(wanted)}) as row (id uuid, status text, "closedAt" timestamptz)
            """, ct);
        return [.. rows.Select(row => row.Arrival)];
    }

    private sealed record Line(Guid OrderId, int Position, Guid ProductId, string Name, int Quantity, long UnitPrice, long Discount, string? Notes)
    {
        [JsonIgnore]
        public long Total => UnitPrice * Quantity;
    }

    /// <summary>An order as the table takes it.</summary>
    private sealed class Row
    {
        [JsonIgnore]
        public Arrival Arrival { get; init; } = null!;

        [JsonIgnore]
        public IReadOnlyList<Line> Lines { get; private set; } = [];
        public required Guid Id { get; init; }
        public required Guid CustomerId { get; init; }
        public required OrderStatus Status { get; init; }
        public required PaymentStatus PaymentStatus { get; init; }
        public required PaymentMethod PaymentMethod { get; init; }
        public required Fulfillment Fulfillment { get; init; }
        public required string Currency { get; init; }
        public long Subtotal { get; private set; }
        public long Discount { get; private set; }
        public long DeliveryFee { get; private set; }
        public long Tip { get; private set; }
        public long Total { get; private set; }
        public PostalAddress? Address { get; init; }
        public DateTimeOffset? ScheduledFor { get; init; }
        public string? Notes { get; init; }
        public required IReadOnlyDictionary<string, string> Metadata { get; init; }
        public string? CancelReason { get; init; }
        public required DateTimeOffset CreatedAt { get; init; }
        public required DateTimeOffset ClosedAt { get; init; }

        public static Row Of(IncomingOrder given)
        {
            var arrival = new Arrival(given.Id);
            if (!Wire.TryParse<PaymentStatus>(given.PaymentStatus, out var payment))
                arrival.Refuse("unknown_payment_status", $"'{given.PaymentStatus}' is no status of a payment.");
            if (!Currencies.Exists(given.Currency))
                arrival.Refuse("currency_invalid", "Its currency is none.");
            var isDelivery = given.IsDelivery || given.DeliveryFee > 0;
            if (isDelivery && given.Address is null)
                arrival.Note("address_missing", "It was brought, and nothing says where to.");
            var row = new Row
            {
                Arrival = arrival,
                Id = given.Id,
                CustomerId = given.CustomerId,
                Status = given.IsDelivered ? OrderStatus.Delivered : OrderStatus.Cancelled,
                PaymentStatus = payment,
                PaymentMethod = given.IsOnline ? PaymentMethod.Online : PaymentMethod.Manual,
                Fulfillment = isDelivery ? Fulfillment.Delivery : Fulfillment.Pickup,
                Currency = given.Currency,
                Address = isDelivery ? AddressOf(arrival, given.Address) : null,
                ScheduledFor = given.ScheduledFor,
                Notes = arrival.Words(given.Notes, 500, "notes"),
                Metadata = given.Metadata,
                CancelReason = given.IsDelivered ? null : arrival.Line(given.CancelReason, 500, "cancelReason"),
                CreatedAt = given.CreatedAt,
                ClosedAt = given.ClosedAt is { } closed && closed > given.CreatedAt ? closed : given.CreatedAt,
            };
            row.Count(given);
            return row;
        }

        /// <summary>Lines and amounts as they were. Where they do not sum to the total, the total holds: what is too little counts as a discount, what is too much as goods.</summary>
        private void Count(IncomingOrder given)
        {
            if (given.Lines.Count is 0 or > MostLines)
                Arrival.Refuse(given.Lines.Count == 0 ? "no_lines" : "too_many_lines", $"An order has 1 to {MostLines} lines, and this one {given.Lines.Count}.");
            if (given.Lines.Any(line => line.Quantity is < 1 or > MostPieces))
                Arrival.Refuse("quantity_invalid", $"A line has 1 to {MostPieces} pieces.");
            if (given.Lines.Any(line => line.UnitPrice is < 0 or > Money.Most / MostPieces) || given.Discount < 0 || given.DeliveryFee is < 0 or > Money.Most || given.Tip is < 0 or > Money.Most || given.Total is < 0 or > Money.Most)
                Arrival.Refuse("amount_invalid", "An amount is less than nothing, or more than can be.");
            if (!Arrival.MayCome)
                return;

            var goods = given.Lines.Sum(line => line.UnitPrice * line.Quantity);
            (Subtotal, Discount, DeliveryFee, Tip) = (goods, Math.Min(given.Discount, goods), given.DeliveryFee, given.Tip);
            var sum = Subtotal - Discount + DeliveryFee + Tip;
            Total = given.Total ?? sum;
            if (Total != sum)
                Arrival.Note("total_differs", $"Its total is {Total} and its parts sum to {sum} (minor units); the total holds.");
            if (Total > sum)
                Subtotal += Total - sum;
            var less = Math.Max(sum - Total, 0);
            var off = Math.Min(less, Subtotal - Discount);
            var fee = Math.Min(less - off, DeliveryFee);
            (Discount, DeliveryFee, Tip) = (Discount + off, DeliveryFee - fee, Tip - (less - off - fee));
            if (Total > Money.Most)
                Arrival.Refuse("amount_invalid", "An amount is more than can be.");

            List<Line> lines = [];
            var (left, rest) = (Discount, goods);
            foreach (var line in given.Lines)
            {
                // What is left of the discount is shared by what is left of the goods: the shares sum to it exactly.
                var total = line.UnitPrice * line.Quantity;
                var share = rest == 0 ? 0 : Math.Min((long)((Int128)left * total / rest), total);
                (left, rest) = (left - share, rest - total);
                lines.Add(new(Id, lines.Count + 1, line.ProductId, Arrival.Line(line.Name, 300, "items.name") ?? "?", line.Quantity, line.UnitPrice, share, Arrival.Line(line.Notes, 200, "items.notes")));
            }

            Lines = lines;
        }

        private static PostalAddress AddressOf(Arrival arrival, PostalAddress? given) => new(
            arrival.Line(given?.Street, 200, "address.street") ?? "-", arrival.Line(given?.Number, 20, "address.number") ?? "-", arrival.Line(given?.Complement, 200, "address.complement"),
            arrival.Line(given?.Neighborhood, 100, "address.neighborhood") ?? "-", arrival.Line(given?.City, 100, "address.city") ?? "-", arrival.Line(given?.State, 100, "address.state") ?? "-",
            arrival.Line(given?.PostalCode, 20, "address.postalCode") ?? "-", given?.Country is [>= 'A' and <= 'Z', >= 'A' and <= 'Z'] country ? country : "BR");
    }
}
