namespace Quitanda.Catalog;

/// <summary>What other modules may ask of the catalog. Every call joins the caller's transaction.</summary>
public interface ICatalog
{
    /// <summary>
    /// Takes stock for all lines or for none, in one statement that locks products in the order of their ids. Lines may repeat a product: their
    /// quantities count together. Gives one taken line for each wanted line, in the order asked, with today's name and price.
    /// </summary>
    /// <exception cref="Platform.RefusedException">
    /// <c>out_of_stock</c> (409), whose facts name the products: too few left, sold out, not on sale. <c>unknown_product</c> (409) where an id is no product.
    /// </exception>
    Task<IReadOnlyList<TakenLine>> TakeStock(IReadOnlyList<WantedLine> lines, CancellationToken ct);

    /// <summary>Puts stock back, as when an order is cancelled. Products that are gone or not counted are passed over.</summary>
    Task ReturnStock(IReadOnlyList<WantedLine> lines, CancellationToken ct);
}

/// <summary>A product and how many of it.</summary>
public sealed record WantedLine(Guid ProductId, int Quantity);

/// <summary>Stock that is taken, and what it costs.</summary>
/// <param name="ProductId">The product.</param>
/// <param name="Name">Its name now: an order keeps it when the product changes.</param>
/// <param name="Quantity">As asked.</param>
/// <param name="UnitPriceAmount">Minor units.</param>
/// <param name="Currency">ISO 4217.</param>
public sealed record TakenLine(Guid ProductId, string Name, int Quantity, long UnitPriceAmount, string Currency);
