using System.ComponentModel.DataAnnotations;
using Quitanda.Platform;

namespace Quitanda.Catalog.Options;

/// <summary>A group of options as staff write it: all of a product's groups at once.</summary>
/// <param name="Name">As people read it, such as Size.</param>
/// <param name="Min">How many must be chosen at least.</param>
/// <param name="Max">How many may be chosen at most.</param>
/// <param name="Options">What may be chosen, in this order.</param>
/// <param name="Free">How many of the chosen are free: the cheapest.</param>
/// <param name="Id">Keeps a group that is there; a new one has none.</param>
[SchemaId("OptionGroupRequest")]
internal sealed record WrittenGroup(
    [Required, StringLength(100)] string Name,
    [Range(0, WrittenGroups.ChosenAtMost)] int Min,
    [Range(1, WrittenGroups.ChosenAtMost)] int Max,
    [MinLength(1), MaxLength(50)] WrittenOption[] Options,
    [Range(0, WrittenGroups.ChosenAtMost)] int Free = 0,
    Guid? Id = null);

/// <summary>An option as staff write it.</summary>
/// <param name="Name">As people read it.</param>
/// <param name="Price">What one of it adds to a piece, in the catalog's currency.</param>
/// <param name="Stock">How many there are; null where they are not counted. Left out, an option that is there keeps its count.</param>
/// <param name="IsAvailable">Whether it is offered, sold out or not. Left out, an option that is there stays as it is, and a new one is.</param>
/// <param name="Id">Keeps an option that is there, and its count; a new one has none.</param>
[SchemaId("ProductOptionRequest")]
internal sealed record WrittenOption(
    [Required, StringLength(100)] string Name, Money Price, [Range(0, Products.AddProduct.StockAtMost)] Patch<int?> Stock = default, Patch<bool> IsAvailable = default, Guid? Id = null);

/// <summary>Writes what may be chosen with a product, in place of what was.</summary>
internal static class WrittenGroups
{
    /// <summary>Groups a product can have.</summary>
    public const int AtMost = 20;

    /// <summary>Options that can be chosen of one group.</summary>
    public const int ChosenAtMost = 50;

    /// <summary>Writes the groups to a product whose row the caller holds, and the counts of their options.</summary>
    /// <exception cref="InvalidException">A group that nobody could choose from, or an id that is none of the product's.</exception>
    public static async Task Write(Db db, Guid productId, WrittenGroup[] written, CatalogSettings settings, CancellationToken ct)
    {
        var known = OptionGroup.Read(await db.ReadFirst(
            $"select option_groups from catalog.products where id = {productId} for no key update", row => row.IsDBNull(0) ? null : row.GetString(0), ct));
        var (groups, counts) = Judge(written, known, settings);
        var counted = groups.SelectMany(group => group.Options).Where(option => option.IsCounted).Select(option => option.Id).ToArray();

        await db.Execute($"update catalog.products set option_groups = {OptionGroup.Stored(groups)}, counts_options = {counted.Length > 0} where id = {productId}", ct);
        await db.Execute($"delete from catalog.option_stock where product_id = {productId} and not option_id = any({counted})", ct);
        if (counts.Count > 0)
            await db.Execute($"""
                insert into catalog.option_stock (option_id, product_id, stock)
                select id, {productId}, stock from unnest({counts.Keys.ToArray()}, {counts.Values.ToArray()}) as count (id, stock)
                on conflict (option_id) do update set stock = excluded.stock
                """, ct);
        await db.Execute(OptionStock.Judging([productId]), ct);
    }

    /// <summary>The groups as they will be kept, and the new counts. An option that stays keeps its count where none is given.</summary>
    internal static (OptionGroup[] Groups, Dictionary<Guid, int> Counts) Judge(WrittenGroup[] written, OptionGroup[] known, CatalogSettings settings)
    {
        var knownGroups = known.Select(group => group.Id).ToHashSet();
        var knownOptions = known.SelectMany(group => group.Options).ToDictionary(option => option.Id);
        Dictionary<Guid, int> counts = [];
        List<OptionGroup> groups = new(written.Length);
        HashSet<Guid> seen = [];
        for (var at = 0; at < written.Length; at++)
        {
            var (group, field) = (written[at], $"optionGroups[{at}]");
            RequireSense(group, field);
            var options = new Option[group.Options.Length];
            for (var place = 0; place < options.Length; place++)
            {
                var option = group.Options[place];
                settings.Require(option.Price, $"{field}.options[{place}].price");
                var id = Known(option.Id, knownOptions.ContainsKey, seen, $"{field}.options[{place}].id");
                var isCounted = option.Stock.IsSet ? option.Stock.Value is not null : knownOptions.TryGetValue(id, out var before) && before.IsCounted;
                if (option.Stock is { IsSet: true, Value: { } count })
                    counts.Add(id, count);
                options[place] = new(id, option.Name.Trim(), option.Price.Amount, option.IsAvailable.Or(!knownOptions.TryGetValue(id, out var asItIs) || asItIs.IsAvailable), isCounted);
            }

            groups.Add(new(Known(group.Id, knownGroups.Contains, seen, $"{field}.id"), group.Name.Trim(), group.Min, group.Max, group.Free, options));
        }

        return ([.. groups], counts);
    }

    private static void RequireSense(WrittenGroup group, string field)
    {
        if (group.Min > group.Max)
            throw new InvalidException($"{field}.min", "must not be above max.");
        if (group.Free > group.Max)
            throw new InvalidException($"{field}.free", "must not be above max.");
        if (group.Options.Select(option => Folded.Of(option.Name)).Distinct(StringComparer.Ordinal).Count() < group.Options.Length)
            throw new InvalidException($"{field}.options", "must have a name of its own for each.");
    }

    private static Guid Known(Guid? given, Func<Guid, bool> isKnown, HashSet<Guid> seen, string field)
    {
        if (given is not { } id)
            return Guid.CreateVersion7();
        if (!isKnown(id))
            throw new InvalidException(field, "is none of this product's; leave it out for a new one.");
        return seen.Add(id) ? id : throw new InvalidException(field, "is there twice.");
    }
}
