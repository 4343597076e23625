using Quitanda.Platform;

namespace Quitanda.Booking.Letters;

/// <summary>Says to renter and owner that a booking is firm.</summary>
internal sealed record BookingConfirmed(BookingFacts Booking, bool IsForOwner, string? Address) : ILetter
{
    public static string Name => "booking.booking-confirmed";

    public static string? Kind => "booking.confirmed";

    public static string Portuguese => $$"""
        Reserva {booking.code} confirmada

        # Reserva confirmada

        {#isForOwner}
        Olá, {addressee}. Há uma reserva confirmada de {booking.title}.
        {/isForOwner}
        {^isForOwner}
        Olá, {addressee}. A sua reserva de {booking.title} está confirmada.
        {/isForOwner}

        {#address}
        Endereço: {address}
        {/address}

        {{BookingTable.Portuguese}}
        """;

    public static string English => $$"""
        Booking {booking.code} confirmed

        # Booking confirmed

        {#isForOwner}
        Hello, {addressee}. There is a confirmed booking of {booking.title}.
        {/isForOwner}
        {^isForOwner}
        Hello, {addressee}. Your booking of {booking.title} is confirmed.
        {/isForOwner}

        {#address}
        Address: {address}
        {/address}

        {{BookingTable.English}}
        """;
}
