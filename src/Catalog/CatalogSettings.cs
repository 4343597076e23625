using System.ComponentModel.DataAnnotations;
using Quitanda.Platform;

namespace Quitanda.Catalog;

/// <summary>Settings of the catalog. Section <c>Catalog</c>.</summary>
public sealed record CatalogSettings
{
    /// <summary>The currency of every price, ISO 4217.</summary>
    [Required, Currency]
    public string Currency { get; init; } = "BRL";

    /// <summary>Rows of one imported file, at the most. All of them are taken over in one transaction, which a job has five minutes for.</summary>
    [Range(1, 200_000)]
    public int ImportRows { get; init; } = 50_000;

    /// <summary>Megabytes of one imported file, at the most.</summary>
    [Range(1, 1024)]
    public int ImportMegaBytes { get; init; } = 64;

    /// <summary>Seconds in which an imported file must have arrived.</summary>
    [Range(1, 3600)]
    public int ImportSeconds { get; init; } = 300;

    /// <summary>Where a product lives in the front end, such as <c>https://shop.example/products/{slug}</c>, with <c>{slug}</c> or <c>{id}</c> in it: for the site map. Empty takes the API's own address.</summary>
    [PageAddress]
    public string ProductUrl { get; init; } = "";

    /// <summary>Holds a price of a request to the catalog's currency.</summary>
    /// <exception cref="InvalidException">It is in another.</exception>
    internal void Require(Money price, string field)
    {
        if (price.Currency != Currency)
            throw new InvalidException($"{field}.currency", $"must be the catalog's own, {Currency}.");
    }
}
