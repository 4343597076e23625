using Quitanda.Platform;

namespace Quitanda.Ordering.Letters;

/// <summary>Says that an order is taken on: by its payment, or by staff.</summary>
internal sealed record OrderConfirmed(OrderFacts Order) : ILetter
{
    public static string Name => "ordering.order-confirmed";

    public static string? Kind => "order.confirmed";

    public static string Portuguese => $$"""
        Pedido {order.number} confirmado

        # Pedido confirmado

        Olá, {addressee}. A {shop} confirmou o pedido {order.number} e começa a preparar em breve.

        {{OrderTable.Portuguese}}

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
        Order {order.number} is confirmed

        # Order confirmed

        Hello, {addressee}. {shop} has confirmed order {order.number} and will start preparing it soon.

        {{OrderTable.English}}

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
