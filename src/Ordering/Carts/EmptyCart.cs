using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Ordering.Carts;

/// <summary>Takes everything out of the caller's cart.</summary>
internal static class EmptyCart
{
    public static async Task<NoContent> Handle(Caller caller, Guest? guest, Carts carts, CancellationToken ct)
    {
        await carts.Join(guest, caller, ct);
        carts.Clear(caller.Id);
        return TypedResults.NoContent();
    }
}
