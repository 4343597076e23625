using Quitanda.Platform;

namespace Quitanda.Booking.Letters;

/// <summary>Says to a renter that nobody answered, or that they did not pay in time.</summary>
internal sealed record BookingExpired(BookingFacts Booking, bool IsUnanswered, Money? Back) : ILetter
{
    public static string Name => "booking.booking-expired";

    public static string? Kind => "booking.expired";

    public static string Portuguese => $$"""
        Reserva {booking.code} expirada

        # A reserva expirou

        {#isUnanswered}
        Olá, {addressee}. O seu pedido de reserva de {booking.title} não foi respondido a tempo.
        {/isUnanswered}
        {^isUnanswered}
        Olá, {addressee}. O pagamento da sua reserva de {booking.title} não chegou a tempo.

        Se você acabou de pagar, não precisa fazer nada: quando o pagamento chegar, confirmamos a reserva se o horário ainda estiver livre, ou devolvemos o valor.
        {/isUnanswered}

        {#back}
        Devolvemos {back} pela mesma forma de pagamento.
        {/back}

        {{BookingTable.Portuguese}}
        """;

    public static string English => $$"""
        Booking {booking.code} has expired

        # The booking has expired

        {#isUnanswered}
        Hello, {addressee}. Your request for {booking.title} was not answered in time.
        {/isUnanswered}
        {^isUnanswered}
        Hello, {addressee}. The payment for your booking of {booking.title} did not come in time.

        If you have just paid, there is nothing for you to do: when the payment comes in, we confirm the booking if its time is still free, or return the money.
        {/isUnanswered}

        {#back}
        We return {back} to the means of payment you used.
        {/back}

        {{BookingTable.English}}
        """;
}
