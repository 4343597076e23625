using Quitanda.Platform;

namespace Quitanda.Ordering.Letters;

/// <summary>Says that an order which is paid when it is handed over has come in, and that the shop has yet to take it on.</summary>
internal sealed record OrderReceived(OrderFacts Order) : ILetter
{
    public static string Name => "ordering.order-received";

    public static string? Kind => "order.received";

    public static string Portuguese => $$"""
        Recebemos o pedido {order.number}

        # Recebemos o seu pedido, {addressee}

        O pedido {order.number} chegou à {shop}. Avisamos assim que ele for confirmado.

        {{OrderTable.Portuguese}}

        O pagamento é feito na entrega ou na retirada.

        {#order.address}
        Entrega em: {order.address}
        {/order.address}
        {^order.address}
        Você retira o pedido na loja.
        {/order.address}

        {#order.scheduledFor}
        Agendado para {order.scheduledFor}.
        {/order.scheduledFor}
        """;

    public static string English => $$"""
        We have received order {order.number}

        # We have received your order, {addressee}

        Order {order.number} has reached {shop}. We will tell you as soon as it is confirmed.

        {{OrderTable.English}}

        You pay when you receive it.

        {#order.address}
        Delivery to: {order.address}
        {/order.address}
        {^order.address}
        You pick the order up at the shop.
        {/order.address}

        {#order.scheduledFor}
        Scheduled for {order.scheduledFor}.
        {/order.scheduledFor}
        """;
}
