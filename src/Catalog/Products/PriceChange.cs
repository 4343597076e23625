using Quitanda.Platform;

namespace Quitanda.Catalog.Products;

/// <summary>What a product cost, and what it costs from now on, for the audit log: there is no read of many products for it to compare.</summary>
internal sealed record PriceChange(Guid ProductId, Money Before, Money After)
{
    /// <summary>What it is called in the log.</summary>
    public const string Action = "PriceChanged";

    /// <summary>Whether anything changed: the same number in another currency is another price.</summary>
    public bool IsOne => Before != After;

    /// <summary>What is said of it.</summary>
    public Dictionary<string, string> Facts
    {
        get
        {
            var facts = new Dictionary<string, string>(StringComparer.Ordinal) { ["before"] = $"{Before.Amount}", ["after"] = $"{After.Amount}", ["currency"] = After.Currency };
            if (Before.Currency != After.Currency)
                facts["currencyBefore"] = Before.Currency;
            return facts;
        }
    }
}
