using Quitanda.Payments.Providers;
using Quitanda.Platform;

namespace Quitanda.Payments.Webhooks;

/// <summary>The door at which providers' events come in: proved, kept as they are, and left to a job.</summary>
internal sealed class WebhookIntake(Providers.Providers providers, TimeProvider clock)
{
    /// <summary>Takes an event in, with the caller's unit of work: in one round trip, with no question before it.</summary>
    /// <returns>False where it is not the provider's.</returns>
    public Task<bool> Take(Db db, string provider, WebhookCall call, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var now = clock.GetUtcNow();
        if (providers.Find(provider)?.Read(call, now) is not { } read || Plain(read.EventId, 255) is not { } eventId)
            return Task.FromResult(false);
        // Signed is not the same as sensible: what could not be a name is nobody's.
        var notice = read with { EventId = eventId, Type = Plain(read.Type, 100) ?? "unknown", Subject = Plain(read.Subject, 255) };

        db.Write($"""
            insert into payments.webhook_events (id, provider, event_id, type, subject, claimed_id, body, state, received_at)
            values ({Guid.CreateVersion7(now)}, {provider}, {notice.EventId}, {notice.Type}, {notice.Subject}, {notice.PaymentId}, {call.Body.ToArray()}, 'received', {now})
            on conflict (provider, event_id) do nothing
            """);
        // The same event again asks for the same job, and one that was handled before finds nothing to do.
        db.Schedule(HandleWebhook.Kind, new HandleWebhook.Message(provider, notice.EventId), now, HandleWebhook.KeyOf(provider, notice.EventId));
        return Task.FromResult(true);
    }

    /// <summary>The text where it is one that a database takes and somebody can read; else null.</summary>
    private static string? Plain(string? text, int atMost) => text is { Length: > 0 } && text.Length <= atMost && !text.Any(letter => char.IsControl(letter) || char.IsSurrogate(letter)) ? text : null;
}
