using System.Globalization;
using Quitanda.Ordering;
using Quitanda.Platform;

namespace Quitanda.Notifications.Notices;

/// <summary>Tells customers how their orders come along.</summary>
internal sealed class TellOfOrders(Notifier notifier) : IHandle<OrderStatusChanged>
{
    public const string Kind = "notifications.tell-of-orders";

    public Task Handle(OrderStatusChanged message, CancellationToken ct)
    {
        // That it is being prepared follows what was just told.
        var kind = message.Status switch
        {
            "confirmed" => NoticeKinds.OrderConfirmed,
            "ready" => NoticeKinds.OrderReady,
            "out_for_delivery" => NoticeKinds.OrderOutForDelivery,
            "delivered" => NoticeKinds.OrderDelivered,
            // Of one that was only held for a basket its customer has not heard that there was any.
            "cancelled" when !message.WasHeld => NoticeKinds.OrderCancelled,
            _ => null,
        };
        return kind is null ? Task.CompletedTask : notifier.Tell(
            message.CustomerId, kind, Happening.Of(message.OrderId, message.At), message.At, new OrderFacts(message.Number),
            new Dictionary<string, string>(StringComparer.Ordinal) { ["orderId"] = message.OrderId.ToString(), ["orderNumber"] = message.Number.ToString(CultureInfo.InvariantCulture) }, ct);
    }
}
