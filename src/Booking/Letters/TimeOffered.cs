using Quitanda.Platform;

namespace Quitanda.Booking.Letters;

/// <summary>Says to the first in line that what they wait for is free and held for them, until when it is to be paid; or that it is theirs, where it costs nothing.</summary>
internal sealed record TimeOffered(BookingFacts Booking, DateTimeOffset? PayUntil) : ILetter
{
    public static string Name => "booking.time-offered";

    public static string? Kind => "booking.offered";

    public static string Portuguese => $$"""
        Chegou a sua vez: {booking.title}

        # Chegou a sua vez

        Olá, {addressee}. O horário que você esperava ficou livre.

        {#payUntil}
        Ele está reservado para você até {payUntil}. Pague até lá, ou ele passa para a próxima pessoa da fila.
        {/payUntil}
        {^payUntil}
        Ele é seu: não há nada a pagar.
        {/payUntil}

        {{BookingTable.Portuguese}}
        """;

    public static string English => $$"""
        It is your turn: {booking.title}

        # It is your turn

        Hello, {addressee}. The time you were waiting for has become free.

        {#payUntil}
        It is held for you until {payUntil}. Pay by then, or it goes to the next person in line.
        {/payUntil}
        {^payUntil}
        It is yours: there is nothing to pay.
        {/payUntil}

        {{BookingTable.English}}
        """;
}
