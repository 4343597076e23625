namespace Quitanda.Ordering.Letters;

/// <summary>What was ordered and what it comes to, and for a guest where it is followed, as a piece of a letter about an order.</summary>
internal static class OrderTable
{
    public const string Portuguese = """
        {#order.lines}
        | {quantity} × {name} | {total} |
        {/order.lines}
        | Subtotal | {order.subtotal} |
        {#order.discount}
        | Desconto | -{order.discount} |
        {/order.discount}
        {#order.deliveryFee}
        | Entrega | {order.deliveryFee} |
        {/order.deliveryFee}
        {#order.tip}
        | Gorjeta | {order.tip} |
        {/order.tip}
        | Total | {order.total} |

        {#order.followUrl}
        [Acompanhar o pedido]({order.followUrl})
        {/order.followUrl}
        """;

    public const string English = """
        {#order.lines}
        | {quantity} × {name} | {total} |
        {/order.lines}
        | Subtotal | {order.subtotal} |
        {#order.discount}
        | Discount | -{order.discount} |
        {/order.discount}
        {#order.deliveryFee}
        | Delivery | {order.deliveryFee} |
        {/order.deliveryFee}
        {#order.tip}
        | Tip | {order.tip} |
        {/order.tip}
        | Total | {order.total} |

        {#order.followUrl}
        [Follow the order]({order.followUrl})
        {/order.followUrl}
        """;
}
