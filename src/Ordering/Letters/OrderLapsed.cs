using Quitanda.Platform;

namespace Quitanda.Ordering.Letters;

/// <summary>Says that an order was not paid in time. Whoever has paid just now is told what becomes of that.</summary>
internal sealed record OrderLapsed(OrderFacts Order) : ILetter
{
    public static string Name => "ordering.order-lapsed";

    public static string? Kind => "order.cancelled";

    public static string Portuguese => $$"""
        O pedido {order.number} expirou

        # O pagamento não chegou a tempo

        Olá, {addressee}. O pedido {order.number} na {shop} foi cancelado porque o pagamento não chegou dentro do prazo.

        Se você acabou de pagar, não precisa fazer nada: quando o pagamento chegar, confirmamos o pedido se ainda tivermos tudo, ou devolvemos o valor. Avisamos você nos dois casos.

        {{OrderTable.Portuguese}}
        """;

    public static string English => $$"""
        Order {order.number} has expired

        # The payment did not come in time

        Hello, {addressee}. Order {order.number} at {shop} was cancelled because its payment did not come in time.

        If you have just paid, there is nothing for you to do: when the payment comes in, we confirm the order if we still have everything, or return the money. We will tell you either way.

        {{OrderTable.English}}
        """;
}
