using System.Net;
using System.Text.Json;
using Quitanda.Tests.Accounts;

namespace Quitanda.Tests.Catalog;

public sealed class ProductListTests(QuitandaApp app) : IClassFixture<QuitandaApp>
{
    private HttpClient _staff = null!;

    [Fact]
    public async Task Every_filter_holds_alone_and_with_others()
    {
        _staff = await app.Staff();
        var (salty, sweet) = (await _staff.AddCategory("Salgados de filtro"), await _staff.AddCategory("Doces de filtro"));
        await _staff.AddProduct(salty.Id(), "Água tônica", 500, description: "Fria & borbulhante", tags: ["frio", "filtro"]);
        await _staff.AddProduct(salty.Id(), "Caldo de cana", 900, stock: 0, tags: ["frio", "filtro"]);
        await _staff.AddProduct(salty.Id(), "Pastel 100%_\\", 1500, isAvailable: false, isFeatured: true, tags: ["quente", "filtro"]);
        await _staff.AddProduct(sweet.Id(), "Pé-de-moleque", 300, stock: 2, isFeatured: true, tags: ["filtro"]);

        foreach (var (query, expected) in new (string, string[])[]
        {
            ("category=salgados-de-filtro", ["Pastel 100%_\\", "Caldo de cana", "Água tônica"]),
            ("category=nao-existe", []),
            ("tag=frio", ["Caldo de cana", "Água tônica"]),
            ("tag=fri", []),
            ("tag=filtro&minPrice=500&maxPrice=900", ["Caldo de cana", "Água tônica"]),
            ("tag=filtro&maxPrice=499", ["Pé-de-moleque"]),
            ("tag=filtro&available=true", ["Pé-de-moleque", "Água tônica"]),
            ("tag=filtro&available=false", ["Pastel 100%_\\", "Caldo de cana"]),
            ("tag=filtro&featured=true", ["Pé-de-moleque", "Pastel 100%_\\"]),
            ("tag=filtro&featured=false&category=salgados-de-filtro&minPrice=900", ["Caldo de cana"]),
            ("tag=filtro&search=AGUA", ["Água tônica"]),
            ("tag=filtro&search=tonicá", ["Água tônica"]),
            ("tag=filtro&search=borbulh", ["Água tônica"]),
            ("tag=filtro&search=100%25_%5C", ["Pastel 100%_\\"]),
            ("tag=filtro&search=doces", ["Pé-de-moleque"]),
            ("tag=filtro&search=moleque%20pé", ["Pé-de-moleque"]),
            ("tag=filtro&search=moleqe", []),
            ("search=pé-de-moleque", ["Pé-de-moleque"]),
            // What is no word is in no product.
            ("tag=filtro&search=%25", []),
            ("tag=filtro&search=%25_", []),
            ("tag=filtro&search=%5C", []),
            ("tag=filtro&search=x'%20or%20true%20--", []),
            ("tag=filtro&search=%20", ["Pé-de-moleque", "Pastel 100%_\\", "Caldo de cana", "Água tônica"]),
        })
        {
            var page = await app.Guest.Page($"products?{query}");
            Assert.Equal(expected.Order(StringComparer.Ordinal), page.Names().Order(StringComparer.Ordinal));
            Assert.Equal(expected.Length, page.GetProperty("meta").GetProperty("total").GetInt32());
        }
    }

    [Theory]
    [InlineData("sort=stock", "sort")]
    [InlineData("sort=--price", "sort")]
    [InlineData("sort=price;drop", "sort")]
    [InlineData("minPrice=-1", "minPrice")]
    [InlineData("maxPrice=cheap", "maxPrice")]
    [InlineData("available=maybe", "available")]
    [InlineData("limit=101", "limit")]
    [InlineData("page=0", "page")]
    [InlineData("page=2&after=abc", "after")]
    [InlineData("after=abc", "after")]
    public async Task A_wrong_parameter_is_named(string query, string field)
    {
        var problem = await (await app.Guest.Get($"/api/v1/products?{query}")).Body(HttpStatusCode.BadRequest);
        Assert.Equal("validation_failed", problem.Text("code"));
        Assert.True(problem.GetProperty("errors").TryGetProperty(field, out _), problem.ToString());
    }

    [Theory]
    [InlineData("name", new[] { "Abacaxi", "água", "Banana", "caju", "Éclair" })]
    [InlineData("-name", new[] { "Éclair", "caju", "Banana", "água", "Abacaxi" })]
    [InlineData("price", new[] { "caju", "Abacaxi", "Éclair", "Banana", "água" })]
    [InlineData("-price", new[] { "água", "Banana", "Éclair", "Abacaxi", "caju" })]
    [InlineData("createdAt", new[] { "Banana", "água", "Abacaxi", "Éclair", "caju" })]
    [InlineData("-createdAt", new[] { "caju", "Éclair", "Abacaxi", "água", "Banana" })]
    public async Task Sorts_hold_both_ways_and_cursors_walk_them(string sort, string[] expected)
    {
        var slug = await Fruits();
        Assert.Equal(expected, (await app.Guest.Page($"products?category={slug}&sort={sort}")).Names(), StringComparer.Ordinal);
        if (sort == "-createdAt")
            Assert.Equal(expected, (await app.Guest.Page($"products?category={slug}")).Names(), StringComparer.Ordinal);
        Assert.Equal(expected, await Walk($"category={slug}&sort={sort}&limit=2"), StringComparer.Ordinal);
    }

    [Fact]
    public async Task Pages_by_number_say_where_they_stand()
    {
        var slug = await Fruits();
        var second = await app.Guest.Page($"products?category={slug}&sort=name&page=2&limit=2");
        Assert.Equal(["Banana", "caju"], second.Names());
        var meta = second.GetProperty("meta");
        Assert.Equal((2, 2, 5L, 3L, true), (meta.GetProperty("page").GetInt32(), meta.GetProperty("limit").GetInt32(), meta.GetProperty("total").GetInt64(), meta.GetProperty("totalPages").GetInt64(), meta.GetProperty("hasNext").GetBoolean()));

        var third = await app.Guest.Page($"products?category={slug}&sort=name&limit=2&after={meta.Text("next")}");
        Assert.Equal(["Éclair"], third.Names());
        Assert.False(third.GetProperty("meta").TryGetProperty("total", out _));
        Assert.False(third.GetProperty("meta").GetProperty("hasNext").GetBoolean());
        Assert.Empty((await app.Guest.Page($"products?category={slug}&page=4&limit=2")).Names());
        // A cursor belongs to its order.
        Assert.Equal("validation_failed", await (await app.Guest.Get($"/api/v1/products?category={slug}&sort=price&after={meta.Text("next")}")).Refusal(HttpStatusCode.BadRequest));
    }

    [Fact]
    public async Task Rows_added_between_cursor_pages_neither_repeat_nor_hide_others()
    {
        _staff = await app.Staff();
        var category = await _staff.AddCategory();
        for (var at = 0; at < 6; at++)
            await _staff.AddProduct(category.Id(), $"N{at}", amount: 100);

        // Equal prices and equal times: only the id tells them apart.
        foreach (var sort in (string[])["price", "-createdAt"])
        {
            List<string> seen = [];
            var query = $"category={category.Text("slug")}&sort={sort}&limit=2";
            var page = await app.Guest.Page($"products?{query}");
            var before = page.GetProperty("meta").GetProperty("total").GetInt32();
            while (true)
            {
                seen.AddRange(page.Names());
                if (!page.GetProperty("meta").GetProperty("hasNext").GetBoolean())
                    break;
                await _staff.AddProduct(category.Id(), $"Entre {sort} {seen.Count}", amount: 50);
                page = await app.Guest.Page($"products?{query}&after={page.GetProperty("meta").Text("next")}");
            }

            Assert.Equal(seen.Count, seen.Distinct(StringComparer.Ordinal).Count());
            Assert.True(seen.Count >= before, $"{seen.Count} of {before}");
            for (var at = 0; at < 6; at++)
                Assert.Contains($"N{at}", seen, StringComparer.Ordinal);
        }
    }

    [Theory]
    [InlineData('漢')]
    [InlineData('한')]
    [InlineData('"')]
    [InlineData('ﷺ')]
    public async Task The_longest_name_of_any_alphabet_has_a_cursor(char letter)
    {
        _staff = await app.Staff();
        var category = await _staff.AddCategory();
        foreach (var last in "abc")
            await _staff.AddProduct(category.Id(), $"{last}{new string(letter, 199)}");
        Assert.Equal(3, (await Walk($"category={category.Text("slug")}&sort=name&limit=1")).Count);
    }

    private async Task<string> Fruits()
    {
        _staff = await app.Staff();
        var category = await _staff.AddCategory();
        foreach (var (name, amount) in new[] { ("Banana", 40), ("água", 50), ("Abacaxi", 20), ("Éclair", 30), ("caju", 10) })
        {
            app.Clock.Advance(TimeSpan.FromSeconds(1));
            await _staff.AddProduct(category.Id(), name, amount);
        }

        return category.Text("slug");
    }

    private async Task<List<string>> Walk(string query)
    {
        List<string> seen = [];
        var page = await app.Guest.Page($"products?{query}");
        while (true)
        {
            seen.AddRange(page.Names());
            Assert.True(seen.Count < 1000);
            if (page.GetProperty("meta").GetProperty("next") is not { ValueKind: JsonValueKind.String } next)
                return seen;
            page = await app.Guest.Page($"products?{query}&after={next.GetString()}");
        }
    }
}
