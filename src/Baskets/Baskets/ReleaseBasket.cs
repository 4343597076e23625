using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Baskets.Baskets;

/// <summary>Gives up what a basket holds and has not paid, so that it can be changed: all of it is free at once. One that is not held stays as it is.</summary>
[Refuses("already_paid")]
internal static class ReleaseBasket
{
    public static async Task<Results<Ok<BasketDetails>, NotFound>> Handle(Guid id, Caller caller, Db db, BasketParts parts, BasketView view, TimeProvider clock, CancellationToken ct)
    {
        if (await Basket.Lock(db, id, ct) is not { } basket || basket.OwnerId != caller.Id)
            return TypedResults.NotFound();
        if (basket.Status == BasketStatus.Paid)
            throw new RefusedException("already_paid", "The basket is paid: what is in it is cancelled one by one.");
        if (basket.Status == BasketStatus.Held)
            await parts.Release(basket, hasLapsed: false, clock.GetUtcNow(), ct);
        return TypedResults.Ok(await view.Of(basket, caller, ct));
    }
}
