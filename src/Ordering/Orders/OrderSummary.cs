using System.Text.Json;
using System.Text.Json.Serialization;
using Npgsql;
using Quitanda.Accounts;
using Quitanda.Ordering.Contacts;
using Quitanda.Platform;

namespace Quitanda.Ordering.Orders;

/// <summary>An order as lists show it.</summary>
internal record OrderSummary
{
    /// <summary>The columns that <see cref="Read"/> reads, of <c>ordering.orders o</c>.</summary>
    public static readonly Sql Columns = Sql.Raw("""
        o.id, o.number, o.customer_id, o.status, o.payment_status, o.payment_method, o.fulfillment, o.currency, o.subtotal, o.discount, o.delivery_fee, o.tip, o.total,
        o.address, o.scheduled_for, o.notes, o.metadata, o.carrier, o.tracking_code, o.cancel_reason, o.created_at, o.updated_at, o.expires_at,
        o.short_number, o.coupon_code, o.change_for, o.ready_at, o.paid_at, o.contact, o.is_guest
        """);

    /// <summary>How many columns those are.</summary>
    public const int ColumnCount = 30;

    public required Guid Id { get; init; }

    /// <summary>Counts up, with gaps.</summary>
    public required long Number { get; init; }

    /// <summary>What is called out over the counter: the day's letter and the order's place in the day, such as <c>C42</c>. Null on orders of before there were any.</summary>
    [Impersonal]
    public required string? ShortNumber { get; init; }
    [Person]
    public required Guid CustomerId { get; init; }

    /// <summary>Whether its customer ordered without an account.</summary>
    public required bool IsGuest { get; init; }

    /// <summary>Who is asked for, where somebody said.</summary>
    [Personal]
    public required OrderContact? Contact { get; init; }
    public required OrderStatus Status { get; init; }
    public required PaymentStatus PaymentStatus { get; init; }
    public required PaymentMethod PaymentMethod { get; init; }
    public required Fulfillment Fulfillment { get; init; }
    public required List<Item> Items { get; init; }
    public required Money Subtotal { get; init; }
    public required Money Discount { get; init; }

    /// <summary>The coupon that took it off.</summary>
    [Impersonal]
    public required string? CouponCode { get; init; }
    public required Money DeliveryFee { get; init; }
    public required Money Tip { get; init; }

    /// <summary>Subtotal less discount, plus delivery fee and tip.</summary>
    public required Money Total { get; init; }
    [Personal]
    public required PostalAddress? Address { get; init; }
    public required DateTimeOffset? ScheduledFor { get; init; }

    /// <summary>When it was promised.</summary>
    public required DateTimeOffset? ReadyAt { get; init; }

    /// <summary>The cash that its customer will hand over, so that the change is at hand.</summary>
    public required Money? ChangeFor { get; init; }

    /// <summary>When its money came in.</summary>
    public required DateTimeOffset? PaidAt { get; init; }
    [Personal]
    public required string? Notes { get; init; }
    [Personal]
    public required IReadOnlyDictionary<string, string> Metadata { get; init; }
    [Impersonal]
    public required string? Carrier { get; init; }
    [Personal]
    public required string? TrackingCode { get; init; }
    [Personal]
    public required string? CancelReason { get; init; }

    /// <summary>When it is cancelled unless it is paid; null where it does not wait for a payment.</summary>
    public required DateTimeOffset? ExpiresAt { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>A line: the product as it was when it was ordered.</summary>
    /// <param name="ProductId">The product.</param>
    /// <param name="Name">Its name.</param>
    /// <param name="Quantity">Pieces.</param>
    /// <param name="UnitPrice">What a piece cost with its options.</param>
    /// <param name="Total">Unit price times quantity, before the discount.</param>
    /// <param name="Discount">The line's share of the order's discount; the shares sum to it.</param>
    /// <param name="Options">What was chosen with each piece.</param>
    /// <param name="Notes">What the customer asked of this line.</param>
    [SchemaId("OrderLine")]
    internal sealed record Item(
        Guid ProductId, [Impersonal] string Name, int Quantity, Money UnitPrice, Money Total, Money Discount, IReadOnlyList<Option> Options, [Personal] string? Notes)
    {
        /// <summary>The columns that <see cref="Read"/> reads, of <c>ordering.order_items i</c>.</summary>
        public static readonly Sql Columns = Sql.Raw("i.product_id, i.name, i.quantity, i.unit_price, i.total, i.discount, i.options, i.notes");

        /// <summary>How many columns those are.</summary>
        public const int ColumnCount = 8;

        public static Item Read(NpgsqlDataReader reader, int at, string currency) =>
            new(reader.GetGuid(at), reader.GetString(at + 1), reader.GetInt32(at + 2), new(reader.GetInt64(at + 3), currency), new(reader.GetInt64(at + 4), currency),
                new(reader.GetInt64(at + 5), currency), Option.Read(Text(reader, at + 6), currency), Text(reader, at + 7));

        public static Item Of(OrderItem item, string currency) =>
            new(item.ProductId, item.Name, item.Quantity, new(item.UnitPrice, currency), new(item.Total, currency), new(item.Discount, currency), Option.Of(item.Options, currency), item.Notes);
    }

    /// <summary>An option as it was when it was ordered.</summary>
    /// <param name="OptionId">The option.</param>
    /// <param name="Group">The name of its group.</param>
    /// <param name="Name">Its name.</param>
    /// <param name="Quantity">How many times each piece has it.</param>
    /// <param name="UnitPrice">What one of it cost; those that are free cost nothing.</param>
    /// <param name="FreeQuantity">How many of them were free.</param>
    [SchemaId("OrderLineOption")]
    internal sealed record Option(Guid OptionId, [Impersonal] string Group, [Impersonal] string Name, int Quantity, Money UnitPrice, int FreeQuantity)
    {
        public static IReadOnlyList<Option> Read(string? stored, string currency) => stored is null ? [] : Of(JsonSerializer.Deserialize<OrderItem.Option[]>(stored, Wire.Stored), currency);

        public static IReadOnlyList<Option> Of(OrderItem.Option[]? options, string currency) => options is null ? [] :
            Array.ConvertAll(options, option => new Option(option.Id, option.Group, option.Name, option.Quantity, new(option.UnitPrice, currency), option.FreeQuantity));
    }

    /// <summary>Adds their lines to orders, in one statement.</summary>
    public static async Task AddItems(Db db, IReadOnlyCollection<OrderSummary> orders, CancellationToken ct)
    {
        var (ids, byId) = (orders.Select(order => order.Id).ToArray(), orders.ToDictionary(order => order.Id));
        await db.Reading([$"select {Item.Columns}, i.order_id from ordering.order_items i where i.order_id = any({ids}) order by i.order_id, i.position"], async reader =>
        {
            while (await reader.ReadAsync(CancellationToken.None))
            {
                var order = byId[reader.GetGuid(Item.ColumnCount)];
                order.Items.Add(Item.Read(reader, 0, order.Total.Currency));
            }
        }, ct);
    }

    /// <summary>Reads <see cref="Columns"/>, which come first in the row. The lines are added by the caller.</summary>
    public static OrderSummary Read(NpgsqlDataReader reader)
    {
        var currency = reader.GetString(7);
        var (status, payment, method) = (Wire.Parse<OrderStatus>(reader.GetString(3)), Wire.Parse<PaymentStatus>(reader.GetString(4)), Wire.Parse<PaymentMethod>(reader.GetString(5)));
        return new()
        {
            Id = reader.GetGuid(0),
            Number = reader.GetInt64(1),
            CustomerId = reader.GetGuid(2),
            Status = status,
            PaymentStatus = payment,
            PaymentMethod = method,
            Fulfillment = Wire.Parse<Fulfillment>(reader.GetString(6)),
            Items = [],
            Subtotal = new(reader.GetInt64(8), currency),
            Discount = new(reader.GetInt64(9), currency),
            DeliveryFee = new(reader.GetInt64(10), currency),
            Tip = new(reader.GetInt64(11), currency),
            Total = new(reader.GetInt64(12), currency),
            Address = Text(reader, 13) is { } address ? JsonSerializer.Deserialize<PostalAddress>(address, Wire.Stored) : null,
            ScheduledFor = Time(reader, 14),
            Notes = Text(reader, 15),
            Metadata = MetadataAttribute.Read(reader.GetString(16)),
            Carrier = Text(reader, 17),
            TrackingCode = Text(reader, 18),
            CancelReason = Text(reader, 19),
            ExpiresAt = Order.MayLapse(status, method, payment) && !reader.IsDBNull(22) ? reader.GetFieldValue<DateTimeOffset>(22) : null,
            CreatedAt = reader.GetFieldValue<DateTimeOffset>(20),
            UpdatedAt = reader.GetFieldValue<DateTimeOffset>(21),
            ShortNumber = Text(reader, 23),
            CouponCode = Text(reader, 24),
            ChangeFor = reader.IsDBNull(25) ? null : new(reader.GetInt64(25), currency),
            ReadyAt = Time(reader, 26),
            PaidAt = Time(reader, 27),
            Contact = Text(reader, 28) is { } contact ? JsonSerializer.Deserialize<OrderContact>(contact, Wire.Stored) : null,
            IsGuest = reader.GetBoolean(29),
        };
    }

    private protected static DateTimeOffset? Time(NpgsqlDataReader reader, int at) => reader.IsDBNull(at) ? null : reader.GetFieldValue<DateTimeOffset>(at);

    private static string? Text(NpgsqlDataReader reader, int at) => reader.IsDBNull(at) ? null : reader.GetString(at);
}

/// <summary>An order, whole.</summary>
internal sealed record OrderDetails : OrderSummary
{
    public OrderDetails() { }

    [System.Diagnostics.CodeAnalysis.SetsRequiredMembers]
    private OrderDetails(OrderSummary summary, IReadOnlyList<Step> timeline) : base(summary) => Timeline = timeline;

    /// <summary>What happened to it, the first first.</summary>
    [JsonPropertyOrder(1)]
    public required IReadOnlyList<Step> Timeline { get; init; }

    /// <summary>What its guest follows it with, at <c>/orders/followed/</c>; shown to that guest.</summary>
    [JsonPropertyOrder(2), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [Personal]
    public string? FollowToken { get; init; }

    /// <summary>One change of its status, or of what is promised.</summary>
    /// <param name="Status">What it was changed to, or stood at.</param>
    /// <param name="At">When.</param>
    /// <param name="By">By whom, in what part.</param>
    /// <param name="Reason">Why, where somebody said so.</param>
    /// <param name="ById">Who of the staff it was. Shown to staff.</param>
    /// <param name="ReadyAt">What is promised from then on, where that is what was changed, and not the status.</param>
    internal sealed record Step(
        OrderStatus Status, DateTimeOffset At, Actor By, [Personal] string? Reason, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Guid? ById = null,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateTimeOffset? ReadyAt = null)
    {
        /// <summary>The columns that <see cref="Read"/> reads, of <c>ordering.order_events</c>.</summary>
        public static readonly Sql Columns = Sql.Raw("status, at, made_by, reason, made_by_id, ready_at");

        public static Step Read(NpgsqlDataReader row, int at, bool forStaff) => new(
            Wire.Parse<OrderStatus>(row.GetString(at)), row.GetFieldValue<DateTimeOffset>(at + 1), Wire.Parse<Actor>(row.GetString(at + 2)), row.IsDBNull(at + 3) ? null : row.GetString(at + 3),
            forStaff ? Who(Wire.Parse<Actor>(row.GetString(at + 2)), row.IsDBNull(at + 4) ? null : row.GetGuid(at + 4)) : null,
            Time(row, at + 5));

        /// <summary>Who of the staff it was: a customer is named by the order already.</summary>
        private static Guid? Who(Actor by, Guid? id) => by == Actor.Staff ? id : null;

        public static Step Of(OrderEvent happened, bool forStaff) =>
            new(happened.Status, happened.At, happened.MadeBy, happened.Reason, forStaff ? Who(happened.MadeBy, happened.MadeById) : null, happened.ReadyAt);
    }

    /// <summary>An order that has just been read.</summary>
    public static OrderDetails Of(OrderSummary summary, IReadOnlyList<Step> timeline) => new(summary, timeline);

    /// <summary>An order that has just been placed or changed.</summary>
    public static OrderDetails Of(Order order, bool forStaff)
    {
        var currency = order.Currency;
        return new()
        {
            Id = order.Id,
            Number = order.Number,
            CustomerId = order.CustomerId,
            Status = order.Status,
            PaymentStatus = order.PaymentStatus,
            PaymentMethod = order.PaymentMethod,
            Fulfillment = order.Fulfillment,
            Items = [.. order.Items.OrderBy(item => item.Position).Select(item => Item.Of(item, currency))],
            Subtotal = new(order.Subtotal, currency),
            Discount = new(order.Discount, currency),
            DeliveryFee = new(order.DeliveryFee, currency),
            Tip = new(order.Tip, currency),
            Total = new(order.Total, currency),
            Address = order.Address,
            ScheduledFor = order.ScheduledFor,
            Notes = order.Notes,
            Metadata = order.Metadata,
            Carrier = order.Carrier,
            TrackingCode = order.TrackingCode,
            CancelReason = order.CancelReason,
            ExpiresAt = order.LapsesAt,
            ShortNumber = order.ShortNumber,
            CouponCode = order.CouponCode,
            ChangeFor = order.ChangeFor is { } cash ? new(cash, currency) : null,
            ReadyAt = order.ReadyAt,
            PaidAt = order.PaidAt,
            Contact = order.Contact,
            IsGuest = order.IsGuest,
            CreatedAt = order.CreatedAt,
            UpdatedAt = order.UpdatedAt,
            Timeline = [.. order.Timeline.OrderBy(happened => happened.Position).Select(happened => Step.Of(happened, forStaff))],
        };
    }
}
