using System.ComponentModel.DataAnnotations;
using Quitanda.Platform;

namespace Quitanda.Catalog;

/// <summary>Settings of the catalog. Section <c>Catalog</c>.</summary>
public sealed record CatalogSettings
{
    /// <summary>The currency of every price, ISO 4217.</summary>
    [Required, Currency]
    public string Currency { get; init; } = "BRL";

    /// <summary>Holds a price of a request to the catalog's currency.</summary>
    /// <exception cref="InvalidException">It is in another.</exception>
    internal void Require(Money price, string field)
    {
        if (price.Currency != Currency)
            throw new InvalidException($"{field}.currency", $"must be the catalog's own, {Currency}.");
    }
}
