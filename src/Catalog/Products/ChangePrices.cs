using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Quitanda.Platform;

namespace Quitanda.Catalog.Products;

/// <summary>Changes the prices of up to 500 products: all of them, or none where one is no product.</summary>
[Refuses("unknown_product")]
internal static class ChangePrices
{
    internal sealed record Request([MinLength(1), MaxLength(500)] Update[] Updates);

    /// <summary>A product and its new price, in the catalog's currency.</summary>
    internal sealed record Update(Guid Id, Money Price);

    /// <param name="Updated">How many products have a new price.</param>
    internal sealed record Response(int Updated);

    public static async Task<Ok<Response>> Handle(Request request, Db db, IOptions<CatalogSettings> settings, TimeProvider clock, CancellationToken ct)
    {
        RequireSense(request, settings.Value);
        var ids = Array.ConvertAll(request.Updates, update => update.Id);
        var amounts = Array.ConvertAll(request.Updates, update => update.Price.Amount);
        // Locked in the order of their ids, as every sale does, so that the two cannot deadlock.
        var changed = await db.Read(
            $"""
            with wanted as (
                select * from unnest({ids}, {amounts}) as line (id, amount)
            ), locked as (
                select id, price_amount, currency from catalog.products where id = any({ids}) and archived_at is null order by id for no key update
            )
            update catalog.products p set price_amount = wanted.amount, currency = {settings.Value.Currency}, updated_at = {clock.GetUtcNow()}
            from locked join wanted using (id)
            where p.id = locked.id
            returning p.id, locked.price_amount, locked.currency, wanted.amount
            """, reader => new PriceChange(reader.GetGuid(0), new(reader.GetInt64(1), reader.GetString(2)), new(reader.GetInt64(3), settings.Value.Currency)), ct);
        if (changed.Count < ids.Length)
            throw new RefusedException("unknown_product", "Some of these are no products; no price was changed.")
            {
                Facts = new Dictionary<string, object>(StringComparer.Ordinal) { ["products"] = ids.Except(changed.Select(product => product.ProductId)).Select(id => new Unknown(id)).ToArray() },
            };

        foreach (var change in changed)
        {
            Product.Evict(db, change.ProductId);
            db.Audit(new AuditEvent(PriceChange.Action) { ResourceType = "products", ResourceId = change.ProductId.ToString(), Facts = change.Facts });
        }

        return TypedResults.Ok(new Response(changed.Count));
    }

    private static void RequireSense(Request request, CatalogSettings settings)
    {
        var seen = new HashSet<Guid>();
        for (var at = 0; at < request.Updates.Length; at++)
        {
            settings.Require(request.Updates[at].Price, $"updates[{at}].price");
            if (!seen.Add(request.Updates[at].Id))
                throw new InvalidException($"updates[{at}].id", "is in the list twice.");
        }
    }

    private sealed record Unknown(Guid ProductId);
}
