using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Payments.Webhooks;

/// <summary>Takes in what the sandbox tells. An event that is known is answered the same and changes nothing.</summary>
[Refuses("invalid_signature", 401)]
internal static class ReceiveSandboxWebhook
{
    public static Task<Ok<ReceivedEvent>> Handle(RawCall raw, Db db, WebhookIntake intake, CancellationToken ct) => ReceivedEvent.Of("sandbox", raw, db, intake, ct);
}
