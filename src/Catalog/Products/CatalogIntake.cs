using System.Security.Cryptography;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Options;
using Quitanda.Catalog.Categories;
using Quitanda.Catalog.Search;
using Quitanda.Platform;

namespace Quitanda.Catalog.Products;

/// <summary>Takes in what another shop sold: a statement for all of it, and the unique indexes decide.</summary>
internal sealed class CatalogIntake(Db db, IOptions<CatalogSettings> settings, TimeProvider clock) : ICatalogIntake
{
    public async Task<IReadOnlyList<Arrival>> TakeCategories(IReadOnlyList<IncomingCategory> categories, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var rows = categories.Select((category, place) => ShelfOf(category, place, now)).ToList();
        // One after the other with whoever else brings categories, so that what is not here stays so until they are added.
        await db.Execute($"select pg_advisory_xact_lock(hashtextextended('catalog.category-intake', 0))", ct);
        var here = (await db.Read($"select slug, id from catalog.categories where slug = any({rows.Select(row => row.Slug).ToArray()})", row => (row.GetString(0), row.GetGuid(1)), ct))
            .ToDictionary(StringComparer.Ordinal);
        var fresh = new HashSet<string>(StringComparer.Ordinal);
        foreach (var row in rows.Where(row => row.Arrival.MayCome))
            if (here.TryGetValue(row.Slug, out var id))
                row.Arrival.Join(id, "category_joined", "A category of this slug is here already; it stays as it is.");
            else if (!fresh.Add(row.Slug))
                row.Slug = Apart(row.Slug, row.Id);

        var added = rows.Where(row => row.Arrival is { MayCome: true, IsJoined: false }).ToList();
        await db.Execute(
            $"""
            insert into catalog.categories (id, name, slug, description, position, created_at, updated_at)
            select id, name, slug, description, least(coalesce((select max(position) + 1 from catalog.categories), 0) + row_number() over (order by place) - 1, 1000000), "createdAt", "createdAt"
            from jsonb_to_recordset({Sql.Json(added)}) as row (id uuid, name text, slug text, description text, place integer, "createdAt" timestamptz)
            """, ct);
        db.Evict(Category.All);
        return [.. rows.Select(row => row.Arrival)];
    }

    public async Task<IReadOnlyList<Arrival>> Take(IReadOnlyList<IncomingProduct> products, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        // Held against another name: products are found by it.
        var shelves = (await db.Read(
            $"select id, name from catalog.categories where id = any({products.Select(product => product.CategoryId).Distinct().ToArray()}) order by id for share",
            row => (Id: row.GetGuid(0), Name: row.GetString(1)), ct)).ToDictionary(shelf => shelf.Id, shelf => shelf.Name);
        var rows = products.Select(product => Of(product, shelves.GetValueOrDefault(product.CategoryId), now)).ToList();
        await Part(rows, ct);

        var wanted = rows.Where(row => row.Arrival.MayCome).ToList();
        if (wanted.Count == 0)
            return [.. rows.Select(row => row.Arrival)];
        var added = (await db.Read(
            $"""
            insert into catalog.products (
                id, slug, name, name_folded, description, price_amount, currency, category_id,
                stock, is_available, is_featured, tags, nutrition, metadata, ordered, created_at, updated_at)
            select id, slug, name, "nameFolded", description, price, {settings.Value.Currency}, "categoryId",
                stock, "isAvailable", "isFeatured", tags, nullif(nutrition, 'null'), metadata, "isOrdered", "createdAt", "updatedAt"
            from jsonb_to_recordset({Sql.Json(wanted)}) as row (
                id uuid, slug text, name text, "nameFolded" text, description text, price bigint, "categoryId" uuid, stock integer, "isAvailable" boolean, "isFeatured" boolean,
                tags text[], nutrition jsonb, metadata jsonb, "isOrdered" boolean, "createdAt" timestamptz, "updatedAt" timestamptz)
            on conflict (slug) where archived_at is null do nothing
            returning id
            """, row => row.GetGuid(0), ct)).ToHashSet();
        foreach (var row in wanted.Where(row => !added.Contains(row.Id)))
            row.Arrival.Refuse("taken_meanwhile", "Somebody added a product of the same slug in this moment; it comes with the next run.");
        var found = wanted.Where(row => added.Contains(row.Id)).ToList();
        await db.Execute(
            $"""
            insert into catalog.product_search (product_id, category_id, name, labels, category, description)
            select id, "categoryId", words, labels, shelf, described
            from jsonb_to_recordset({Sql.Json(found)}) as row (id uuid, "categoryId" uuid, words text, labels text, shelf text, described text)
            """, ct);
        var learned = SearchWords.Learned(found.SelectMany(row => new[] { row.Words, row.Labels, row.Shelf }));
        await db.Execute($"insert into catalog.search_words (word) select word from unnest({learned}) as word on conflict do nothing", ct);
        db.Evict(Product.All);
        return [.. rows.Select(row => row.Arrival)];
    }

    /// <summary>Those whose slug somebody has, or another of them, get letters of their own behind it: the same ones whenever they come.</summary>
    private async Task Part(List<Row> rows, CancellationToken ct)
    {
        var taken = (await db.Read($"select slug from catalog.products where archived_at is null and slug = any({rows.Select(row => row.Slug).ToArray()})", row => row.GetString(0), ct)).ToHashSet(StringComparer.Ordinal);
        foreach (var row in rows.Where(row => row.Arrival.MayCome && !taken.Add(row.Slug)))
        {
            row.Slug = Apart(row.Slug, row.Id);
            row.Arrival.Note("slug_changed", "slug: another product has it; letters were put behind it.");
        }
    }

    private static ShelfRow ShelfOf(IncomingCategory given, int place, DateTimeOffset now)
    {
        var arrival = new Arrival(given.Id);
        var name = Named(arrival, given.Name, 100);
        return new()
        {
            Arrival = arrival,
            Id = given.Id,
            Name = name,
            Slug = SlugOf(given.Slug, name, "category"),
            Description = arrival.Words(given.Description, 1000, "description"),
            Place = place,
            CreatedAt = given.CreatedAt ?? now,
        };
    }

    private Row Of(IncomingProduct product, string? shelf, DateTimeOffset now)
    {
        var arrival = new Arrival(product.Id);
        if (shelf is null)
            arrival.Refuse("category_missing", "Its category is not here.");
        if (product.Price.Currency != settings.Value.Currency)
            arrival.Refuse("other_currency", $"Its price is in {product.Price.Currency}, and the catalog's currency is {settings.Value.Currency}.");
        if (product.Price.Amount is < 0 or > Money.Most)
            arrival.Refuse("price_invalid", "Its price is less than nothing, or more than can be.");
        var (name, description) = (Named(arrival, product.Name, 200), arrival.Words(product.Description, 5000, "description") ?? "");
        var tags = LabelsAttribute.Kept([.. product.Tags.Select(tag => arrival.Line(tag, 50, "tags")).OfType<string>()]);
        if (tags.Length > AddProduct.TagsAtMost)
        {
            arrival.Note("cut", $"tags: more than {AddProduct.TagsAtMost}; the rest was left out.");
            tags = tags[..AddProduct.TagsAtMost];
        }

        if (product.Stock is < 0 or > AddProduct.StockAtMost)
            arrival.Note("stock_changed", "stock: less than nothing, or more than can be counted; it is none now.");
        var created = product.CreatedAt ?? now;
        return new()
        {
            Arrival = arrival,
            Id = product.Id,
            Slug = SlugOf(product.Slug, name, "product"),
            Name = name,
            NameFolded = Folded.ForSorting(name),
            Description = description,
            Price = product.Price.Amount,
            CategoryId = product.CategoryId,
            Stock = product.Stock is < 0 or > AddProduct.StockAtMost ? 0 : product.Stock,
            IsAvailable = product.IsAvailable,
            IsFeatured = product.IsFeatured,
            Tags = tags,
            Nutrition = NutritionOf(arrival, product.Nutrition),
            Metadata = product.Metadata,
            CreatedAt = created,
            UpdatedAt = product.UpdatedAt is { } updated && updated > created ? updated : created,
            Words = SearchWords.OfName(name),
            Labels = SearchIndex.LabelsOf(tags),
            Shelf = SearchWords.Of(shelf ?? ""),
            Described = SearchWords.Of(description),
        };
    }

    /// <summary>What is not known is not nothing: people with allergies read it.</summary>
    private static Nutrition? NutritionOf(Arrival arrival, IncomingNutrition? given)
    {
        if (given is null)
            return null;
        var allergens = given.Allergens?.Select(allergen => allergen.Trim()).Where(allergen => allergen.Length is > 0 and <= 50).Distinct(StringComparer.Ordinal).Take(30).ToArray();
        if (given is { ServingSize: { Length: > 0 and <= 100 } size, Calories: { } calories, Protein: { } protein, Carbohydrates: { } carbohydrates, Fat: { } fat, Sodium: { } sodium } && allergens is not null
            && Validation.Errors(new Nutrition(size, calories, protein, carbohydrates, fat, sodium, allergens)) is null)
            return new(size, calories, protein, carbohydrates, fat, sodium, allergens);
        arrival.Note("nutrition_left_out", "nutrition: not whole, so it was left out; what is not known is not nothing.");
        return null;
    }

    private static string Named(Arrival arrival, string? name, int longest)
    {
        if (arrival.Line(name, longest, "name") is { } line)
            return line;
        arrival.Refuse("name_missing", "It has no name.");
        return "";
    }

    private static string SlugOf(string? given, string name, string otherwise)
    {
        var slug = Slug.Of(given ?? name, otherwise);
        // As it was, so that addresses that are known stay good, unless it cannot be one here.
        return slug == otherwise && given is not null ? Slug.Of(name, otherwise) : slug;
    }

    private static string Apart(string slug, Guid id) => $"{slug}-{Convert.ToHexStringLower(SHA256.HashData(id.ToByteArray()))[..8]}";

    private sealed class ShelfRow
    {
        [JsonIgnore]
        public Arrival Arrival { get; init; } = null!;
        public required Guid Id { get; init; }
        public required string Name { get; init; }
        public required string Slug { get; set; }
        public string? Description { get; init; }
        public required int Place { get; init; }
        public required DateTimeOffset CreatedAt { get; init; }
    }

    /// <summary>A product as the tables take it.</summary>
    private sealed class Row
    {
        [JsonIgnore]
        public Arrival Arrival { get; init; } = null!;
        public required Guid Id { get; init; }
        public required string Slug { get; set; }
        public required string Name { get; init; }
        public required string NameFolded { get; init; }
        public required string Description { get; init; }
        public required long Price { get; init; }
        public required Guid CategoryId { get; init; }
        public int? Stock { get; init; }
        public required bool IsAvailable { get; init; }
        public required bool IsFeatured { get; init; }
        public required string[] Tags { get; init; }
        public Nutrition? Nutrition { get; init; }
        public required IReadOnlyDictionary<string, string> Metadata { get; init; }

        /// <summary>Orders of before may name it, so it is archived and never deleted.</summary>
        public bool IsOrdered { get; } = true;
        public required DateTimeOffset CreatedAt { get; init; }
        public required DateTimeOffset UpdatedAt { get; init; }
        public required string Words { get; init; }
        public required string Labels { get; init; }
        public required string Shelf { get; init; }
        public required string Described { get; init; }
    }
}
