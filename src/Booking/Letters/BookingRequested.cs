using Quitanda.Platform;

namespace Quitanda.Booking.Letters;

/// <summary>Says to an owner that somebody asks for a booking, or has paid for one with others, and that they are to answer.</summary>
internal sealed record BookingRequested(BookingFacts Booking, DateTimeOffset? AnswerUntil, bool IsPaid) : ILetter
{
    public static string Name => "booking.booking-requested";

    public static string? Kind => "booking.requested";

    public static string Portuguese => $$"""
        Pedido de reserva: {booking.title}

        # Pedido de reserva

        Olá, {addressee}. Alguém pediu uma reserva de {booking.title}.

        {#isPaid}
        Ela já está paga. Se você recusar, todo o valor é devolvido.
        {/isPaid}

        {#answerUntil}
        Responda até {answerUntil}; depois disso o pedido expira.
        {/answerUntil}

        {{BookingTable.Portuguese}}
        """;

    public static string English => $$"""
        Booking request: {booking.title}

        # Booking request

        Hello, {addressee}. Somebody asks to book {booking.title}.

        {#isPaid}
        It is paid already. If you decline, all of the money goes back.
        {/isPaid}

        {#answerUntil}
        Answer by {answerUntil}; after that the request expires.
        {/answerUntil}

        {{BookingTable.English}}
        """;
}
