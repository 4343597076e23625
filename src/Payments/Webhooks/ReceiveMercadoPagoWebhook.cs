using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Payments.Webhooks;

/// <summary>
/// Takes in what Mercado Pago tells: its signature is checked, which covers the id of what it is about, and the call is kept before the answer. The payment is asked for
/// again afterwards. An event that is known is answered the same and changes nothing.
/// </summary>
[Refuses("invalid_signature", 401)]
internal static class ReceiveMercadoPagoWebhook
{
    public static Task<Ok<ReceivedEvent>> Handle(RawCall raw, Db db, WebhookIntake intake, CancellationToken ct) => ReceivedEvent.Of("mercadopago", raw, db, intake, ct);
}
