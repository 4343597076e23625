using Quitanda.Platform;

namespace Quitanda.Booking.Letters;

/// <summary>Says to a renter what of their deposit goes back.</summary>
internal sealed record DepositReturned(BookingFacts Booking, Money Back) : ILetter
{
    public static string Name => "booking.deposit-returned";

    public static string? Kind => "booking.deposit";

    public static string Portuguese => $$"""
        Devolvemos a caução da reserva {booking.code}

        # A caução volta para você

        Olá, {addressee}. Da caução da sua reserva de {booking.title} devolvemos {back} pela mesma forma de pagamento.

        {{BookingTable.Portuguese}}
        """;

    public static string English => $$"""
        We are returning the deposit of booking {booking.code}

        # Your deposit goes back

        Hello, {addressee}. Of the deposit for your booking of {booking.title} we return {back} to the means of payment you used.

        {{BookingTable.English}}
        """;
}
