using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Ordering.Contacts;
using Quitanda.Platform;

namespace Quitanda.Ordering.Orders;

/// <summary>
/// The changes of a guest's order as server-sent events, for whoever has its link, as `GET /orders/{id}/events` has them. A browser's `EventSource` opens it as it is: it takes no header and no ticket.
/// </summary>
internal static class WatchFollowedOrder
{
    public static async Task<Results<EventStream<OrderDetails.Step>, NoContent, NotFound>> Handle(string token, LastEventId last, FollowLinks links, Db db, Streams streams, CancellationToken ct)
    {
        if (links.Read(token) is not { } id || await WatchOrder.Find(db, id, FollowLinks.IsFollowed, ct) is not { } order)
            return TypedResults.NotFound();
        if (order.IsOver(last))
            return TypedResults.NoContent();
        // Counted with the guest's own streams: a link that goes round does not take the process's places.
        return streams.Watch<OrderDetails.Step>(OrderEvents.OrderKind, id, last.Position, Guests.CallerOf(order.CustomerId));
    }
}
