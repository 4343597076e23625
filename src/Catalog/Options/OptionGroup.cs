using System.Text.Json;
using System.Text.Json.Serialization;
using Quitanda.Platform;

namespace Quitanda.Catalog.Options;

/// <summary>A group of options as it is kept on its product's row: without what changes with each sale.</summary>
internal sealed record OptionGroup(Guid Id, string Name, int Min, int Max, int Free, Option[] Options)
{
    /// <summary>The groups of a product's row; none where the column is null.</summary>
    public static OptionGroup[] Read(string? stored) => stored is null ? [] : JsonSerializer.Deserialize<OptionGroup[]>(stored, Wire.Stored)!;

    /// <summary>The groups as they are kept; null where there are none.</summary>
    public static Sql.JsonValue Stored(IReadOnlyCollection<OptionGroup> groups) => Sql.Json(groups.Count == 0 ? null : groups);
}

/// <summary>An option as it is kept. Its price is in minor units of the catalog's currency.</summary>
internal sealed record Option(Guid Id, string Name, long Price, bool IsAvailable, bool IsCounted);

/// <summary>A group of options as it is shown.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">As people read it, such as Size.</param>
/// <param name="Min">How many must be chosen at least.</param>
/// <param name="Max">How many may be chosen at most, counting those that are chosen several times.</param>
/// <param name="Free">How many of the chosen are free: the cheapest.</param>
/// <param name="Options">What may be chosen, in the shop's order.</param>
[SchemaId("OptionGroup")]
internal sealed record ShownGroup(Guid Id, string Name, int Min, int Max, int Free, ShownOption[] Options)
{
    /// <summary>How the groups of a row are shown.</summary>
    /// <param name="groups">The groups.</param>
    /// <param name="stock">What is left of those that are counted, as text of JSON by option; null where none is.</param>
    /// <param name="currency">The product's.</param>
    /// <param name="forStaff">Whether the stock is shown.</param>
    public static ShownGroup[] Of(OptionGroup[] groups, string? stock, string currency, bool forStaff)
    {
        var left = stock is null ? null : JsonSerializer.Deserialize<Dictionary<Guid, int>>(stock, Wire.Stored);
        return Array.ConvertAll(groups, group => new ShownGroup(group.Id, group.Name, group.Min, group.Max, group.Free, Array.ConvertAll(group.Options, option =>
        {
            int? count = option.IsCounted && left is not null && left.TryGetValue(option.Id, out var known) ? known : null;
            return new ShownOption(option.Id, option.Name, new(option.Price, currency), option.IsAvailable && count is null or > 0, forStaff ? new(count) : default, forStaff ? option.IsAvailable : null);
        })));
    }
}

/// <summary>An option as it is shown.</summary>
/// <param name="Id">What an order names it by.</param>
/// <param name="Name">As people read it.</param>
/// <param name="Price">What one of it adds to a piece.</param>
/// <param name="IsAvailable">Whether it can be chosen now: it is offered, and not sold out.</param>
/// <param name="Stock">How many are left, null where they are not counted. Staff only.</param>
/// <param name="IsOffered">Whether it is offered, sold out or not. Staff only.</param>
[SchemaId("ProductOption")]
internal sealed record ShownOption(
    Guid Id, string Name, Money Price, bool IsAvailable,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] Patch<int?> Stock = default,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] bool? IsOffered = null);
