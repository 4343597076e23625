using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Baskets.Baskets;

/// <summary>Puts exactly these things into a basket, in place of what was in it. One that is held is released first; one that is paid stays.</summary>
[Refuses("basket_held"), Refuses("already_paid")]
internal static class PutBasketItems
{
    public static async Task<Results<Ok<BasketDetails>, NotFound>> Handle(Guid id, BasketWish request, Caller caller, Db db, BasketParts parts, BasketView view, TimeProvider clock, CancellationToken ct)
    {
        if (await Basket.Lock(db, id, ct) is not { } basket || basket.OwnerId != caller.Id)
            return TypedResults.NotFound();
        var now = clock.GetUtcNow();
        await parts.RequireOpen(basket, now, ct);
        (basket.Wanted, basket.UpdatedAt) = (request, now);
        return TypedResults.Ok(await view.Of(basket, caller, ct));
    }
}
