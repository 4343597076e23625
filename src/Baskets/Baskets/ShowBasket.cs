using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Quitanda.Platform;

namespace Quitanda.Baskets.Baskets;

/// <summary>Shows one of the caller's baskets: what each part comes to, and what stands against it. As long as it is not held, that is as of now.</summary>
internal static class ShowBasket
{
    public static async Task<Results<Ok<BasketDetails>, NotFound>> Handle(Guid id, Caller caller, Db db, BasketView view, CancellationToken ct) =>
        await Find(db, id, caller, ct) is { } basket ? TypedResults.Ok(await view.Of(basket, caller, ct)) : TypedResults.NotFound();

    /// <summary>One of the caller's baskets, as it is now.</summary>
    internal static Task<Basket?> Find(Db db, Guid id, Caller caller, CancellationToken ct) => db.Set<Basket>().AsNoTracking().SingleOrDefaultAsync(basket => basket.Id == id && basket.OwnerId == caller.Id, ct);
}
