using Quitanda.Platform;

namespace Quitanda.Notifications.Webhooks;

/// <summary>Tells admins that a webhook endpoint cannot be told of events, once until something gets through.</summary>
internal sealed record EndpointFailing(string Endpoint, string Reason) : ILetter
{
    public static string Name => "notifications.endpoint-failing";

    /// <summary>The address goes without its query: that may be its owner's secret.</summary>
    public static EndpointFailing Of(Endpoint endpoint, AttemptOutcome outcome) =>
        new(Named(endpoint), outcome.StatusCode is { } status ? $"HTTP {status}" : outcome.Error!.Value.Name());

    public static string Named(Endpoint endpoint) => endpoint.Description ?? new Uri(endpoint.Url).Host;

    public static string Portuguese => """
        O webhook {endpoint} não responde

        # Um webhook não responde como deveria

        Olá, {addressee}. A {shop} não consegue entregar eventos ao webhook {endpoint}. A última resposta foi: {reason}.

        Continuamos tentando por três dias, cada vez menos. Depois disso cada entrega pode ser pedida de novo, e nenhum evento se perde: todos continuam na lista de eventos da API.

        Confira o endereço e o servidor dele. Não escrevemos de novo até que alguma entrega dê certo.
        """;

    public static string English => """
        The webhook {endpoint} does not answer

        # A webhook does not answer as it should

        Hello, {addressee}. {shop} cannot deliver events to the webhook {endpoint}. Its last answer was: {reason}.

        We go on trying for three days, less and less often. After that each delivery can be asked for again, and no event is lost: all of them stay in the API's list of events.

        Please check its address and its server. We do not write again until something gets through.
        """;
}
