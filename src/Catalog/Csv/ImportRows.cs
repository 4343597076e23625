using System.Globalization;
using Quitanda.Catalog.Search;
using Quitanda.Platform;

namespace Quitanda.Catalog.Csv;

/// <summary>The rows of a file that are put aside, and the statements that make products of all of them at once.</summary>
/// <param name="db">The unit of work.</param>
/// <param name="id">The import.</param>
/// <param name="columns">Those that the file has: of the others nothing is changed.</param>
/// <param name="currency">The catalog's.</param>
/// <param name="now">The time.</param>
internal sealed class ImportRows(Db db, Guid id, string[] columns, string currency, DateTimeOffset now)
{
    /// <summary>A row <c>r</c> and its cells <c>c</c>.</summary>
    private static readonly Sql Rows = Sql.Raw("""
        catalog.import_rows r cross join lateral jsonb_to_record(r.cells) as c (
            "newId" uuid, id uuid, slug text, "slugWanted" text, name text, "nameFolded" text, description text, price bigint, category text, stock integer,
            "isAvailable" boolean, "isFeatured" boolean, tags text[], metadata jsonb, words text, labels text, described text)
        """);

    /// <summary>For each column what is set in a product, and to what.</summary>
    private static readonly (string Column, string Set, string To)[] OfProducts =
    [
        (Cells.Name, "name", "c.name"), (Cells.Name, "name_folded", "c.\"nameFolded\""), (Cells.Description, "description", "c.description"), (Cells.Price, "price_amount", "c.price"),
        (Cells.Category, "category_id", "r.category_id"), (Cells.Stock, "stock", "c.stock"), (Cells.IsAvailable, "is_available", "c.\"isAvailable\""),
        (Cells.IsFeatured, "is_featured", "c.\"isFeatured\""), (Cells.Tags, "tags", "c.tags"), (Cells.Metadata, "metadata", "c.metadata"),
    ];

    /// <summary>And in what is searched in. The words of its category's name are looked up.</summary>
    private static readonly (string Column, string Set, string To)[] OfSearch =
    [
        (Cells.Name, "name", "c.words"), (Cells.Description, "description", "c.described"), (Cells.Tags, "labels", "c.labels"), (Cells.Category, "category_id", "r.category_id"),
        (Cells.Category, "category", "shelf.words"),
    ];

    private (Guid[] Ids, string[] Words) _shelves = ([], []);

    /// <summary>Keeps the categories of the file from being deleted and named otherwise, before any product is locked, as everybody does.</summary>
    public async Task<List<HeldCategory>> HoldCategories(CancellationToken ct)
    {
        var held = await db.Read(
            $"select id, name from catalog.categories where slug in (select cells ->> 'category' from catalog.import_rows where import_id = {id}) order by id for share",
            reader => new HeldCategory(reader.GetGuid(0), reader.GetString(1)), ct);
        _shelves = ([.. held.Select(category => category.Id)], [.. held.Select(category => SearchWords.Of(category.Name))]);
        return held;
    }

    /// <summary>Finds the product of each row, by its id or else by its slug, and its category.</summary>
    public Task Match(CancellationToken ct) => db.Execute($"""
        update catalog.import_rows r set product_id = coalesce(same.id, alike.id), category_id = category.id
        from catalog.import_rows of
            left join catalog.products same on same.id = (of.cells ->> 'id')::uuid and same.archived_at is null
            left join catalog.products alike on same.id is null and alike.slug = of.cells ->> 'slug' and alike.archived_at is null
            left join catalog.categories category on category.slug = of.cells ->> 'category'
        where r.import_id = {id} and of.import_id = {id} and of.number = r.number
        """, ct);

    /// <summary>What is wrong with the rows that only the shop, or another row, can say.</summary>
    public Task<List<BadRow>> Errors(CancellationToken ct) => db.Read(
        $"""
        with matched as (select * from catalog.import_rows where import_id = {id})
        select number, 'category', 'is no category of this shop.' from matched where cells ->> 'category' is not null and category_id is null
        union all
        select number, 'id', 'is the same product as row ' || first || '.' from (select number, min(number) over (partition by product_id) as first from matched where product_id is not null) same where number > first
        union all
        select number, 'slug', 'is that of row ' || first || ' as well.'
            from (select number, min(number) over (partition by cells ->> 'slug') as first from matched where product_id is null and cells ->> 'slug' is not null) same where number > first
        union all
        select m.number, 'slug', 'is not the slug of this product, which keeps its own.' from matched m join catalog.products p on p.id = m.product_id where cells ->> 'slug' is not null and p.slug <> cells ->> 'slug'
        union all
        select number, needed, 'is needed for a new product.' from matched cross join unnest(array['name', 'price', 'category']) needed where product_id is null and cells ->> needed is null
        order by 1, 2
        """, reader => new BadRow(reader.GetInt32(0), reader.GetString(1), reader.GetString(2)), ct);

    /// <summary>Locks the products of the file in the order of their ids, as every sale does. One that is gone since has the job run again, which then adds it.</summary>
    public async Task HoldProducts(CancellationToken ct)
    {
        await db.Execute($"select 1 from catalog.products p where id in (select product_id from catalog.import_rows where import_id = {id}) order by id for no key update", ct);
        var gone = await db.ReadFirst(
            $"""
            select 1 from catalog.import_rows r where import_id = {id} and product_id is not null
                and not exists (select from catalog.products p where p.id = r.product_id and p.archived_at is null) limit 1
            """, _ => true, ct);
        if (gone)
            throw new InvalidOperationException("A product of the import was deleted meanwhile.");
    }

    /// <summary>
    /// Gives each new product its slug: the one it came with, or that of its name, numbered where others have it, in the shop or before it in the file. Numbers begin after the
    /// highest there is. Whoever takes one of them meanwhile meets the unique index, and the job runs again.
    /// </summary>
    public async Task NameSlugs(CancellationToken ct)
    {
        var fresh = await db.Read(
            $"select number, cells ->> 'slug', cells ->> 'slugWanted' from catalog.import_rows where import_id = {id} and product_id is null order by number",
            reader => (Number: reader.GetInt32(0), Given: reader.IsDBNull(1) ? null : reader.GetString(1), Wanted: reader.IsDBNull(2) ? "" : reader.GetString(2)), ct);
        string[] stems = [.. fresh.Where(row => row.Given is null).Select(row => row.Wanted).Distinct(StringComparer.Ordinal)];
        var taken = new HashSet<string>(await db.Read(
            $"""
            select p.slug from unnest({stems}) as stem cross join lateral (
                select slug from catalog.products where archived_at is null and slug >= stem and slug < stem || '.' and substr(slug, length(stem) + 1) ~ '^(-[1-9][0-9]{Sql.Raw("{0,8}")})?$') p
            """, reader => reader.GetString(0), ct), StringComparer.Ordinal);
        taken.UnionWith(fresh.Where(row => row.Given is not null).Select(row => row.Given!));

        var highest = new Dictionary<string, long>(StringComparer.Ordinal);
        // A name of the file that ends in a number has that slug, and no other name is numbered into it.
        foreach (var slug in taken.Concat(stems))
            if (slug.LastIndexOf('-') is > 0 and var dash && slug.Length - dash <= 10 && slug[dash + 1] != '0' && long.TryParse(slug.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                highest[slug[..dash]] = Math.Max(highest.GetValueOrDefault(slug[..dash], 1), number);
        var slugs = fresh.ConvertAll(row => row.Given ?? (taken.Add(row.Wanted) ? row.Wanted : $"{row.Wanted}-{highest[row.Wanted] = highest.GetValueOrDefault(row.Wanted, 1) + 1}"));
        await db.Execute($"""
            update catalog.import_rows r set slug = named.slug from unnest({fresh.ConvertAll(row => row.Number).ToArray()}, {slugs.ToArray()}) as named (number, slug)
            where r.import_id = {id} and r.number = named.number
            """, ct);
    }

    /// <summary>Changes the products of some rows that read otherwise, and says how many those are.</summary>
    public async Task<int> Change(int after, int upTo, CancellationToken ct)
    {
        var search = Differing(OfSearch, "s");
        if (search is var (setSearch, isOther))
            await db.Execute($"""
                update catalog.product_search s set {setSearch} from {Rows}
                left join unnest({_shelves.Ids}, {_shelves.Words}) as shelf (id, words) on shelf.id = r.category_id
                where r.import_id = {id} and r.number > {after} and r.number <= {upTo} and s.product_id = r.product_id and {isOther}
                """, ct);
        if (Differing(OfProducts, "p") is not var (set, differs))
            return 0;
        return await db.Execute($"""
            update catalog.products p set {set}, currency = {currency}, updated_at = {now} from {Rows}
            where r.import_id = {id} and r.number > {after} and r.number <= {upTo} and p.id = r.product_id and {differs}
            """, ct);
    }

    /// <summary>Adds the products of some rows that are new, and says how many those are.</summary>
    public async Task<int> Add(int after, int upTo, CancellationToken ct)
    {
        var added = await db.Execute($"""
            insert into catalog.products (
                id, slug, name, name_folded, description, price_amount, currency, category_id, stock, is_available, is_featured, tags, metadata, ordered, created_at, updated_at)
            select "newId", r.slug, c.name, "nameFolded", coalesce(c.description, ''), price, {currency}, r.category_id, stock,
                coalesce("isAvailable", true), coalesce("isFeatured", false), coalesce(tags, '{Sql.Raw("{}")}'), coalesce(metadata, '{Sql.Raw("{}")}'), false, {now}, {now}
            from {Rows} where r.import_id = {id} and r.number > {after} and r.number <= {upTo} and r.product_id is null
            """, ct);
        if (added > 0)
            await db.Execute($"""
                insert into catalog.product_search (product_id, category_id, name, labels, category, description)
                select "newId", r.category_id, c.words, coalesce(labels, ''), shelf.words, coalesce(described, '')
                from {Rows} join unnest({_shelves.Ids}, {_shelves.Words}) as shelf (id, words) on shelf.id = r.category_id
                where r.import_id = {id} and r.number > {after} and r.number <= {upTo} and r.product_id is null
                """, ct);
        return added;
    }

    /// <summary>Keeps the words of the file, for whoever mistypes them.</summary>
    public Task Learn(string[] categories, CancellationToken ct) => db.Execute($"""
        insert into catalog.search_words (word)
        select distinct word from (
            select unnest(string_to_array(concat_ws(' ', cells ->> 'words', cells ->> 'labels'), ' ')) from catalog.import_rows where import_id = {id}
            union all
            select word from unnest({SearchWords.Learned(categories)}) as word
        ) as words (word) where length(word) between 3 and 40 order by word on conflict do nothing
        """, ct);

    /// <summary>The assignments of the columns that the file has, and whether they change anything; null where it has none of them.</summary>
    private (Sql Set, Sql Differs)? Differing((string Column, string Set, string To)[] all, string of)
    {
        var here = all.Where(pair => columns.Contains(pair.Column, StringComparer.Ordinal)).ToArray();
        if (here.Length == 0)
            return null;
        var set = string.Join(", ", here.Select(pair => $"{pair.Set} = {pair.To}"));
        var (before, after) = (string.Join(", ", here.Select(pair => $"{of}.{pair.Set}")), string.Join(", ", here.Select(pair => pair.To)));
        return (Sql.Raw(set), Sql.Raw($"row ({before}) is distinct from row ({after})"));
    }
}
