using Npgsql;
using Quitanda.Catalog.Options;
using Quitanda.Platform;

namespace Quitanda.Catalog.Products;

/// <summary>A product as it is judged against what is wanted of it in all.</summary>
internal sealed record Judged(string Name, long PriceAmount, string Currency, int? Stock, long Quantity, bool Fits, Guid? CategoryId, string? OptionGroups)
{
    public static readonly Sql Columns = Sql.Raw("id, name, price_amount, currency, case when is_available then stock else 0 end, quantity, fits, category_id, option_groups");

    private OptionGroup[]? _groups;

    public OptionGroup[] Groups => _groups ??= OptionGroup.Read(OptionGroups);

    public static Judged Read(NpgsqlDataReader reader) => new(
        reader.GetString(1), reader.GetInt64(2), reader.GetString(3), reader.IsDBNull(4) ? null : reader.GetInt32(4), reader.GetInt64(5), reader.GetBoolean(6),
        reader.IsDBNull(7) ? null : reader.GetGuid(7), reader.IsDBNull(8) ? null : reader.GetString(8));

    public TakenLine Taken(WantedLine line)
    {
        var (taken, why) = Price(line);
        return why is null ? taken with { IsCounted = Stock is not null } : throw new RefusedException("invalid_options", $"{Name} {why}")
        {
            Facts = new Dictionary<string, object>(StringComparer.Ordinal) { ["products"] = new[] { new Misfit(line.ProductId, why) } },
        };
    }

    public LookedLine Looked(WantedLine line, Dictionary<Guid, long> wantedOptions, Dictionary<Guid, int> left)
    {
        var (taken, why) = Price(line);
        if (why is not null)
            return new(Line: null, new("invalid_options", $"{Name} {why}", Available: null));
        if (!Fits)
            return new(taken, new("out_of_stock", Stock is null or 0 ? $"{Name} is sold out." : $"Of {Name} {Stock} are left.", Stock ?? 0));
        foreach (var option in taken.Options)
            if (left.TryGetValue(option.OptionId, out var count) && count < wantedOptions[option.OptionId])
                return new(taken, new("out_of_stock", count == 0 ? $"{option.Name} is sold out." : $"Of {option.Name} {count} are left.", count));
        return new(taken, Trouble: null);
    }

    private (TakenLine Line, string? Why) Price(WantedLine line)
    {
        if (OptionGroups is null && line.Options is not { Count: > 0 })
            return (new(line.ProductId, Name, line.Quantity, PriceAmount, Currency) { CategoryId = CategoryId }, null);
        var (options, why) = Choice.Of(Groups, line.Options);
        var unitPrice = PriceAmount;
        foreach (var option in options)
            // What no order can come to need not be known exactly.
            unitPrice = Math.Min(unitPrice + Math.Min(option.Adds, 2 * Money.Most), 2 * Money.Most);
        return (new(line.ProductId, Name, line.Quantity, unitPrice, Currency) { CategoryId = CategoryId, Options = options }, why);
    }

    /// <summary>A product whose options are not chosen as they must be.</summary>
    private sealed record Misfit(Guid ProductId, string Why);
}
