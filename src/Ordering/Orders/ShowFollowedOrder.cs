using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Ordering.Contacts;
using Quitanda.Platform;

namespace Quitanda.Ordering.Orders;

/// <summary>Shows a guest's order, as its guest sees it, to whoever has its link. The link ends when what the guest left is forgotten.</summary>
internal static class ShowFollowedOrder
{
    public static async Task<Results<Ok<OrderDetails>, NotFound>> Handle(string token, FollowLinks links, Db db, CancellationToken ct) =>
        links.Read(token) is { } id && await ShowOrder.Read(db, id, FollowLinks.IsFollowed, forStaff: false, ct) is { } order ? TypedResults.Ok(order) : TypedResults.NotFound();
}
