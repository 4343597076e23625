using System.Text.Json;
using Microsoft.Extensions.Options;
using Quitanda.Catalog.Options;
using Quitanda.Catalog.Products;
using Quitanda.Catalog.Search;
using Quitanda.Platform;

namespace Quitanda.Catalog;

/// <summary>The menu of the demo snack bar.</summary>
internal sealed class DemoMenu(IOptions<CatalogSettings> settings, TimeProvider clock) : IDemo
{
    public async Task<bool> IsEmpty(Db db, CancellationToken ct) => !await db.ReadFirst($"select 1 from catalog.categories limit 1", _ => true, ct);

    public async Task Fill(Db db, DemoPeople people, CancellationToken ct)
    {
        await using var file = typeof(DemoMenu).Assembly.GetManifestResourceStream("vai-coxinha.json")!;
        var menu = (await JsonSerializer.DeserializeAsync<Menu>(file, Wire.Json, ct))!;
        var now = clock.GetUtcNow();
        var categories = menu.Categories.Select((category, position) =>
            new { Id = Guid.CreateVersion7(now), category.Name, Slug = Slug.Of(category.Name, "category"), category.Description, Position = position, category.Products, category.OptionGroups }).ToList();

        // Lists begin with the newest, so the first of the menu is made the newest.
        var products = categories.SelectMany(category => category.Products.Select(product => (Category: category.Id, Shelf: category.Name, category.OptionGroups, Product: product))).Select((item, at) => new
        {
            Id = Guid.CreateVersion7(now),
            Slug = Slug.Of(item.Product.Name, "product"),
            item.Product.Name,
            NameFolded = Folded.ForSorting(item.Product.Name),
            item.Product.Description,
            Words = SearchWords.OfName(item.Product.Name),
            Labels = SearchIndex.LabelsOf(item.Product.Tags),
            Category = SearchWords.Of(item.Shelf),
            Described = SearchWords.Of(item.Product.Description),
            item.Product.PriceAmount,
            CategoryId = item.Category,
            item.Product.Stock,
            item.Product.IsAvailable,
            item.Product.IsFeatured,
            item.Product.Tags,
            item.Product.Nutrition,
            OptionGroups = Groups(item.OptionGroups),
            CreatedAt = now.AddSeconds(-at),
        }).ToList();

        // What is counted of a shelf is counted for each of its products.
        var counted = categories.SelectMany(category => products.Where(product => product.CategoryId == category.Id).SelectMany(product => (product.OptionGroups ?? [])
            .SelectMany(group => group.Options).Where(option => option.IsCounted)
            .Select(option => (Option: option.Id, Product: product.Id, Stock: category.OptionGroups!.SelectMany(group => group.Options).First(known => known.Name == option.Name).Stock!.Value)))).ToList();

        db.Write($"""
            insert into catalog.categories (id, name, slug, description, position, created_at, updated_at)
            select id, name, slug, description, position, {now}, {now}
            from jsonb_to_recordset({Sql.Json(categories)}) as row (id uuid, name text, slug text, description text, position integer)
            """);
        db.Write($"""
            insert into catalog.products (
                id, slug, name, name_folded, description, price_amount, currency, category_id,
                stock, is_available, is_featured, tags, nutrition, metadata, option_groups, counts_options, ordered, created_at, updated_at)
            select id, slug, name, "nameFolded", description, "priceAmount", {settings.Value.Currency}, "categoryId",
                stock, "isAvailable", "isFeatured", tags, nullif(nutrition, 'null'), {Sql.Json(new Dictionary<string, string>(StringComparer.Ordinal))}, nullif("optionGroups", 'null'), coalesce("optionGroups" @? '$[*].options[*] ? (@.isCounted == true)', false), false, "createdAt", "createdAt"
            from jsonb_to_recordset({Sql.Json(products)}) as row (
                id uuid, slug text, name text, "nameFolded" text, description text, "priceAmount" bigint, "categoryId" uuid,
                stock integer, "isAvailable" boolean, "isFeatured" boolean, tags text[], nutrition jsonb, "optionGroups" jsonb, "createdAt" timestamptz)
            """);
        db.Write($"""
            insert into catalog.option_stock (option_id, product_id, stock)
            select id, product_id, stock from unnest({counted.Select(one => one.Option).ToArray()}, {counted.Select(one => one.Product).ToArray()}, {counted.Select(one => one.Stock).ToArray()}) as row (id, product_id, stock)
            """);
        db.Write($"""
            insert into catalog.product_search (product_id, category_id, name, labels, category, description)
            select id, "categoryId", words, labels, category, described
            from jsonb_to_recordset({Sql.Json(products)}) as row (id uuid, "categoryId" uuid, words text, labels text, category text, described text)
            """);
        db.Write($"insert into catalog.search_words (word) select word from unnest({SearchWords.Learned(products.SelectMany(product => new[] { product.Words, product.Labels, product.Category }))}) as word on conflict do nothing");
        db.Evict(Categories.Category.All);
        db.Evict(Product.All);
    }

    private sealed record Menu(Shelf[] Categories);

    private static OptionGroup[]? Groups(Extras[]? extras) => extras is null ? null : Array.ConvertAll(extras, group => new OptionGroup(
        Guid.CreateVersion7(), group.Name, group.Min, group.Max, group.Free, Array.ConvertAll(group.Options, option => new Option(Guid.CreateVersion7(), option.Name, option.PriceAmount, IsAvailable: true, IsCounted: option.Stock is not null))));

    private sealed record Shelf(string Name, string Description, Item[] Products, Extras[]? OptionGroups = null);

    private sealed record Extras(string Name, int Min, int Max, Extra[] Options, int Free = 0);

    private sealed record Extra(string Name, long PriceAmount, int? Stock = null);

    private sealed record Item(string Name, string Description, long PriceAmount, int? Stock, bool IsFeatured, bool IsAvailable, string[] Tags, Nutrition Nutrition);
}
