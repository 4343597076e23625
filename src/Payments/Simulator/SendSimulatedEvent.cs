using System.Text.Json;
using Quitanda.Payments.Webhooks;
using Quitanda.Platform;

namespace Quitanda.Payments.Simulator;

/// <summary>Brings a simulated provider's event to the door where the real ones come in.</summary>
internal sealed class SendSimulatedEvent(Db db, Simulator simulator, WebhookIntake intake, TimeProvider clock) : IHandle<SendSimulatedEvent.Message>
{
    public const string Kind = "payments.send-simulated-event";

    internal sealed record Message(Guid EventId);

    public async Task Handle(Message message, CancellationToken ct)
    {
        var (provider, happened) = await db.ReadFirst($"select provider, id, type, thing, body, query from payments.simulated_events where id = {message.EventId}", row => (
            row.GetString(0),
            new SimulatedEvent(row.GetGuid(1).ToString("N"), row.GetString(2), row.GetString(3), row.GetFieldValue<byte[]>(4), JsonSerializer.Deserialize<Dictionary<string, string>>(row.GetString(5))!)), ct);
        var now = clock.GetUtcNow();
        var headers = new Dictionary<string, string>(simulator.Find(provider)!.Sign(happened, now), StringComparer.OrdinalIgnoreCase);
        var isTaken = await intake.Take(db, provider, new(happened.Body, headers, happened.Query), ct);
        db.Write($"update payments.simulated_events set sends = sends + 1, sent_at = {now}, status = {(isTaken ? 200 : 401)} where id = {message.EventId}");
    }
}
