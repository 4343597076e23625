using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Catalog;
using Quitanda.Ordering.Carts;
using Quitanda.Platform;

namespace Quitanda.Ordering.Orders;

/// <summary>
/// Puts the lines of one of the caller's orders into their cart again, as they were chosen then. What is sold out is put in with its trouble; what is gone is left out and named. Of what is in the cart
/// already the larger quantity stays, so that doing it twice changes nothing.
/// </summary>
internal static class ReorderOrder
{
    public static async Task<Results<Ok<RefilledCart>, NotFound>> Handle(Guid id, Caller caller, Carts.Carts carts, ICatalog catalog, Db db, CancellationToken ct)
    {
        if (await ShowOrder.Read(db, id, Sql.Of($"o.customer_id = {caller.Id}"), forStaff: false, ct) is not { } order)
            return TypedResults.NotFound();

        List<LeftOut> left = [];
        var offered = await catalog.OptionsOf([.. order.Items.Select(item => item.ProductId).Distinct()], ct);
        var picks = order.Items.Select(item => (Pick: PickOf(item, offered.GetValueOrDefault(item.ProductId), left), item.Name, item.Quantity))
            // Lines may repeat a product; in a cart the same is one item.
            .GroupBy(line => (line.Pick.ProductId, Convert.ToHexString(line.Pick.Variant)))
            .Select(same => (same.First().Pick, same.First().Name, Quantity: Math.Min(same.Sum(line => line.Quantity), Carts.Carts.PiecesAtMost))).ToList();

        var looked = await catalog.Look([.. picks.Select(line => line.Pick.Wanted(line.Quantity))], ct);
        List<(Pick Pick, string Name, int Quantity)> fitting = [];
        foreach (var (line, now) in picks.Zip(looked))
            if (now.Line is { } found)
                fitting.Add((line.Pick, found.Name, line.Quantity));
            else
                left.Add(new(line.Pick.ProductId, line.Name, OptionId: null, Option: null, now.Trouble!.Code, now.Trouble.Message));
        foreach (var line in await carts.Refill(caller, fitting, ct))
            left.Add(new(line.Pick.ProductId, line.Name, OptionId: null, Option: null, "cart_full", $"A cart has {Carts.Carts.ItemsAtMost} items at the most."));
        return TypedResults.Ok(new RefilledCart(await carts.Show(caller.Id, ct)) { Left = left });
    }

    /// <summary>A line as it was chosen, without options that are gone.</summary>
    private static Pick PickOf(OrderSummary.Item item, IReadOnlySet<Guid>? offered, List<LeftOut> left)
    {
        List<OrderRequest.ChosenOption> options = [];
        foreach (var option in item.Options)
            // Of a product that is gone the product is named, not all that was on it.
            if (offered?.Contains(option.OptionId) != false)
                options.Add(new(option.OptionId, option.Quantity));
            else
                left.Add(new(item.ProductId, item.Name, option.OptionId, option.Name, "option_gone", $"{item.Name} does not come with {option.Name} any more."));
        return Pick.Of(item.ProductId, options, item.Notes);
    }
}

/// <summary>A cart that an order's lines were put into.</summary>
[SchemaId("RefilledCart")]
internal sealed record RefilledCart : Cart
{
    public RefilledCart(Cart cart) : base(cart) { }

    /// <summary>What of the order could not be put in.</summary>
    public required IReadOnlyList<LeftOut> Left { get; init; }
}

/// <summary>Something that could not be put into a cart again.</summary>
/// <param name="ProductId">The product.</param>
/// <param name="Name">Its name then.</param>
/// <param name="OptionId">The option, where only that is gone and the product was put in without it.</param>
/// <param name="Option">The option's name then.</param>
/// <param name="Code"><c>unknown_product</c>, <c>option_gone</c>, <c>invalid_options</c> where what is left of the choice is none, or <c>cart_full</c>.</param>
/// <param name="Message">The same for people.</param>
[SchemaId("LeftOut")]
internal sealed record LeftOut(Guid ProductId, [Impersonal] string Name, Guid? OptionId, [Impersonal] string? Option, [Impersonal] string Code, [Impersonal] string Message);
