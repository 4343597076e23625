using Quitanda.Catalog.Products;
using Quitanda.Platform;
using Quitanda.Tests.Accounts;

namespace Quitanda.Tests.Catalog;

/// <summary>Reads the plans of lists over a shop large enough that reading all of it would show.</summary>
public sealed class ProductIndexTests(ProductIndexTests.LargeShop app) : IClassFixture<ProductIndexTests.LargeShop>
{
    [Theory]
    [InlineData("-createdAt", "products_by_age")]
    [InlineData("price", "products_by_price")]
    [InlineData("-name", "products_by_name")]
    public Task A_sort_has_an_index(string sort, string index) => Uses(new(), sort, index);

    [Theory]
    [InlineData("-createdAt", "products_of_category_by_age")]
    [InlineData("-price", "products_of_category_by_price")]
    [InlineData("name", "products_of_category_by_name")]
    public Task A_sort_within_a_category_has_an_index(string sort, string index) => Uses(new() { Category = "c1" }, sort, index);

    [Fact]
    public Task What_is_featured_has_an_index() => Uses(new() { Featured = true }, "-createdAt", "products_featured");

    [Fact]
    public Task A_tag_has_an_index() => Uses(new() { Tag = "raro" }, "-createdAt", "products_by_tag");

    [Fact]
    public Task A_search_has_an_index() => Uses(new() { Search = "agulha" }, "-createdAt", "products_by_text");

    private async Task Uses(ListProducts.Query query, string sort, string index)
    {
        var column = Sql.Raw(ListProducts.Sorts.Single(field => field.Name.TrimStart('-') == sort.TrimStart('-')).Column);
        var way = Sql.Raw(sort.StartsWith('-') ? "desc" : "asc");
        var plan = await app.WithDb(db => db.Read(
            $"explain select {ListedProduct.Columns} from catalog.products p left join catalog.categories c on c.id = p.category_id where {ListProducts.Where(query)} order by {column} {way}, p.id {way} limit 21",
            reader => reader.GetString(0), TestContext.Current.CancellationToken));
        var text = string.Join('\n', plan);
        Assert.Contains($" {index}", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Seq Scan on products", text, StringComparison.Ordinal);
    }

    public sealed class LargeShop(TestPostgres postgres) : QuitandaApp(postgres), IAsyncLifetime
    {
        async ValueTask IAsyncLifetime.InitializeAsync()
        {
            await InitializeAsync();
            var now = Clock.GetUtcNow();
            await this.Execute($"""
                insert into catalog.categories (id, name, slug, position, created_at, updated_at)
                select gen_random_uuid(), 'C' || n, 'c' || n, n, {now}, {now} from generate_series(1, 20) n
                """);
            await this.Execute($"""
                insert into catalog.products (
                    id, slug, name, name_folded, description, search_text, price_amount, currency, category_id, is_available, is_featured, tags, metadata, ordered, created_at, updated_at)
                select gen_random_uuid(), 'p' || n, 'P' || n, 'p' || n, '', 'p' || n || case when n % 997 = 0 then ' agulha' else ' palha' end, n * 7919 % 10007, 'BRL',
                    (select id from catalog.categories where slug = 'c' || n % 20 + 1), true, n % 500 = 0,
                    case when n % 997 = 0 then array['raro'] else array['comum'] end, jsonb_build_object(), false, {now} - make_interval(secs => n * 7907 % 10009), {now}
                from generate_series(1, 10000) n
                """);
            await this.Execute($"analyze catalog.products, catalog.categories");
        }
    }
}
