using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Payments.Webhooks;

/// <summary>
/// Takes in what Razorpay tells: its signature is checked on the bytes as they came, and they are kept before the answer. What they mean for a payment is found out
/// afterwards. An event that is known is answered the same and changes nothing.
/// </summary>
[Refuses("invalid_signature", 401)]
internal static class ReceiveRazorpayWebhook
{
    public static Task<Ok<ReceivedEvent>> Handle(RawCall raw, Db db, WebhookIntake intake, CancellationToken ct) => ReceivedEvent.Of("razorpay", raw, db, intake, ct);
}
