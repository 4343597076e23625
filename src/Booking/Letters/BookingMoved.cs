using Quitanda.Platform;

namespace Quitanda.Booking.Letters;

/// <summary>Says to renter and owner that a booking has another time.</summary>
internal sealed record BookingMoved(BookingFacts Booking) : ILetter
{
    public static string Name => "booking.booking-moved";

    public static string? Kind => "booking.moved";

    public static string Portuguese => $$"""
        Reserva {booking.code}: novo horário

        # A reserva mudou de horário

        Olá, {addressee}. A reserva de {booking.title} tem um novo horário.

        {{BookingTable.Portuguese}}
        """;

    public static string English => $$"""
        Booking {booking.code}: another time

        # The booking has another time

        Hello, {addressee}. The booking of {booking.title} has another time.

        {{BookingTable.English}}
        """;
}
