using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Baskets.Baskets;

/// <summary>Makes a basket, empty or with things in it. Nothing is held.</summary>
internal static class MakeBasket
{
    public static async Task<Created<BasketDetails>> Handle(BasketWish? request, Caller caller, Db db, BasketView view, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var basket = new Basket { Id = Guid.CreateVersion7(now), OwnerId = caller.Id, Wanted = request ?? new(), CreatedAt = now, UpdatedAt = now };
        var shown = await view.Of(basket, caller, ct);
        db.Add(basket);
        return TypedResults.Created($"/api/v1/baskets/{basket.Id}", shown);
    }
}
