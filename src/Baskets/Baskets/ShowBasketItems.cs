using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Baskets.Baskets;

/// <summary>Shows what is wanted in one of the caller's baskets, as it was put there.</summary>
internal static class ShowBasketItems
{
    public static async Task<Results<Ok<BasketItems>, NotFound>> Handle(Guid id, Caller caller, Db db, CancellationToken ct) =>
        await ShowBasket.Find(db, id, caller, ct) is { } basket ? TypedResults.Ok(BasketItems.Of(basket)) : TypedResults.NotFound();
}

/// <summary>What is wanted in a basket.</summary>
/// <param name="OwnerId">Whose it is.</param>
/// <param name="Wanted">As it was put there.</param>
internal sealed record BasketItems([Person] Guid OwnerId, [Personal] BasketWish Wanted)
{
    public static BasketItems Of(Basket basket) => new(basket.OwnerId, basket.Wanted);
}
