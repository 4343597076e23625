using Microsoft.Extensions.DependencyInjection;
using Quitanda.Catalog.Products;
using Quitanda.Catalog.Search;
using Quitanda.Platform;
using Quitanda.Tests.Accounts;

namespace Quitanda.Tests.Catalog;

/// <summary>Reads the plans of lists and searches over a shop large enough that reading all of it would show.</summary>
public sealed class ProductIndexTests(ProductIndexTests.LargeShop app) : IClassFixture<ProductIndexTests.LargeShop>
{
    [Theory]
    [InlineData("-createdAt", "products_by_age")]
    [InlineData("price", "products_by_price")]
    [InlineData("-name", "products_by_name")]
    [InlineData("-rating", "products_by_rating")]
    [InlineData("rating", "products_by_rating")]
    public Task A_sort_has_an_index(string sort, string index) => Uses(new(), sort, index);

    [Theory]
    [InlineData("-createdAt", "products_of_category_by_age")]
    [InlineData("-price", "products_of_category_by_price")]
    [InlineData("name", "products_of_category_by_name")]
    [InlineData("-rating", "products_of_category_by_rating")]
    public Task A_sort_within_a_category_has_an_index(string sort, string index) => Uses(new() { Category = "c1" }, sort, index);

    [Theory]
    [InlineData("-createdAt")]
    [InlineData("price")]
    [InlineData("name")]
    [InlineData("-rating")]
    public Task What_is_featured_has_an_index_and_is_little_enough_to_sort(string sort) => Uses(new() { Featured = true }, sort, "products_featured");

    [Fact]
    public Task A_tag_has_an_index() => Uses(new() { Tag = "raro" }, "-createdAt", "products_by_tag");

    [Theory]
    [InlineData("agulha", "products_pkey")]
    [InlineData("palha", "products_by_age")]
    public Task What_few_products_have_is_looked_up_and_among_many_the_order_is_walked(string search, string index) => Uses(new() { Search = search }, "-createdAt", index);

    /// <summary>Whatever is asked for, in whatever order and however it is paged, no plan reads the table from end to end, nor sorts it whole.</summary>
    [Fact]
    public async Task No_filter_in_no_order_reads_all_there_is()
    {
        var filters = new (string Name, ListProducts.Query Query)[]
        {
            ("none", new()), ("category", new() { Category = "c1" }), ("featured", new() { Featured = true }), ("not featured", new() { Featured = false }), ("available", new() { Available = true }),
            ("tag", new() { Tag = "raro" }), ("common tag", new() { Tag = "comum" }), ("price", new() { MinPrice = 100, MaxPrice = 110 }), ("wide price", new() { MinPrice = 100 }),
            ("search", new() { Search = "agulha" }), ("common search", new() { Search = "palha" }), ("two words", new() { Search = "agulha p997" }),
            ("category and available", new() { Category = "c1", Available = true }), ("category and price", new() { Category = "c1", MinPrice = 100, MaxPrice = 200 }),
            ("category and featured", new() { Category = "c1", Featured = true }), ("category and tag", new() { Category = "c1", Tag = "raro" }), ("category and search", new() { Category = "c1", Search = "agulha" }),
            ("featured and available", new() { Featured = true, Available = true }), ("all", new() { Category = "c1", Available = true, Featured = false, Tag = "comum", MinPrice = 10, MaxPrice = 9000, Search = "palha" }),
        };
        List<string> wrong = [];
        foreach (var (name, query) in filters)
            foreach (var field in ListProducts.Sorts)
                foreach (var way in (string[])["", "-"])
                    foreach (var isByCursor in (bool[])[false, true])
                    {
                        var plan = await PlanOf(query, way + field.Name.TrimStart('-'), isByCursor);
                        if (plan.Contains("Seq Scan on products", StringComparison.Ordinal) || plan.Contains("Seq Scan on product_search", StringComparison.Ordinal))
                            wrong.Add($"{name} by {way}{field.Name.TrimStart('-')}, {(isByCursor ? "cursor" : "page")}:\n{plan}");
                    }

        Assert.Empty(wrong);
    }

    [Theory]
    [InlineData("agulha")]
    [InlineData("palha")]
    [InlineData("p99")]
    [InlineData("ag")]
    [InlineData("agulha palha p1")]
    public async Task A_ranked_search_goes_in_by_indexes_whatever_is_asked(string q)
    {
        foreach (var filter in new SearchProducts.Query[] { new() { Q = q }, new() { Q = q, Category = "c1" }, new() { Q = q, Available = true, MaxPrice = 500 } })
        {
            var wanted = WantedWords.Of(q, "catalog")!;
            var meant = new Dictionary<string, string[]>(StringComparer.Ordinal) { [wanted.All[0]] = ["agulhas"] };
            foreach (var asked in (AskedProducts[])[
                new(wanted), new(wanted, AnyOf(wanted, meant)), new(wanted, AnyOf(wanted, meant), IsAlone: true), new(wanted, Any: AnyOf(wanted, meant), IsAlone: true),
                new(wanted, AnyOf(wanted, meant), AnyOf(wanted, meant), IsAlone: true)])
            {
                var ranked = RankedProducts.Of(asked, filter, app.Clock.GetUtcNow());
                var plan = string.Join('\n', await app.WithDb(async db =>
                {
                    // On the connections that searches have.
                    List<string> lines = [];
                    await db.ReadingRanked([$"explain {ranked} select * from found order by score desc, id desc limit 21"], async reader =>
                    {
                        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
                            lines.Add(reader.GetString(0));
                    }, TestContext.Current.CancellationToken);
                    return lines;
                }));
                if (!asked.IsAlone)
                    Assert.Contains("product_search_0_name_product_id_idx ", plan, StringComparison.Ordinal);
                Assert.Contains("product_search_0_name_terms_idx", plan, StringComparison.Ordinal);
                Assert.Contains("product_search_0_terms_idx", plan, StringComparison.Ordinal);
                Assert.DoesNotContain("Seq Scan on product", plan, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task A_sale_and_a_product_that_is_sold_out_rewrite_no_index()
    {
        var id = await app.Scalar<Guid>($"select id from catalog.products where slug = 'p500'");
        await app.Execute($"update catalog.products set stock = 10 where id = {id}");
        var updates = await app.InScope(async provider =>
        {
            var db = provider.GetRequiredService<Db>();
            await provider.GetRequiredService<Quitanda.Catalog.ICatalog>().TakeStock([new(id, 1)], CancellationToken.None);
            await db.Execute($"update catalog.products set sold_out_until = {app.Clock.GetUtcNow()} where id = {id}", CancellationToken.None);
            return await db.ReadFirst($"select n_tup_upd, n_tup_hot_upd from pg_stat_xact_all_tables where relid = 'catalog.products'::regclass", reader => (All: reader.GetInt64(0), Hot: reader.GetInt64(1)), CancellationToken.None);
        });
        Assert.Equal((2, 2), updates);
    }

    private static OtherWords AnyOf(WantedWords wanted, Dictionary<string, string[]> meant) => new(wanted.AnyAsValues(meant), wanted.WholeAnyAsValues(meant));

    private async Task Uses(ListProducts.Query query, string sort, string index)
    {
        var text = await PlanOf(query, sort, isByCursor: false);
        Assert.Contains($" {index}", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Seq Scan on products", text, StringComparison.Ordinal);
    }

    /// <summary>The plan of the statement that the list sends, on the connection it sends it on.</summary>
    private async Task<string> PlanOf(ListProducts.Query query, string sort, bool isByCursor)
    {
        var field = ListProducts.Sorts.Single(field => field.Name.TrimStart('-') == sort.TrimStart('-'));
        var (column, way) = (Sql.Raw(field.Column), Sql.Raw(sort.StartsWith('-') ? "desc" : "asc"));
        var middle = field.Type switch { "timestamptz" => app.Clock.GetUtcNow().AddSeconds(-5000).ToString("O"), "bigint" => "5000", _ => "p5" };
        var seek = isByCursor ? Sql.Of($"and ({column}, p.id) {Sql.Raw(sort.StartsWith('-') ? "<" : ">")} ({middle}::text::{Sql.Raw(field.Type)}, {Guid.Empty})") : Sql.Nothing;
        var few = await app.WithDb(db => ListProducts.Few(query, db, TestContext.Current.CancellationToken));
        var statement = Sql.Of($"""
            explain select {ListedProduct.Columns} from catalog.products p left join catalog.categories c on c.id = p.category_id
            where {ListProducts.Where(query, app.Clock.GetUtcNow(), few)} {seek} order by {column} {way}, p.id {way} limit 21
            """);
        List<string> plan = [];
        async Task Read(Npgsql.NpgsqlDataReader reader)
        {
            while (await reader.ReadAsync(TestContext.Current.CancellationToken))
                plan.Add(reader.GetString(0));
        }

        await app.WithDb(async db =>
        {
            if (ListProducts.HasOnePlan(query))
                await db.Reading([statement], Read, TestContext.Current.CancellationToken);
            else
                await db.ReadingPlanned([statement], Read, TestContext.Current.CancellationToken);
            return true;
        });
        return string.Join('\n', plan);
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
                    id, slug, name, name_folded, description, price_amount, currency, category_id, is_available, is_featured, tags, metadata, ordered, created_at, updated_at, rating_sum, rating_count)
                select gen_random_uuid(), 'p' || n, 'P' || n, 'p' || n, '', n * 7919 % 10007, 'BRL',
                    (select id from catalog.categories where slug = 'c' || n % 20 + 1), true, n % 500 = 0,
                    case when n % 997 = 0 then array['raro'] else array['comum'] end, jsonb_build_object(), false, {now} - make_interval(secs => n * 7907 % 10009), {now}, n * 31 % 50, n % 11
                from generate_series(1, 10000) n
                """);
            await this.Execute($"""
                insert into catalog.product_search (product_id, category_id, name, labels, category, description)
                select id, category_id, name_folded, '', 'c', case when tags @> array['raro'] then 'agulha' else 'palha' end from catalog.products
                """);
            await this.Execute($"analyze catalog.products, catalog.categories, catalog.product_search");
        }
    }
}
