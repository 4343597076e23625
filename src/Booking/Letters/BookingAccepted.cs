using Quitanda.Platform;

namespace Quitanda.Booking.Letters;

/// <summary>Says to a renter that their request was accepted, and until when it is to be paid.</summary>
internal sealed record BookingAccepted(BookingFacts Booking, string? Reason, DateTimeOffset? PayUntil) : ILetter
{
    public static string Name => "booking.booking-accepted";

    public static string? Kind => "booking.accepted";

    public static string Portuguese => $$"""
        Reserva {booking.code} aceita: falta pagar

        # O seu pedido foi aceito

        Olá, {addressee}. O seu pedido de reserva de {booking.title} foi aceito.

        {#payUntil}
        A reserva espera o seu pagamento até {payUntil}; depois disso ela expira.
        {/payUntil}

        {#reason}
        Recado: {reason}
        {/reason}

        {{BookingTable.Portuguese}}
        """;

    public static string English => $$"""
        Booking {booking.code} accepted: to be paid

        # Your request was accepted

        Hello, {addressee}. Your request for {booking.title} was accepted.

        {#payUntil}
        It is held for your payment until {payUntil}; after that it expires.
        {/payUntil}

        {#reason}
        Note: {reason}
        {/reason}

        {{BookingTable.English}}
        """;
}
