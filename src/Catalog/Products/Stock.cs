using Quitanda.Platform;

namespace Quitanda.Catalog.Products;

/// <summary>How many of each product are left, taken and put back in the transaction of whoever asks.</summary>
internal sealed class Stock(Db db, TimeProvider clock) : ICatalog
{
    public async Task<IReadOnlyList<TakenLine>> TakeStock(IReadOnlyList<WantedLine> lines, CancellationToken ct)
    {
        if (lines.Count == 0)
            return [];

        var (ids, quantities) = Merge(lines);
        // Products are locked in the order of their ids, so that two orders cannot deadlock, and judged by their locked versions, which are
        // the latest. An uncounted product is written once in its life, to remember that it was ordered; a counted one is written anyway.
        // What is left is computed from the locked version too: PostgreSQL tries an update on the version of its snapshot first, where
        // stock - quantity may be below zero and break the check although the latest version has enough.
        var products = new Dictionary<Guid, Judged>(ids.Length);
        await db.Reading(
            [
                $"""
                with locked as (
                    select id, name, price_amount, currency, stock, is_available and (sold_out_until is null or sold_out_until <= {clock.GetUtcNow()}) as is_available, ordered from catalog.products
                    where id = any({ids}) and archived_at is null order by id for no key update
                ), judged as (
                    select locked.*, wanted.quantity, is_available and (stock is null or stock >= wanted.quantity) as fits
                    from locked join unnest({ids}, {quantities}) as wanted (id, quantity) using (id)
                ), taken as (
                    update catalog.products p set stock = judged.stock - judged.quantity, ordered = true from judged
                    where p.id = judged.id and (judged.stock is not null or not judged.ordered)
                        and (select count(*) = {ids.Length} and bool_and(fits) from judged)
                )
                select id, name, price_amount, currency, case when is_available then stock else 0 end, quantity, fits from judged
                """,
            ],
            async reader =>
            {
                while (await reader.ReadAsync(CancellationToken.None))
                    products.Add(reader.GetGuid(0), new(
                        reader.GetString(1), reader.GetInt64(2), reader.GetString(3), reader.IsDBNull(4) ? null : reader.GetInt32(4), reader.GetInt64(5), reader.GetBoolean(6)));
            }, ct);
        Require(ids, quantities, products);

        foreach (var (id, product) in products)
            if (product.Stock == product.Quantity)
                Product.Evict(db, id);
        return [.. lines.Select(line => products[line.ProductId].For(line))];
    }

    public async Task ReturnStock(IReadOnlyList<WantedLine> lines, CancellationToken ct)
    {
        if (lines.Count == 0)
            return;

        var (ids, quantities) = Merge(lines);
        var backOnSale = await db.Read(
            $"""
            with locked as (
                select id, stock from catalog.products where id = any({ids}) and stock is not null order by id for no key update
            )
            update catalog.products p set stock = least(locked.stock + wanted.quantity, 2147483647)
            from locked join unnest({ids}, {quantities}) as wanted (id, quantity) using (id)
            where p.id = locked.id
            returning p.id, locked.stock = 0
            """, reader => (Id: reader.GetGuid(0), WasSoldOut: reader.GetBoolean(1)), ct);
        foreach (var (id, wasSoldOut) in backOnSale)
            if (wasSoldOut)
                Product.Evict(db, id);
    }

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

    private readonly record struct Judged(string Name, long PriceAmount, string Currency, int? Stock, long Quantity, bool Fits)
    {
        public TakenLine For(WantedLine line) => new(line.ProductId, Name, line.Quantity, PriceAmount, Currency);
    }
}
