using Quitanda.Platform;

namespace Quitanda.Ordering.Letters;

/// <summary>Says that an order was called off, and whether money comes back.</summary>
internal sealed record OrderCancelled(OrderFacts Order, string? Reason, bool IsPaidBack) : ILetter
{
    public static string Name => "ordering.order-cancelled";

    public static string? Kind => "order.cancelled";

    public static string Portuguese => $$"""
        Pedido {order.number} cancelado

        # Pedido cancelado

        Olá, {addressee}. O pedido {order.number} na {shop} foi cancelado.

        {#reason}
        Motivo: {reason}
        {/reason}

        {#isPaidBack}
        O valor pago será devolvido pela mesma forma de pagamento.
        {/isPaidBack}

        {{OrderTable.Portuguese}}
        """;

    public static string English => $$"""
        Order {order.number} was cancelled

        # Order cancelled

        Hello, {addressee}. Order {order.number} at {shop} was cancelled.

        {#reason}
        Reason: {reason}
        {/reason}

        {#isPaidBack}
        What you paid will be returned to the means of payment you used.
        {/isPaidBack}

        {{OrderTable.English}}
        """;
}
