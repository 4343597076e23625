using Quitanda.Ordering.Orders;
using Quitanda.Platform;

namespace Quitanda.Ordering.Letters;

/// <summary>Says that money which came in for an order goes back, and why: of the three reasons one is true.</summary>
/// <param name="Number">The order's.</param>
/// <param name="Amount">What came in.</param>
/// <param name="IsSoldOut">It came too late for an order that had lapsed, and what that needs was not to be had any more. Letters that wait are stored by these names, so it keeps the one it had.</param>
/// <param name="IsCancelled">The order had been called off.</param>
/// <param name="IsPaidAlready">Another payment had paid it.</param>
internal sealed record PaymentReturned(long Number, Money Amount, bool IsSoldOut, bool IsCancelled, bool IsPaidAlready) : ILetter
{
    public static string Name => "ordering.payment-returned";

    public static string? Kind => "payment.refunded";

    public static string Portuguese => """
        Devolvemos o pagamento do pedido {number}

        # Devolvemos o seu pagamento

        Olá, {addressee}. Recebemos {amount} pelo pedido {number} na {shop} e não pudemos aceitar o pagamento.

        {#isSoldOut}
        Ele chegou depois do prazo, e nesse meio-tempo algum produto do pedido acabou, a loja fechou, o horário ficou cheio ou o cupom deixou de valer. O pedido continua cancelado.
        {/isSoldOut}
        {#isCancelled}
        O pedido já tinha sido cancelado quando ele chegou.
        {/isCancelled}
        {#isPaidAlready}
        O pedido já estava pago por outro pagamento.
        {/isPaidAlready}

        O valor será devolvido pela mesma forma de pagamento.
        """;

    public static string English => """
        We are returning your payment for order {number}

        # We are returning your payment

        Hello, {addressee}. We received {amount} for order {number} at {shop} and could not accept the payment.

        {#isSoldOut}
        It came too late, and by then something in the order had been sold, the store had closed, its time was full, or the coupon was used up. The order stays cancelled.
        {/isSoldOut}
        {#isCancelled}
        The order had been cancelled when it came.
        {/isCancelled}
        {#isPaidAlready}
        The order had been paid by another payment.
        {/isPaidAlready}

        The money will be returned to the means of payment you used.
        """;

    /// <summary>What is told of an order as it stands once it has turned the money away.</summary>
    public static PaymentReturned Of(Order order, Money amount)
    {
        var isCancelled = order.Status == OrderStatus.Cancelled;
        // Money brings an order that has lapsed back; that this did not is for want of stock, of an open store, of a place in its slot or of the coupon.
        return new(order.Number, amount, IsSoldOut: order.HasLapsed, IsCancelled: isCancelled && !order.HasLapsed, IsPaidAlready: !isCancelled);
    }
}
