using Quitanda.Platform;

namespace Quitanda.Booking.Letters;

/// <summary>Reminds renter and owner of a booking that is about to begin.</summary>
internal sealed record BookingSoon(BookingFacts Booking, bool IsForOwner, string? Address) : ILetter
{
    public static string Name => "booking.booking-soon";

    public static string? Kind => "booking.soon";

    public static string Portuguese => $$"""
        Lembrete: {booking.title}

        # A reserva começa em breve

        {#isForOwner}
        Olá, {addressee}. Uma reserva de {booking.title} começa em breve.
        {/isForOwner}
        {^isForOwner}
        Olá, {addressee}. A sua reserva de {booking.title} começa em breve.
        {/isForOwner}

        {#address}
        Endereço: {address}
        {/address}

        {{BookingTable.Portuguese}}
        """;

    public static string English => $$"""
        Reminder: {booking.title}

        # The booking begins soon

        {#isForOwner}
        Hello, {addressee}. A booking of {booking.title} begins soon.
        {/isForOwner}
        {^isForOwner}
        Hello, {addressee}. Your booking of {booking.title} begins soon.
        {/isForOwner}

        {#address}
        Address: {address}
        {/address}

        {{BookingTable.English}}
        """;
}
