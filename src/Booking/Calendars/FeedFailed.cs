using Quitanda.Platform;

namespace Quitanda.Booking.Calendars;

/// <summary>Tells an owner that a calendar of theirs elsewhere cannot be read, once until it can be again.</summary>
internal sealed record FeedFailed(string Listing, string Feed, bool CannotBeReached, bool IsTooLarge, bool IsNotUnderstood) : ILetter
{
    public static string Name => "booking.feed-failed";

    public static string? Kind => "calendar.failed";

    public static FeedFailed Of(string listing, string feed, FeedError error)
    {
        var (isAway, isLarge) = (error is FeedError.Unreachable or FeedError.Refused or FeedError.NotAllowed, error is FeedError.TooLarge or FeedError.TooManyEvents or FeedError.TooManyUnits);
        return new(listing, feed, isAway, isLarge, !isAway && !isLarge);
    }

    public static string Portuguese => """
        Não conseguimos ler o calendário {feed}

        # Um calendário não pode ser lido

        Olá, {addressee}. Há algum tempo não conseguimos ler o calendário {feed}, que fecha datas do anúncio {listing} na {shop}.

        {#cannotBeReached}
        O endereço dele não responde como deveria.
        {/cannotBeReached}
        {#isTooLarge}
        Ele é maior do que lemos.
        {/isTooLarge}
        {#isNotUnderstood}
        O que está no endereço não é um calendário que entendemos.
        {/isNotUnderstood}

        O que já conhecíamos dele continua valendo, mas reservas novas feitas por lá não fecham datas aqui. Confira o endereço do calendário. Continuamos tentando, cada vez menos.
        """;

    public static string English => """
        We cannot read the calendar {feed}

        # A calendar cannot be read

        Hello, {addressee}. For some time we have not been able to read the calendar {feed}, which closes dates of the listing {listing} at {shop}.

        {#cannotBeReached}
        Its address does not answer as it should.
        {/cannotBeReached}
        {#isTooLarge}
        It is larger than we read.
        {/isTooLarge}
        {#isNotUnderstood}
        What is at its address is no calendar that we understand.
        {/isNotUnderstood}

        What we knew of it still holds, but new bookings made there close no dates here. Please check the calendar's address. We go on trying, less and less often.
        """;
}
