using Microsoft.EntityFrameworkCore;
using Quitanda.Platform;

namespace Quitanda.Payments.Webhooks;

internal enum WebhookState
{
    /// <summary>Its job has still to run.</summary>
    Received,
    Handled,

    /// <summary>It is about nothing that concerns us.</summary>
    Ignored,

    /// <summary>It is about a payment that we do not know.</summary>
    Parked,
}

/// <summary>What a provider told us.</summary>
internal sealed class WebhookEvent
{
    public Guid Id { get; init; }
    public required string Provider { get; init; }
    public required string EventId { get; init; }
    public required string Type { get; init; }
    public string? Subject { get; init; }
    public Guid? PaymentId { get; private set; }
    public Guid? ClaimedId { get; init; }
    public byte[]? Body { get; init; }
    public WebhookState State { get; private set; }
    public int Tries { get; private set; }
    public DateTimeOffset ReceivedAt { get; init; }
    public DateTimeOffset? HandledAt { get; private set; }

    /// <summary>It is about that payment, which has heard its provider.</summary>
    public void Handled(Guid paymentId, DateTimeOffset now) => (PaymentId, State, HandledAt, Tries) = (paymentId, WebhookState.Handled, now, Tries + 1);

    public void Ignore(DateTimeOffset now) => (State, HandledAt, Tries) = (WebhookState.Ignored, now, Tries + 1);

    /// <summary>Nobody knows its payment yet.</summary>
    public void Park() => (State, Tries) = (WebhookState.Parked, Tries + 1);

    /// <summary>Somebody wants it handled once more.</summary>
    public void Replay() => (State, HandledAt) = (WebhookState.Received, null);

    public static void Map(ModelBuilder model) => model.Entity<WebhookEvent>(happened =>
    {
        happened.ToTable("webhook_events", "payments").Property(e => e.Id).ValueGeneratedNever();
        happened.Property(e => e.State).IsNamed();
    });
}

/// <summary>An event as administrators see it.</summary>
/// <param name="Id">Of the event, here.</param>
/// <param name="Provider">Who sent it.</param>
/// <param name="EventId">Its id there.</param>
/// <param name="Type">The provider's word for what happened.</param>
/// <param name="Subject">The charge, by the provider's name.</param>
/// <param name="PaymentId">The payment it is about, where we know it.</param>
/// <param name="State">What has become of it.</param>
/// <param name="Tries">How often it was handled.</param>
/// <param name="ReceivedAt">When it came in first.</param>
/// <param name="HandledAt">When it was last handled.</param>
internal sealed record WebhookEventDetails(
    Guid Id, string Provider, string EventId, string Type, string? Subject, Guid? PaymentId, WebhookState State, int Tries, DateTimeOffset ReceivedAt, DateTimeOffset? HandledAt)
{
    public static WebhookEventDetails Of(WebhookEvent happened) => new(
        happened.Id, happened.Provider, happened.EventId, happened.Type, happened.Subject, happened.PaymentId, happened.State, happened.Tries, happened.ReceivedAt, happened.HandledAt);
}
