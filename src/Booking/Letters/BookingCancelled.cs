using Quitanda.Platform;

namespace Quitanda.Booking.Letters;

/// <summary>Says to renter and owner that a booking was called off, and what goes back of what was paid.</summary>
internal sealed record BookingCancelled(BookingFacts Booking, string? Reason, Money? Back) : ILetter
{
    public static string Name => "booking.booking-cancelled";

    public static string? Kind => "booking.cancelled";

    public static string Portuguese => $$"""
        Reserva {booking.code} cancelada

        # Reserva cancelada

        Olá, {addressee}. A reserva de {booking.title} foi cancelada.

        {#reason}
        Motivo: {reason}
        {/reason}

        {#back}
        Do que foi pago voltam ao todo {back} a quem reservou, pela mesma forma de pagamento.
        {/back}

        {{BookingTable.Portuguese}}
        """;

    public static string English => $$"""
        Booking {booking.code} was cancelled

        # Booking cancelled

        Hello, {addressee}. The booking of {booking.title} was cancelled.

        {#reason}
        Reason: {reason}
        {/reason}

        {#back}
        Of what was paid, {back} in all goes back to whoever booked, to the means of payment they used.
        {/back}

        {{BookingTable.English}}
        """;
}
