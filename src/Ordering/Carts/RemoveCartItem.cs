using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Ordering.Carts;

/// <summary>Takes an item out of the caller's cart.</summary>
internal static class RemoveCartItem
{
    public static async Task<Results<NoContent, NotFound>> Handle(Guid itemId, Caller caller, Guest? guest, Carts carts, CancellationToken ct)
    {
        await carts.Join(guest, caller, ct);
        return await carts.Remove(caller.Id, itemId, ct) ? TypedResults.NoContent() : TypedResults.NotFound();
    }
}
