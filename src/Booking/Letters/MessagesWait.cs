using Quitanda.Platform;

namespace Quitanda.Booking.Letters;

/// <summary>Says that messages about a booking wait to be read. What they say is not in it.</summary>
internal sealed record MessagesWait(string Code, string Title, long Messages, bool IsOne) : ILetter
{
    public static string Name => "booking.messages-wait";

    public static string? Kind => "booking.message";

    public static string Portuguese => """
        Mensagem sobre a reserva {code}

        # Você tem mensagens

        {#isOne}
        Olá, {addressee}. Há uma mensagem que você ainda não leu sobre a reserva {code} ({title}).
        {/isOne}
        {^isOne}
        Olá, {addressee}. Há {messages} mensagens que você ainda não leu sobre a reserva {code} ({title}).
        {/isOne}
        """;

    public static string English => """
        Message about booking {code}

        # You have messages

        {#isOne}
        Hello, {addressee}. There is a message that you have not read yet about booking {code} ({title}).
        {/isOne}
        {^isOne}
        Hello, {addressee}. There are {messages} messages that you have not read yet about booking {code} ({title}).
        {/isOne}
        """;
}
