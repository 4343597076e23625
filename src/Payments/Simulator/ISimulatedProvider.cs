using System.Text.Json.Nodes;

namespace Quitanda.Payments.Simulator;

/// <summary>
/// The other side of a provider's HTTP API, in its real shapes: what our adapter asks is answered as the provider would answer it. It keeps what it knows in its
/// <see cref="SimulatedWorld"/>, whose transaction is its own.
/// </summary>
internal interface ISimulatedProvider
{
    /// <summary>The provider's name, as in the API.</summary>
    string Name { get; }

    /// <summary>Answers one question. Called in a transaction of the world, which is committed with the answer; an idempotency key was looked up before.</summary>
    Task<SimulatedAnswer> Answer(SimulatedQuestion question, SimulatedWorld world, CancellationToken ct);

    /// <summary>The key under which the provider would repeat its answer; null where this question has none.</summary>
    string? KeyOf(SimulatedQuestion question);

    /// <summary>Something happens there without us, such as the payer paying: changes what the provider knows and has it emit its events.</summary>
    /// <param name="reference">Our payment's <c>provider_reference</c>.</param>
    /// <param name="act">What happens.</param>
    /// <param name="world">What the provider knows.</param>
    /// <param name="ct">Ends the waiting.</param>
    /// <returns>False where it cannot happen to a charge as it stands; then nothing changed.</returns>
    Task<bool> Happen(string reference, SimulatedAct act, SimulatedWorld world, CancellationToken ct);

    /// <summary>The headers with which the provider sends an event, its signature among them, made when it is sent.</summary>
    IReadOnlyDictionary<string, string> Sign(SimulatedEvent happened, DateTimeOffset at);
}

/// <summary>What can happen at a provider without us.</summary>
internal enum SimulatedDeed
{
    /// <summary>The payer pays.</summary>
    Succeed,

    /// <summary>The payer pays once more, such as in another tab of a page that they paid already.</summary>
    PayAgain,

    /// <summary>The payer is refused; they may try again.</summary>
    Fail,

    /// <summary>The provider holds the money for us to take.</summary>
    Authorize,

    /// <summary>Nobody paid in time.</summary>
    Expire,

    /// <summary>Somebody gives money back in the provider's dashboard.</summary>
    Refund,

    /// <summary>The payer has their bank ask for the money back.</summary>
    Dispute,
    WinDispute,
    LoseDispute,
}

/// <param name="Deed">What happens.</param>
/// <param name="Code">Why it fails, in the provider's own words; a usual one without it.</param>
/// <param name="Amount">How much is refunded; all that is left without it. Minor units.</param>
internal sealed record SimulatedAct(SimulatedDeed Deed, string? Code = null, long? Amount = null);

/// <summary>What our adapter asked.</summary>
/// <param name="Method">Upper case.</param>
/// <param name="Path">Without the host, beginning with <c>/</c>.</param>
/// <param name="Query">Of the address; several of one name are joined by a comma.</param>
/// <param name="Headers">By name, of any case.</param>
/// <param name="Body">As it was sent: a form or JSON.</param>
internal sealed record SimulatedQuestion(string Method, string Path, IReadOnlyDictionary<string, string> Query, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    /// <summary>The body as JSON; an empty object where there is none.</summary>
    public JsonObject Json => Body.Length == 0 ? [] : JsonNode.Parse(Body)!.AsObject();

    /// <summary>The body as a form, such as <c>metadata[order]=1</c>.</summary>
    public IReadOnlyDictionary<string, string> Form => Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(System.Text.Encoding.UTF8.GetString(Body))
        .ToDictionary(pair => pair.Key, pair => pair.Value.ToString(), StringComparer.Ordinal);

    /// <summary>A header's value; null where it was not sent.</summary>
    public string? Header(string name) => Headers.GetValueOrDefault(name);
}

/// <summary>What a simulated provider answers.</summary>
internal sealed record SimulatedAnswer(int Status, JsonNode Body);

/// <summary>Something a simulated provider tells us.</summary>
/// <param name="Id">Of the event, in the provider's shape.</param>
/// <param name="Type">The provider's word for what happened.</param>
/// <param name="Thing">The id of what it happened to.</param>
/// <param name="Body">As it is sent.</param>
/// <param name="Query">Of the address that it is sent to.</param>
internal sealed record SimulatedEvent(string Id, string Type, string Thing, byte[] Body, IReadOnlyDictionary<string, string> Query);
