using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Catalog;
using Quitanda.Ordering.Orders;
using Quitanda.Platform;

namespace Quitanda.Ordering.Carts;

/// <summary>
/// Has so many of a product in the cart: the quantity is set, not added, and 0 takes it out. The same product with the same options and notes is one item. What is sold out may be put in, what is no
/// product may not. Whoever comes without a token or a sign-in is made a guest, and told their token.
/// </summary>
[Refuses("unknown_product"), Refuses("invalid_options"), Refuses("cart_full")]
internal static class PutCartItem
{
    /// <param name="ProductId">The product.</param>
    /// <param name="Quantity">Pieces; 0 takes it out.</param>
    /// <param name="Options">What is chosen with each piece.</param>
    /// <param name="Notes">What is asked of it, such as no onions.</param>
    internal sealed record Request(
        Guid ProductId, [Range(0, Carts.PiecesAtMost)] int Quantity, [MaxLength(50)] OrderRequest.ChosenOption[]? Options = null, [StringLength(200)] string? Notes = null);

    public static async Task<Ok<Cart>> Handle(Request request, Caller caller, Guest? guest, Carts carts, ICatalog catalog, CancellationToken ct)
    {
        await carts.Join(guest, caller, ct);
        var pick = Pick.Of(request.ProductId, request.Options, request.Notes);
        if (request.Quantity == 0)
        {
            await carts.Remove(caller.Id, pick, ct);
        }
        else
        {
            var (line, trouble) = (await catalog.Look([pick.Wanted(request.Quantity)], ct))[0];
            if (line is null)
                throw new RefusedException(trouble!.Code, trouble.Message) { Facts = new Dictionary<string, object>(StringComparer.Ordinal) { ["productId"] = pick.ProductId } };
            await carts.Set(caller, pick, line.Name, request.Quantity, ct);
        }

        return TypedResults.Ok(await carts.Show(caller.Id, ct) with { CartToken = caller.NewToken });
    }
}
