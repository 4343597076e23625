using System.Security.Cryptography;
using System.Text.Json;
using Quitanda.Catalog;
using Quitanda.Ordering.Orders;
using Quitanda.Platform;

namespace Quitanda.Ordering.Carts;

/// <summary>A product as somebody chose it, in one spelling: options by their id and each once, notes that say something or none.</summary>
internal sealed record Pick(Guid ProductId, OrderRequest.ChosenOption[]? Options, string? Notes)
{
    /// <summary>Tells picks of one product apart: SHA-256 of what is chosen and noted.</summary>
    public byte[] Variant => SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(new { Options, Notes }, Wire.Json));

    public static Pick Of(Guid productId, IReadOnlyCollection<OrderRequest.ChosenOption>? options, string? notes) => new(
        productId,
        options is { Count: > 0 }
            ? [.. options.GroupBy(option => option.OptionId).Select(same => new OrderRequest.ChosenOption(same.Key, same.Sum(option => option.Quantity))).OrderBy(option => option.OptionId)]
            : null,
        string.IsNullOrWhiteSpace(notes) ? null : notes);

    /// <summary>So many of it, as the catalog is asked.</summary>
    public WantedLine Wanted(int quantity) => new OrderRequest.Line(ProductId, quantity, Options).Wanted;
}
