using Microsoft.Extensions.DependencyInjection;
using Quitanda.MovingIn.Sources;
using Quitanda.Ordering;
using Quitanda.Platform;

namespace Quitanda.MovingIn.Kinds;

/// <summary>Orders that are over. One that is not is finished in the old system, and comes with the next run.</summary>
internal sealed class Orders : Kind<IncomingOrder>
{
    public const string KindName = "orders";

    public override string Name => KindName;

    public override Layout Layout { get; } = new(
        ["orders", "pedidos"],
        [
            new("id", "id", "order_id"), new("number", "number", "order_number", "code", "reference", "numero"), new("user", "user_id", "customer_id", "client_id", "account_id", "buyer_id"),
            new("status", "status", "order_status", "state"), new("paymentStatus", "payment_status", "payment.status", "payment.payment_status"),
            new("paymentMethod", "payment_method", "payment_type", "payment.method", "payment.payment_method", "payment.type", "payment.provider"),
            new("payment", "payment.external_id", "payment.provider_payment_id", "payment.transaction_id", "payment.mercado_pago_id", "mercado_pago_payment_id", "payment_intent_id", "stripe_payment_intent_id", "payment_id"),
            new("total", "total_cents", "total_in_cents", "total", "total_amount", "total_price", "amount", "grand_total"), new("currency", "currency"),
            new("discount", "discount_cents", "discount", "discount_amount", "desconto"), new("fee", "delivery_fee_cents", "delivery_fee", "shipping_fee", "shipping_cost", "shipping", "frete"), new("tip", "tip_cents", "tip", "gorjeta"),
            new("type", "fulfillment", "delivery_type", "delivery_method", "order_type", "type"), new("place", "shipping_address", "delivery_address", "address"),
            new("street", In("address", SavedAddresses.Street)), new("number2", In("address", SavedAddresses.Number)), new("complement", In("address", SavedAddresses.Complement)),
            new("neighborhood", In("address", SavedAddresses.Neighborhood)), new("city", In("address", SavedAddresses.City)), new("state", In("address", SavedAddresses.State)),
            new("postalCode", In("address", SavedAddresses.PostalCode)), new("country", In("address", SavedAddresses.Country)),
            new("notes", "notes", "note", "observation", "observations", "comments", "observacoes"), new("reason", "cancel_reason", "cancellation_reason"),
            new("scheduledFor", "scheduled_for", "scheduled_at", "scheduled_time", "delivery_time"),
            new("createdAt", "created_at", "created", "ordered_at", "placed_at"), new("closedAt", "delivered_at", "completed_at", "cancelled_at", "canceled_at", "updated_at"),
        ],
        new Side("address", SavedAddresses.Tables, (["id"], ["address_id", "shipping_address_id", "delivery_address_id"])),
        new Side("payment", ["payments"], (["order_id"], ["id"])));

    public override (Layout Layout, string Field)? Lines { get; } = (new(
        ["order_items", "order_lines", "order_products", "items_pedido"],
        [
            new("id", "id"), new("order", "order_id"), new("product", "product_id"), new("name", "product_name", "name", "title", "product.name", "product.title"),
            new("quantity", "quantity", "qty", "quantidade"),
            new("price", "unit_price_cents", "price_cents", "unit_price", "price_at_purchase", "price_at_time", "price", "preco", "preco_unitario", "product.price_cents", "product.price"),
            new("notes", "notes", "note", "observation", "observacao"), new("productCreatedAt", "product.created_at", "product.created"),
        ],
        new Side("product", ["products", "produtos"], (["id"], ["product_id"]))), "order");

    public override IEnumerable<(string Kind, string? OldId)> Named(SourceRow row) => [(Users.KindName, row.Id("user")), .. row.Lines.Select(line => (Products.KindName, line.Id("product")))];

    protected override IncomingOrder? Map(SourceRow row, string oldId, Reading reading)
    {
        var (customer, isDelivered, created) = (Needed(row, Users.KindName, "user", "customer"), IsDelivered(row), row.Past("createdAt"));
        if (created is null)
            row.Says.Refuse("no_time", "Nothing says when it was placed.");
        if (customer is not { } by || isDelivered is not { } delivered || created is not { } at)
            return null;

        List<IncomingOrderLine> lines = [];
        foreach (var line in row.Lines)
            if (LineOf(row, line, reading) is { } understood)
                lines.Add(understood);
        var discount = row.Amount("discount") ?? 0;
        var (payment, place) = (PaymentOf(row, delivered), SavedAddresses.Read(part => row.Text(part == "number" ? "number2" : part)) ?? Written(row));
        return !row.Says.MayCome ? null : new(
            reading.IdOf(KindName, oldId, at), by, delivered, payment, IsOnline(row), IsBrought(row, place is not null), row.Id("currency")?.ToUpperInvariant() ?? reading.Currency, lines,
            Math.Abs(discount), row.Amount("fee") ?? 0, row.Amount("tip") ?? 0, row.Amount("total"), place, row.Text("notes"), row.Text("reason"), row.Instant("scheduledFor"),
            reading.Metadata(oldId, row.Says, ("importedNumber", row.Id("number")), ("importedPayment", row.Id("payment"))), at, row.Past("closedAt"));
    }

    protected override Task<IReadOnlyList<Arrival>> Take(IServiceProvider services, IncomingOrder[] incoming, CancellationToken ct) => services.GetRequiredService<IOrderingIntake>().Take(incoming, ct);

    private static string[] In(string side, string[] columns) => [.. columns.Select(column => $"{side}.{column}")];

    private static IncomingOrderLine? LineOf(SourceRow row, SourceRow line, Reading reading)
    {
        if (line.Whole("quantity") is not { } quantity || line.Amount("price") is not { } price)
        {
            row.Says.Refuse("line_invalid", "A line of it has no quantity, or no price.");
            return null;
        }

        var product = line.Id("product");
        if (product is not null && reading.Here(Products.KindName, product) is null)
            row.Says.Note("product_missing", "A product of it did not come; the line keeps its name and price.");
        // One that comes later finds its lines: it will have this very id.
        return new(reading.Here(Products.KindName, product) ?? reading.IdOf(Products.KindName, product ?? "none", line.Past("productCreatedAt")), line.Text("name"), (int)Math.Clamp(quantity, int.MinValue, int.MaxValue), price, line.Text("notes"));
    }

    /// <summary>Whether it was handed over; null, with a refusal, where it is not over or nobody knows.</summary>
    private static bool? IsDelivered(SourceRow row)
    {
        switch (row.Word("status"))
        {
            case "delivered" or "completed" or "complete" or "finished" or "done" or "picked_up" or "fulfilled" or "closed" or "entregue" or "concluido" or "concluído" or "finalizado":
                return true;
            case "cancelled" or "canceled" or "refunded" or "rejected" or "failed" or "expired" or "returned" or "cancelado" or "recusado":
                return false;
            case "pending" or "confirmed" or "preparing" or "ready" or "processing" or "paid" or "shipped" or "out_for_delivery" or "on_the_way" or "open" or "new" or "created" or "awaiting_payment"
                or "in_progress" or "on_hold" or "pendente" or "confirmado" or "preparando" or "pronto" or "pago" or "enviado":
                row.Says.Refuse("order_open", "It is not over: finish it in the old system and import again.");
                return null;
            default:
                row.Says.Refuse("status_unknown", "Its status is none that is known.");
                return null;
        }
    }

    /// <summary>Where nothing is said of its payment, what was handed over is paid.</summary>
    private static string PaymentOf(SourceRow row, bool isDelivered) => PaymentWord(row, row.Word("paymentStatus") ?? (isDelivered ? "paid" : row.Word("status") == "refunded" ? "refunded" : null));

    /// <summary>A status of a payment as it is called here.</summary>
    internal static string PaymentWord(SourceRow row, string? word)
    {
        switch (word)
        {
            case "paid" or "approved" or "succeeded" or "success" or "successful" or "completed" or "complete" or "captured" or "confirmed" or "settled" or "pago" or "aprovado" or "authorized":
                return "paid";
            case "failed" or "rejected" or "declined" or "cancelled" or "canceled" or "error" or "expired" or "recusado" or "cancelado":
                return "failed";
            case "refunded" or "charged_back" or "chargeback" or "reembolsado" or "estornado":
                return "refunded";
            case "partially_refunded" or "partial_refund":
                return "partially_refunded";
            case null or "pending" or "processing" or "in_process" or "created" or "unpaid" or "awaiting_payment" or "requires_payment_method" or "requires_action" or "pendente":
                return "pending";
            default:
                row.Says.Note("payment_unknown", "The status of its payment is none that is known; it counts as not paid.");
                return "pending";
        }
    }

    private static bool IsOnline(SourceRow row) => row.Word("paymentMethod") is { } word && word is not ("cash" or "money" or "dinheiro" or "manual" or "card_machine" or "maquininha" or "on_delivery" or "cash_on_delivery" or "cod");

    private static bool IsBrought(SourceRow row, bool hasPlace) => row.Word("type") switch
    {
        "pickup" or "pick_up" or "takeaway" or "take_away" or "takeout" or "store" or "local" or "dine_in" or "retirada" or "balcao" => false,
        "delivery" or "entrega" or "shipping" => true,
        _ => hasPlace,
    };

    /// <summary>An address that stands with the order itself: as JSON, or as one text.</summary>
    private static Accounts.PostalAddress? Written(SourceRow row)
    {
        if (row.Text("place") is not { } text)
            return null;
        return text.TrimStart() is ['{', ..] ? SavedAddresses.Read(part => row.Member("place", part switch
        {
            "street" => SavedAddresses.Street,
            "number" => SavedAddresses.Number,
            "complement" => SavedAddresses.Complement,
            "neighborhood" => SavedAddresses.Neighborhood,
            "city" => SavedAddresses.City,
            "state" => SavedAddresses.State,
            "postalCode" => SavedAddresses.PostalCode,
            _ => SavedAddresses.Country,
        })) : new(text, "-", Complement: null, "-", "-", "-", "-", "BR");
    }
}
