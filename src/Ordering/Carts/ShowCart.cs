using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Platform;

namespace Quitanda.Ordering.Carts;

/// <summary>
/// Shows the caller's cart at today's prices, with what stands against each item. Nothing of it is held. Whoever has signed in and still sends a guest's `X-Cart-Token` has that guest's cart joined to their own.
/// </summary>
internal static class ShowCart
{
    public static async Task<Ok<Cart>> Handle(Caller caller, Guest? guest, Carts carts, Executor executor, HttpContext http, CancellationToken ct)
    {
        // A transaction of its own, since this one only reads: what is shown afterwards has it.
        if (!Rendering.IsInsideAWrite(http) && await carts.MayJoin(guest, caller, ct))
            await executor.Run(provider => provider.GetRequiredService<Carts>().Join(guest, caller, ct), ct);
        return TypedResults.Ok(await carts.Show(caller.Id, ct));
    }
}
