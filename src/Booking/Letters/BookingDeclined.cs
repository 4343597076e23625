using Quitanda.Platform;

namespace Quitanda.Booking.Letters;

/// <summary>Says to a renter that the owner said no, or that another was accepted for the same time.</summary>
internal sealed record BookingDeclined(BookingFacts Booking, string? Reason, bool IsTaken, Money? Back) : ILetter
{
    public static string Name => "booking.booking-declined";

    public static string? Kind => "booking.declined";

    public static string Portuguese => $$"""
        Reserva {booking.code} recusada

        # O seu pedido não foi aceito

        Olá, {addressee}. O seu pedido de reserva de {booking.title} não foi aceito.

        {#isTaken}
        Outra pessoa ficou com esse horário.
        {/isTaken}

        {#reason}
        Motivo: {reason}
        {/reason}

        {#back}
        Devolvemos {back} pela mesma forma de pagamento.
        {/back}

        {{BookingTable.Portuguese}}
        """;

    public static string English => $$"""
        Booking {booking.code} declined

        # Your request was not accepted

        Hello, {addressee}. Your request for {booking.title} was not accepted.

        {#isTaken}
        Somebody else has that time.
        {/isTaken}

        {#reason}
        Reason: {reason}
        {/reason}

        {#back}
        We return {back} to the means of payment you used.
        {/back}

        {{BookingTable.English}}
        """;
}
