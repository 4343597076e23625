using Quitanda.Catalog.Products;
using Quitanda.Platform;

namespace Quitanda.Catalog.Csv;

/// <summary>The statements that change the products of a file's rows, so that a product is held only where it reads otherwise, and as late as can be: whoever sells it waits.</summary>
/// <param name="db">The unit of work.</param>
/// <param name="id">The import.</param>
/// <param name="columns">Those that the file has: of the others nothing is changed.</param>
/// <param name="rows">Its rows, matched.</param>
/// <param name="currency">The catalog's.</param>
/// <param name="by">Who imports.</param>
/// <param name="now">The time.</param>
internal sealed class ImportedChanges(Db db, Guid id, string[] columns, ImportRows rows, string currency, Guid by, DateTimeOffset now)
{
    /// <summary>For each column what is set in a product, and to what.</summary>
    private static readonly (string Column, string Set, string To)[] OfProducts =
    [
        (Cells.Name, "name", "c.name"), (Cells.Name, "name_folded", "c.\"nameFolded\""), (Cells.Description, "description", "c.description"), (Cells.Price, "price_amount", "c.price"),
        (Cells.Category, "category_id", "r.category_id"), (Cells.Stock, "stock", "c.stock"), (Cells.IsAvailable, "is_available", "c.\"isAvailable\""),
        (Cells.IsFeatured, "is_featured", "c.\"isFeatured\""), (Cells.Tags, "tags", "c.tags"), (Cells.Metadata, "metadata", "c.metadata"), (Cells.ServingSize, "nutrition", "c.nutrition"),
    ];

    /// <summary>And in what is searched in. The words of its category's name are looked up.</summary>
    private static readonly (string Column, string Set, string To)[] OfSearch =
    [
        (Cells.Name, "name", "c.words"), (Cells.Description, "description", "c.described"), (Cells.Tags, "labels", "c.labels"), (Cells.Category, "category_id", "r.category_id"),
        (Cells.Category, "category", "shelf.words"),
    ];

    /// <summary>Whether it says what things cost, in the catalog's currency. An amount in another one is never taken for the same in this.</summary>
    private bool IsPriced => columns.Contains(Cells.Price, StringComparer.Ordinal);

    /// <summary>Those of some rows whose products read otherwise, by their numbers. Nothing is held: one that is sold or changed a moment later comes after the import, where the file agrees with it now.</summary>
    public async Task<List<int>> Find(int after, int upTo, CancellationToken ct) => Present(OfProducts) is not { Length: > 0 } here ? [] : await db.Read(
        $"""
        select r.number from {ImportRows.Rows} join catalog.products p on p.id = r.product_id
        where r.import_id = {id} and r.number > {after} and r.number <= {upTo} and ({Differs(here, "p")}{(IsPriced ? Sql.Of($" or p.currency <> {currency}") : Sql.Nothing)})
        """, row => row.GetInt32(0), ct);

    /// <summary>Rows by their numbers, in the order of the ids of their products.</summary>
    public Task<List<(int Number, Guid ProductId)>> InOrder(int[] numbers, CancellationToken ct) => db.Read(
        $"select number, product_id from catalog.import_rows where import_id = {id} and number = any({numbers}) order by product_id", row => (row.GetInt32(0), row.GetGuid(1)), ct);

    /// <summary>Holds the products of some rows in the order of their ids, as every sale does, and writes to them what is in the rows. They come in that order, too: so all of them are held in it.</summary>
    /// <exception cref="InvalidOperationException">One is gone since: the job runs again, and then adds it.</exception>
    public async Task Write(int[] numbers, Guid[] ids, CancellationToken ct)
    {
        var held = (await db.Read(
            $"select id, price_amount, currency from catalog.products where id = any({ids}) and archived_at is null order by id for no key update",
            row => (row.GetGuid(0), new Money(row.GetInt64(1), row.GetString(2))), ct)).ToDictionary();
        if (held.Count < ids.Length)
            throw new InvalidOperationException("A product of the import was deleted meanwhile.");

        var set = Sql.Raw(string.Concat(Present(OfProducts).Select(pair => $", {pair.Set} = {pair.To}")));
        var after = await db.Read(
            $"""
            update catalog.products p set updated_at = {now}{(IsPriced ? Sql.Of($", currency = {currency}") : Sql.Nothing)}{set} from {ImportRows.Rows}
            where r.import_id = {id} and r.number = any({numbers}) and p.id = r.product_id
            returning p.id, p.price_amount, p.currency
            """, row => new PriceChange(row.GetGuid(0), held[row.GetGuid(0)], new(row.GetInt64(1), row.GetString(2))), ct);
        await db.AuditEach(PriceChange.Action, by, "products", after.FindAll(change => change.IsOne).ConvertAll(Noted), ct);
        if (Present(OfSearch) is not { Length: > 0 } here)
            return;
        // Who names a category otherwise goes through these rows in the order of their ids as well, and holds no product.
        var reads = Sql.Raw(string.Join(", ", here.Select(pair => $"{pair.Set} = {pair.To}")));
        var found = Sql.Of($"{ImportRows.Rows} left join unnest({rows.Shelves.Ids}, {rows.Shelves.Words}) as shelf (id, words) on shelf.id = r.category_id");
        await db.Execute($"""
            with held as (
                select s.product_id, r.number from catalog.product_search s, {found}
                where r.import_id = {id} and r.number = any({numbers}) and s.product_id = r.product_id and {Differs(here, "s")} order by s.product_id for no key update of s
            )
            update catalog.product_search s set {reads} from held, {found}
            where r.import_id = {id} and r.number = any({numbers}) and r.number = held.number and s.product_id = held.product_id
            """, ct);
    }

    private (Guid ProductId, IReadOnlyDictionary<string, string> Facts) Noted(PriceChange change)
    {
        var facts = change.Facts;
        facts["importId"] = $"{id}";
        return (change.ProductId, facts);
    }

    private (string Column, string Set, string To)[] Present((string Column, string Set, string To)[] all) => [.. all.Where(pair => columns.Contains(pair.Column, StringComparer.Ordinal))];

    private static Sql Differs((string Column, string Set, string To)[] here, string of) =>
        Sql.Raw($"row ({string.Join(", ", here.Select(pair => $"{of}.{pair.Set}"))}) is distinct from row ({string.Join(", ", here.Select(pair => pair.To))})");
}
