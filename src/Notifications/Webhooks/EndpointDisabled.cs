using Quitanda.Platform;

namespace Quitanda.Notifications.Webhooks;

/// <summary>Tells admins that nothing is sent to a webhook endpoint any more.</summary>
internal sealed record EndpointDisabled(string Endpoint, bool IsGone, bool IsFailing) : ILetter
{
    public static string Name => "notifications.endpoint-disabled";

    public static EndpointDisabled Of(Endpoint endpoint, DisabledReason reason) => new(EndpointFailing.Named(endpoint), reason == DisabledReason.Gone, reason == DisabledReason.Failing);

    public static string Portuguese => """
        O webhook {endpoint} foi desligado

        # Um webhook foi desligado

        Olá, {addressee}. A {shop} não envia mais eventos ao webhook {endpoint}.

        {#isGone}
        O servidor dele respondeu que ele não existe mais (410).
        {/isGone}
        {#isFailing}
        Há dias nenhuma entrega dá certo.
        {/isFailing}

        Quando ele voltar, ligue-o de novo pela API. O que falhou pode ser entregue de novo, e o que aconteceu enquanto isso está na lista de eventos.
        """;

    public static string English => """
        The webhook {endpoint} was disabled

        # A webhook was disabled

        Hello, {addressee}. {shop} sends no more events to the webhook {endpoint}.

        {#isGone}
        Its server answered that it is not there any more (410).
        {/isGone}
        {#isFailing}
        Nothing has got through for days.
        {/isFailing}

        When it is back, enable it again by the API. What failed can be delivered again, and what happened meanwhile is in the list of events.
        """;
}
