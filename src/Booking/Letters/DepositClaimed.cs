using Quitanda.Platform;

namespace Quitanda.Booking.Letters;

/// <summary>Says to a renter what of their deposit the owner keeps, and why.</summary>
internal sealed record DepositClaimed(BookingFacts Booking, Money Claimed, string? Reason) : ILetter
{
    public static string Name => "booking.deposit-claimed";

    public static string? Kind => "booking.deposit";

    public static string Portuguese => $$"""
        Caução da reserva {booking.code}

        # Uma parte da caução foi retida

        Olá, {addressee}. Da caução da sua reserva de {booking.title} são retidos {claimed}. O resto volta para você quando terminar o prazo.

        {#reason}
        Motivo: {reason}
        {/reason}

        {{BookingTable.Portuguese}}
        """;

    public static string English => $$"""
        Deposit of booking {booking.code}

        # A part of the deposit is kept

        Hello, {addressee}. Of the deposit for your booking of {booking.title}, {claimed} is kept. The rest goes back to you when the time for claims is over.

        {#reason}
        Reason: {reason}
        {/reason}

        {{BookingTable.English}}
        """;
}
