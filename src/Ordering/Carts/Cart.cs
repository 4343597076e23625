using System.Text.Json.Serialization;
using Quitanda.Catalog;
using Quitanda.Ordering.Pricing;
using Quitanda.Platform;

namespace Quitanda.Ordering.Carts;

/// <summary>What somebody has in mind to order, at today's prices. Nothing of it is held.</summary>
/// <param name="CustomerId">Whose it is: an account's, or a guest's.</param>
/// <param name="Items">In the order in which they were put in.</param>
/// <param name="Subtotal">What comes to of all that has a price, in trouble or not; null where it is more than one order can be.</param>
/// <param name="Trouble">What stands against the whole.</param>
/// <param name="UpdatedAt">When something was last put in or taken out; null where nothing ever was.</param>
[SchemaId("Cart")]
internal record Cart([property: Person] Guid CustomerId, IReadOnlyList<CartItem> Items, Money? Subtotal, CartTrouble? Trouble, DateTimeOffset? UpdatedAt)
{
    /// <summary>The token of the guest whom this request made, as in the header <c>X-Cart-Token</c>. There is no asking for it later.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [Personal]
    public string? CartToken { get; init; }

    /// <summary>Prices what is kept.</summary>
    public static Cart Of(Guid ownerId, Carts.Kept kept, IReadOnlyList<LookedLine> looked, IReadOnlyDictionary<Guid, ProductFace> faces)
    {
        CartItem[] items = [.. kept.Items.Zip(looked, (item, now) => CartItem.Of(item, now, kept.Currency) with { Slug = faces.GetValueOrDefault(item.Pick.ProductId)?.Slug, Image = faces.GetValueOrDefault(item.Pick.ProductId)?.Image })];
        TakenLine[] priced = [.. looked.Where(now => now.Line?.Currency == kept.Currency).Select(now => now.Line!)];
        try
        {
            var bill = Bill.Of(kept.Currency, priced, discount: null, deliveryFee: 0, tip: 0);
            return new(ownerId, items, new Money(bill.Subtotal, kept.Currency), Trouble: null, kept.UpdatedAt);
        }
        catch (RefusedException refused) when (refused.Code == "total_too_large")
        {
            // Whoever has too much must still see it, to take some of it out.
            return new(ownerId, items, Subtotal: null, new(refused.Code, refused.Message, Available: null), kept.UpdatedAt);
        }
    }
}

/// <summary>A product in a cart, as it was chosen.</summary>
/// <param name="Id">The item.</param>
/// <param name="ProductId">The product.</param>
/// <param name="Name">Its name now; as it was when it was put in, where it has none any more.</param>
/// <param name="Quantity">Pieces.</param>
/// <param name="UnitPrice">What a piece costs now with its options; null where it has no price.</param>
/// <param name="Total">Unit price times quantity.</param>
/// <param name="Options">What is chosen with each piece.</param>
/// <param name="Notes">What is asked of it.</param>
/// <param name="Trouble">Why it cannot be ordered so now; null where it can.</param>
[SchemaId("CartItem")]
internal sealed record CartItem(
    Guid Id, Guid ProductId, [Impersonal] string Name, int Quantity, Money? UnitPrice, Money? Total, IReadOnlyList<CartOption> Options, [Personal] string? Notes, CartTrouble? Trouble)
{
    /// <summary>The product's name in addresses; null where it is no product any more.</summary>
    [Impersonal]
    public string? Slug { get; init; }

    /// <summary>The first of the product's images; null where it has none.</summary>
    public ProductImage? Image { get; init; }

    public static CartItem Of(Carts.KeptItem item, LookedLine now, string currency)
    {
        var (line, trouble) = (now.Line, CartTrouble.Of(now.Trouble));
        if (line is not null && line.Currency != currency)
        {
            trouble = new("currency_mismatch", $"{line.Name} is priced in {line.Currency}, and the store sells in {currency}.", Available: null);
            line = null;
        }

        var total = (Int128)(line?.UnitPriceAmount ?? 0) * item.Quantity;
        if (line is not null && (line.UnitPriceAmount > Money.Most || total > Money.Most))
        {
            trouble = new("total_too_large", "This comes to more than the store can take in one order.", Available: null);
            line = null;
        }

        return line is null
            ? new(item.Id, item.Pick.ProductId, item.Name, item.Quantity, UnitPrice: null, Total: null, [.. (item.Pick.Options ?? []).Select(option => new CartOption(option.OptionId, option.Quantity))], item.Pick.Notes, trouble)
            : new(item.Id, line.ProductId, line.Name, item.Quantity, new Money(line.UnitPriceAmount, currency), new Money((long)total, currency),
                [.. line.Options.Select(option => new CartOption(option.OptionId, option.Quantity, option.Group, option.Name, new Money(option.UnitPriceAmount, currency), option.FreeQuantity))], item.Pick.Notes, trouble);
    }
}

/// <summary>An option in a cart. What it is called and costs is known only while the item has a price.</summary>
/// <param name="OptionId">The option.</param>
/// <param name="Quantity">How many times each piece has it.</param>
/// <param name="Group">The name of its group.</param>
/// <param name="Name">Its name.</param>
/// <param name="UnitPrice">What one of it costs.</param>
/// <param name="FreeQuantity">How many of them are free.</param>
[SchemaId("CartOption")]
internal sealed record CartOption(Guid OptionId, int Quantity, [Impersonal] string? Group = null, [Impersonal] string? Name = null, Money? UnitPrice = null, int? FreeQuantity = null);

/// <summary>What stands against ordering something now.</summary>
/// <param name="Code">The code that an order would be refused with, such as <c>out_of_stock</c>, <c>unknown_product</c>, <c>invalid_options</c>.</param>
/// <param name="Message">The same for people.</param>
/// <param name="Available">Pieces that are left; null where it is not a matter of pieces.</param>
[SchemaId("CartTrouble")]
internal sealed record CartTrouble([Impersonal] string Code, [Impersonal] string Message, int? Available)
{
    public static CartTrouble? Of(LineTrouble? trouble) => trouble is null ? null : new(trouble.Code, trouble.Message, trouble.Available);
}
