using Quitanda.Catalog.Options;
using Quitanda.Platform;

namespace Quitanda.Catalog.Products;

/// <summary>How many of each product are left, taken and put back in the transaction of whoever asks.</summary>
internal sealed class Stock(Db db, TimeProvider clock)
{
    public async Task<IReadOnlyList<TakenLine>> Take(IReadOnlyList<WantedLine> lines, CancellationToken ct)
    {
        if (lines.Count == 0)
            return [];

        var ((ids, quantities), now) = (Merge(lines), clock.GetUtcNow());
        // Products are locked in the order of their ids, so that two orders cannot deadlock, and judged by their locked versions, which are
        // the latest. An uncounted product is written once in its life, to remember that it was ordered; a counted one is written anyway.
        // What is left is computed from the locked version too: PostgreSQL tries an update on the version of its snapshot first, where
        // stock - quantity may be below zero and break the check although the latest version has enough.
        var products = new Dictionary<Guid, Judged>(ids.Length);
        await db.Reading(
            [
                $"""
                with locked as (
                    select id, name, price_amount, currency, stock, is_available and (sold_out_until is null or sold_out_until <= {now}) as is_available, ordered, category_id, option_groups
                    from catalog.products
                    where id = any({ids}) and archived_at is null order by id for no key update
                ), judged as (
                    select locked.*, wanted.quantity, is_available and (stock is null or stock >= wanted.quantity) as fits
                    from locked join unnest({ids}, {quantities}) as wanted (id, quantity) using (id)
                ), taken as (
                    update catalog.products p set stock = judged.stock - judged.quantity, ordered = true from judged
                    where p.id = judged.id and (judged.stock is not null or not judged.ordered)
                        and (select count(*) = {ids.Length} and bool_and(fits) from judged)
                )
                select {Judged.Columns} from judged
                """,
            ],
            async reader =>
            {
                while (await reader.ReadAsync(CancellationToken.None))
                    products.Add(reader.GetGuid(0), Judged.Read(reader));
            }, ct);
        Require(ids, quantities, products);

        foreach (var (id, product) in products)
            if (product.Stock == product.Quantity)
                Product.Evict(db, id);
        try
        {
            TakenLine[] taken = [.. lines.Select(line => products[line.ProductId].Taken(line))];
            if (!products.Values.Any(product => product.OptionGroups is not null))
                return taken;
            var counted = await TakeOptions(lines, products, ct);
            return counted.Count == 0 ? taken : Array.ConvertAll(taken, line => line with { Options = [.. line.Options.Select(option => option with { IsCounted = counted.Contains(option.OptionId) })] });
        }
        catch (RefusedException)
        {
            // Whoever catches it goes on in this transaction, and must not go on with half of it.
            await Return([.. lines.Select(line => new HeldLine(line with { Options = null }, products[line.ProductId].Stock is not null))], ct);
            throw;
        }
    }

    /// <returns>Those that were counted, and so taken from something.</returns>
    private async Task<HashSet<Guid>> TakeOptions(IReadOnlyList<WantedLine> lines, Dictionary<Guid, Judged> products, CancellationToken ct)
    {
        var groups = products.Values.SelectMany(product => product.Groups).ToList();
        var offered = groups.SelectMany(group => group.Options).Where(option => option.IsAvailable).Select(option => option.Id).ToHashSet();
        var tooFew = OptionStock.Wanted(lines, lines.SelectMany(line => line.Options ?? []).Select(option => option.OptionId).Where(id => !offered.Contains(id)).ToHashSet())
            .Select(off => new OptionStock.Shortage(off.Key, off.Value, 0)).ToList();
        Dictionary<Guid, long> left = [];
        if (tooFew.Count == 0)
            (tooFew, left) = await OptionStock.Take(db, OptionStock.Wanted(lines, CountedOf(groups)), ct);
        if (tooFew.Count > 0)
            throw new RefusedException("out_of_stock", "Some of these options are sold out, or too few are left.")
            {
                Facts = new Dictionary<string, object>(StringComparer.Ordinal) { ["options"] = tooFew.ToArray() },
            };
        // Shown is whether an option can be had, and whether the product can: with less of an option than must be chosen of its group, perhaps no more.
        JudgeAnew([.. products.Where(product => product.Value.Groups.Any(group => group.Options.Any(option => left.TryGetValue(option.Id, out var count) && count < Math.Max(1, group.Min)))).Select(product => product.Key)]);
        return [.. left.Keys];
    }

    private void JudgeAnew(Guid[] products)
    {
        if (products.Length == 0)
            return;
        db.Write(OptionStock.Judging(products));
        foreach (var id in products)
            Product.Evict(db, id);
    }

    public async Task Return(IReadOnlyList<HeldLine> held, CancellationToken ct)
    {
        WantedLine[] lines = [.. held.Select(one => one.Line)];
        // What was not counted when it was taken came out of no count, and must not go into one that was begun since.
        var (ids, quantities) = Merge([.. held.Where(one => one.IsCounted).Select(one => one.Line)]);
        // Options are written only by who holds their product, counted or not.
        var optioned = lines.Where(line => line.Options is { Count: > 0 }).Select(line => line.ProductId).Distinct().ToArray();
        if (ids.Length == 0 && optioned.Length == 0)
            return;

        var backOnSale = await db.Read(
            $"""
            with locked as (
                select id, stock from catalog.products where (id = any({ids}) and stock is not null) or id = any({optioned}) order by id for no key update
            )
            update catalog.products p set stock = least(locked.stock + wanted.quantity, 2147483647)
            from locked join unnest({ids}, {quantities}) as wanted (id, quantity) using (id)
            where p.id = locked.id and locked.stock is not null
            returning p.id, locked.stock = 0
            """, reader => (Id: reader.GetGuid(0), WasSoldOut: reader.GetBoolean(1)), ct);
        foreach (var (id, wasSoldOut) in backOnSale)
            if (wasSoldOut)
                Product.Evict(db, id);
        var given = OptionStock.Wanted(lines, lines.SelectMany(line => line.Options ?? []).Select(option => option.OptionId).ToHashSet());
        JudgeAnew([.. await OptionStock.Return(db, given, ct)]);
    }

    public async Task<IReadOnlyList<LookedLine>> Look(IReadOnlyList<WantedLine> lines, CancellationToken ct)
    {
        if (lines.Count == 0)
            return [];

        var (ids, quantities) = Merge(lines);
        var products = (await db.Read(
            $"""
            with looked as (
                select id, name, price_amount, currency, stock, is_available and (sold_out_until is null or sold_out_until <= {clock.GetUtcNow()}) as is_available, category_id, option_groups, wanted.quantity
                from catalog.products join unnest({ids}, {quantities}) as wanted (id, quantity) using (id)
                where archived_at is null
            ), judged as (
                select looked.*, is_available and (stock is null or stock >= quantity) as fits from looked
            )
            select {Judged.Columns} from judged
            """, reader => (reader.GetGuid(0), Judged.Read(reader)), ct)).ToDictionary();
        var groups = products.Values.SelectMany(product => product.Groups).ToList();
        var wantedOptions = OptionStock.Wanted(lines, lines.SelectMany(line => line.Options ?? []).Select(option => option.OptionId).ToHashSet());
        var left = await OptionStock.Left(db, [.. CountedOf(groups).Intersect(wantedOptions.Keys)], ct);
        foreach (var off in groups.SelectMany(group => group.Options).Where(option => !option.IsAvailable))
            left[off.Id] = 0;
        return [.. lines.Select(line => products.TryGetValue(line.ProductId, out var product) ? product.Looked(line, wantedOptions, left) : Unknown)];
    }

    private static readonly LookedLine Unknown = new(Line: null, new("unknown_product", "This is no product.", Available: null));

    private static HashSet<Guid> CountedOf(IEnumerable<OptionGroup> groups) => [.. groups.SelectMany(group => group.Options).Where(option => option.IsCounted).Select(option => option.Id)];

    /// <summary>Each product once, with the sum of its lines, which may be more than one line can say.</summary>
    private static (Guid[] Ids, long[] Quantities) Merge(IReadOnlyList<WantedLine> lines)
    {
        var sums = new Dictionary<Guid, long>(lines.Count);
        foreach (var line in lines)
        {
            if (line.Quantity < 1)
                throw new ArgumentException("A line has at least one piece.", nameof(lines));
            sums[line.ProductId] = sums.GetValueOrDefault(line.ProductId) + line.Quantity;
        }

        return ([.. sums.Keys], [.. sums.Values]);
    }

    private static void Require(Guid[] ids, long[] quantities, Dictionary<Guid, Judged> products)
    {
        if (products.Count == ids.Length && products.Values.All(product => product.Fits))
            return;

        var shortages = ids.Zip(quantities, (id, quantity) => products.TryGetValue(id, out var product)
            ? new { IsKnown = true, product.Fits, Shortage = new Shortage(id, quantity, product.Stock ?? 0) }
            : new { IsKnown = false, Fits = false, Shortage = new Shortage(id, quantity, 0) }).ToList();
        var isUnknown = products.Count < ids.Length;
        throw new RefusedException(isUnknown ? "unknown_product" : "out_of_stock", isUnknown ? "Some of these are no products." : "Some of these are sold out, or too few are left.")
        {
            Facts = new Dictionary<string, object>(StringComparer.Ordinal)
            {
                ["products"] = shortages.Where(line => isUnknown ? !line.IsKnown : !line.Fits).Select(line => line.Shortage).ToArray(),
            },
        };
    }

    /// <summary>A product that cannot be had in that quantity.</summary>
    private sealed record Shortage(Guid ProductId, long Requested, int Available);
}
