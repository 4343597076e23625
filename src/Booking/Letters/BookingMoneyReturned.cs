using Quitanda.Platform;

namespace Quitanda.Booking.Letters;

/// <summary>Says to a renter that money which came in for a booking could not be taken, and goes back.</summary>
internal sealed record BookingMoneyReturned(BookingFacts Booking, Money Amount) : ILetter
{
    public static string Name => "booking.payment-returned";

    public static string? Kind => "payment.refunded";

    public static string Portuguese => $$"""
        Devolvemos o pagamento da reserva {booking.code}

        # Devolvemos o seu pagamento

        Olá, {addressee}. Recebemos {amount} pela reserva de {booking.title} e não pudemos aceitar o pagamento: ele chegou depois do prazo, ou a reserva já estava paga ou encerrada.

        O valor será devolvido pela mesma forma de pagamento.

        {{BookingTable.Portuguese}}
        """;

    public static string English => $$"""
        We are returning your payment for booking {booking.code}

        # We are returning your payment

        Hello, {addressee}. We received {amount} for the booking of {booking.title} and could not accept it: it came too late, or the booking had been paid or was over.

        The money will be returned to the means of payment you used.

        {{BookingTable.English}}
        """;
}
