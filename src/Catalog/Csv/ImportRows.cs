using System.Globalization;
using Quitanda.Catalog.Search;
using Quitanda.Platform;

namespace Quitanda.Catalog.Csv;

/// <summary>The rows of a file that are put aside: what they mean in this shop, and the statements that make products of those that are new.</summary>
/// <param name="db">The unit of work.</param>
/// <param name="id">The import.</param>
/// <param name="currency">The catalog's.</param>
/// <param name="now">The time.</param>
internal sealed class ImportRows(Db db, Guid id, string currency, DateTimeOffset now)
{
    /// <summary>A row <c>r</c> and its cells <c>c</c>.</summary>
    public static readonly Sql Rows = Sql.Raw("""
        catalog.import_rows r cross join lateral jsonb_to_record(r.cells) as c (
            "newId" uuid, id uuid, slug text, "slugWanted" text, name text, "nameFolded" text, description text, price bigint, category text, stock integer,
            "isAvailable" boolean, "isFeatured" boolean, tags text[], metadata jsonb, words text, labels text, described text,
            nutrition jsonb, options text, images uuid[])
        """);

    /// <summary>The categories of the file, and the words that their products are found by.</summary>
    public (Guid[] Ids, string[] Words) Shelves { get; private set; } = ([], []);

    /// <summary>Keeps the categories of the file from being deleted and named otherwise, before any product is locked, as everybody does.</summary>
    public async Task HoldCategories(CancellationToken ct)
    {
        var held = await db.Read(
            $"select id, name from catalog.categories where slug in (select cells ->> 'category' from catalog.import_rows where import_id = {id}) order by id for share",
            reader => new HeldCategory(reader.GetGuid(0), reader.GetString(1)), ct);
        Shelves = ([.. held.Select(category => category.Id)], [.. held.Select(category => SearchWords.Of(category.Name))]);
    }

    /// <summary>Finds the product of each row, by its id or else by its slug, and its category among those that are held: what came a moment later has no words here.</summary>
    public Task Match(CancellationToken ct) => db.Execute($"""
        update catalog.import_rows r set product_id = coalesce(same.id, alike.id), category_id = category.id
        from catalog.import_rows of
            left join catalog.products same on same.id = (of.cells ->> 'id')::uuid and same.archived_at is null
            left join catalog.products alike on same.id is null and alike.slug = of.cells ->> 'slug' and alike.archived_at is null
            left join catalog.categories category on category.slug = of.cells ->> 'category' and category.id = any({Shelves.Ids})
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

    /// <summary>
    /// Gives each new product its slug: the one it came with, or that of its name, numbered where others have it, in the shop or before it in the file. Numbers begin after the
    /// highest there is of four digits, and pass over those that are taken. Whoever takes one of them meanwhile meets the unique index, and the job runs again.
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
            if (slug.LastIndexOf('-') is > 0 and var dash && slug.Length - dash - 1 <= Slugs.DigitsCounted && slug[dash + 1] != '0' && long.TryParse(slug.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                highest[slug[..dash]] = Math.Max(highest.GetValueOrDefault(slug[..dash], 1), number);
        var slugs = fresh.ConvertAll(row => row.Given ?? (taken.Add(row.Wanted) ? row.Wanted : Numbered(row.Wanted)));
        await db.Execute($"""
            update catalog.import_rows r set slug = named.slug from unnest({fresh.ConvertAll(row => row.Number).ToArray()}, {slugs.ToArray()}) as named (number, slug)
            where r.import_id = {id} and r.number = named.number
            """, ct);

        string Numbered(string wanted)
        {
            var number = highest.GetValueOrDefault(wanted, 1);
            string slug;
            do
                slug = $"{wanted}-{++number}";
            while (!taken.Add(slug));
            highest[wanted] = number;
            return slug;
        }
    }

    /// <summary>Adds the products of some rows that are new, and says how many those are.</summary>
    public async Task<int> Add(int after, int upTo, CancellationToken ct)
    {
        var added = await db.Execute($"""
            insert into catalog.products (
                id, slug, name, name_folded, description, price_amount, currency, category_id, stock, is_available, is_featured, tags, nutrition, metadata, ordered, created_at, updated_at)
            select "newId", r.slug, c.name, "nameFolded", coalesce(c.description, ''), price, {currency}, r.category_id, stock,
                coalesce("isAvailable", true), coalesce("isFeatured", false), coalesce(tags, '{Sql.Raw("{}")}'), nutrition, coalesce(metadata, '{Sql.Raw("{}")}'), false, {now}, {now}
            from {Rows} where r.import_id = {id} and r.number > {after} and r.number <= {upTo} and r.product_id is null
            """, ct);
        if (added > 0)
            await db.Execute($"""
                insert into catalog.product_search (product_id, category_id, name, labels, category, description)
                select "newId", r.category_id, c.words, coalesce(labels, ''), shelf.words, coalesce(described, '')
                from {Rows} join unnest({Shelves.Ids}, {Shelves.Words}) as shelf (id, words) on shelf.id = r.category_id
                where r.import_id = {id} and r.number > {after} and r.number <= {upTo} and r.product_id is null
                """, ct);
        return added;
    }

    /// <summary>The words of new and changed products that nobody can mistype yet. Looked for before products are held, so that the keeping is short.</summary>
    public Task<List<string>> UnknownWords(int[] changed, CancellationToken ct) => db.Read(
        $"""
        select word from (
            select unnest(string_to_array(concat_ws(' ', cells ->> 'words', cells ->> 'labels'), ' ')) from catalog.import_rows where import_id = {id} and product_id is null
            union
            select unnest(string_to_array(concat_ws(' ', cells ->> 'words', cells ->> 'labels'), ' ')) from catalog.import_rows where import_id = {id} and number = any({changed})
            union
            select word from unnest({SearchWords.Learned(Shelves.Words)}) as word
        ) as words (word)
        where length(word) between 3 and 40 and not exists (select from catalog.search_words known where known.word = words.word) order by word
        """, reader => reader.GetString(0), ct);

    /// <summary>Keeps words for whoever mistypes them. In their order, as everybody does who keeps more than one.</summary>
    public Task Learn(List<string> words, CancellationToken ct) =>
        words.Count == 0 ? Task.CompletedTask : db.Execute($"insert into catalog.search_words (word) select word from unnest({words.ToArray()}) as word order by word on conflict do nothing", ct);
}
