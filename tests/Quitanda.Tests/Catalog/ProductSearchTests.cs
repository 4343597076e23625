using System.Net;
using System.Text.Json;
using Quitanda.Platform;
using Quitanda.Tests.Accounts;

namespace Quitanda.Tests.Catalog;

public sealed class ProductSearchTests(ProductSearchTests.Menu app) : IClassFixture<ProductSearchTests.Menu>
{
    private static readonly string[] NewTags = ["capoeira"];

    [Theory]
    // What is called exactly so, then what begins so, then what has it in its name, then what has it elsewhere.
    [InlineData("coxinha", new[] { "Coxinha", "Coxinha vegana", "Coxinha de frango", "Mini coxinha", "Caixa de festa" })]
    [InlineData("COXINHA", new[] { "Coxinha", "Coxinha vegana", "Coxinha de frango", "Mini coxinha", "Caixa de festa" })]
    // Accents are of no matter on either side.
    [InlineData("pao", new[] { "Pão de queijo", "Sanduíche" })]
    [InlineData("PÃO DE QUEIJO", new[] { "Pão de queijo" })]
    [InlineData("água tonica", new[] { "Água tônica" })]
    // One and many, in both languages.
    [InlineData("frangos", new[] { "Coxinha de frango" })]
    [InlineData("cookie", new[] { "Chocolate cookies" })]
    [InlineData("brigadeiro", new[] { "Brigadeiros" })]
    // While one types.
    [InlineData("coxi", new[] { "Coxinha", "Coxinha vegana", "Coxinha de frango", "Mini coxinha", "Caixa de festa" })]
    [InlineData("pão de quei", new[] { "Pão de queijo" })]
    [InlineData("mini cox", new[] { "Mini coxinha" })]
    // Tags, and the name of the category.
    [InlineData("lanche rapido", new[] { "Pão de queijo" })]
    [InlineData("guloseimas", new[] { "Chocolate cookies", "Brigadeiros" })]
    [InlineData("guloseimas cookies", new[] { "Chocolate cookies" })]
    // All words, in whatever order, and small ones do not count.
    [InlineData("frango com coxinha", new[] { "Coxinha de frango" })]
    // Mistakes: left out, too many, another, swapped; in one word and in several.
    [InlineData("coxnha vegna", new[] { "Coxinha vegana" })]
    [InlineData("brigadeirro", new[] { "Brigadeiros" })]
    [InlineData("guarama", new[] { "Guaraná" })]
    [InlineData("cohxina vegana", new[] { "Coxinha vegana" })]
    [InlineData("chocolatte cokies", new[] { "Chocolate cookies" })]
    // A mistake in what is only begun.
    [InlineData("chocolt", new[] { "Chocolate cookies" })]
    // Where nothing has all words, what has some of them.
    [InlineData("guaraná xyzzyxyzzy", new[] { "Guaraná" })]
    // Operators, quotes and patterns are no words.
    [InlineData("guaraná & !:* | (", new[] { "Guaraná" })]
    [InlineData("'guarana'", new[] { "Guaraná" })]
    [InlineData("x-salada", new[] { "X-Salada 2.0" })]
    [InlineData("2.0", new[] { "X-Salada 2.0" })]
    [InlineData("zzzzzzzz", new string[0])]
    [InlineData("!!! ' \" \\ %_", new string[0])]
    public async Task A_search_finds_the_best_first(string q, string[] expected)
    {
        var page = await Search(q);
        Assert.Equal(expected, page.Names(), StringComparer.Ordinal);
        Assert.Equal(expected.Length, page.GetProperty("meta").GetProperty("total").GetInt32());
    }

    [Theory]
    [InlineData("c")]
    [InlineData("co")]
    [InlineData("de")]
    [InlineData("de com o a")]
    [InlineData("\uD800")]
    [InlineData("ﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺ")]
    [InlineData("a b c d e f g h i j k l m n o p q r s t u v w x y z a b c d e f g h i j k l m n o p q r s t u v w")]
    public async Task Whatever_is_asked_for_is_answered(string q)
    {
        foreach (var path in (string[])["products/search?q=", "products?search="])
            Assert.NotEqual(JsonValueKind.Undefined, (await app.Guest.Page(path + Uri.EscapeDataString(q))).GetProperty("data").ValueKind);
    }

    [Theory]
    [InlineData("")]
    [InlineData("q=")]
    [InlineData("q=%20")]
    [InlineData("q=%00")]
    [InlineData("q=a&sort=price")]
    [InlineData("q=a&after=abc")]
    [InlineData("q=a&page=1&after=abc")]
    [InlineData("q=a&minPrice=-1")]
    public async Task A_wrong_parameter_is_refused(string query) =>
        Assert.Equal("validation_failed", (await (await app.Guest.Get($"/api/v1/products/search?{query}")).Body(HttpStatusCode.BadRequest)).Text("code"));

    [Fact]
    public async Task A_query_is_not_endless()
    {
        await Search(new string('é', 100));
        await (await app.Guest.Get("/api/v1/products/search?q=" + new string('a', 101))).Body(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Filters_hold_in_a_search_and_in_what_it_forgives()
    {
        foreach (var (query, expected) in new (string, string[])[]
        {
            ("q=coxinha&maxPrice=700", ["Coxinha", "Mini coxinha"]),
            ("q=coxinha&minPrice=701&maxPrice=900", ["Coxinha de frango"]),
            ("q=coxinha&category=doces", []),
            ("q=coxinha&category=salgados&featured=true", ["Coxinha vegana"]),
            ("q=coxinha&available=false", ["Mini coxinha"]),
            ("q=coxinha&tag=festa", ["Caixa de festa"]),
            ("q=coxnha&maxPrice=700", ["Coxinha", "Mini coxinha"]),
            ("q=coxnha&category=doces", []),
        })
            Assert.Equal(expected, (await app.Guest.Page($"products/search?{query}")).Names(), StringComparer.Ordinal);
    }

    [Fact]
    public async Task Pages_of_a_search_walk_it_by_number_and_by_cursor()
    {
        string[] all = ["Coxinha", "Coxinha vegana", "Coxinha de frango", "Mini coxinha", "Caixa de festa"];
        var first = await Search("coxinha", "&limit=2");
        Assert.Equal(all[..2], first.Names(), StringComparer.Ordinal);
        Assert.Equal(all[2..4], (await Search("coxinha", "&limit=2&page=2")).Names(), StringComparer.Ordinal);
        Assert.Equal((5, 3), (first.GetProperty("meta").GetProperty("total").GetInt32(), first.GetProperty("meta").GetProperty("totalPages").GetInt32()));
        // Past the end there is nothing, and still a total.
        Assert.Equal(5, (await Search("coxinha", "&limit=2&page=9")).GetProperty("meta").GetProperty("total").GetInt32());

        List<string> seen = [];
        var page = first;
        while (true)
        {
            seen.AddRange(page.Names());
            if (page.GetProperty("meta").GetProperty("next") is not { ValueKind: JsonValueKind.String } next)
                break;
            page = await Search("coxinha", $"&limit=2&after={next.GetString()}");
        }

        Assert.Equal(all, seen, StringComparer.Ordinal);
    }

    [Fact]
    public async Task What_is_changed_is_found_as_it_is_now_and_only_so()
    {
        var staff = await app.Staff();
        var (from, to) = (await staff.AddCategory("Antiguidades"), await staff.AddCategory("Novidades"));
        var product = (await staff.AddProduct(from.Id(), "Zarabatana", description: "Feita de taquara", tags: ["indigena"])).Id();
        var path = $"/api/v1/products/{product}";
        await Finds(["zarabatana", "taquara", "indigena", "antiguidades", "zarabatanna"], product);

        await (await staff.Patch(path, new { name = "Berimbau" })).Body();
        await Finds(["berimbau", "taquara", "indigena", "antiguidades"], product);
        await FindsNot(["zarabatana"], product);

        await (await staff.Patch(path, new { description = "Com cabaça", tags = NewTags })).Body();
        await Finds(["berimbau", "cabaca", "capoeira", "antiguidades"], product);
        await FindsNot(["taquara", "indigena"], product);

        await (await staff.Patch(path, new { categoryId = to.Id() })).Body();
        await Finds(["novidades berimbau"], product);
        await FindsNot(["antiguidades"], product);

        await (await staff.Patch($"/api/v1/categories/{to.Id()}", new { name = "Percussão" })).Body();
        await Finds(["percussao", "berimbau percussão"], product);
        await FindsNot(["novidades"], product);

        await (await staff.Delete(path)).Body(HttpStatusCode.NoContent);
        await FindsNot(["berimbau"], product);
    }

    [Fact]
    public async Task A_product_added_while_its_category_is_renamed_is_found_by_the_new_name()
    {
        var staff = await app.Staff();
        var category = (await staff.AddCategory("Outrora")).Id();
        var names = Enumerable.Range(1, 8).Select(at => $"Quermesse {(char)(64 + at)}").ToArray();
        await Task.WhenAll(names.Select(name => staff.AddProduct(category, name)).Append<Task>(staff.Patch($"/api/v1/categories/{category}", new { name = "Doravante" })));
        Assert.Equal(names, (await Search("doravante quermesse")).Names().Order(StringComparer.Ordinal), StringComparer.Ordinal);
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from catalog.product_search where category = 'outrora'"));
    }

    [Fact]
    public async Task An_archived_product_is_not_found()
    {
        var staff = await app.Staff();
        var product = (await staff.AddProduct((await staff.AddCategory()).Id(), "Matraca", stock: 1)).Id();
        await app.Take(new Quitanda.Catalog.WantedLine(product, 1));
        await (await staff.Delete($"/api/v1/products/{product}")).Body(HttpStatusCode.NoContent);
        await FindsNot(["matraca"], product);
    }

    [Fact]
    public async Task Only_staff_are_shown_the_stock_of_what_they_find()
    {
        var staff = await app.Staff();
        Assert.False((await Search("coxinha")).GetProperty("data")[0].TryGetProperty("stock", out _));
        Assert.True((await staff.Page("products/search?q=coxinha")).GetProperty("data")[0].TryGetProperty("stock", out _));
    }

    [Fact]
    public async Task What_is_only_begun_is_found_as_each_known_word_and_as_one_that_only_a_text_has()
    {
        var staff = await app.Staff();
        var category = (await staff.AddCategory("Instrumentos")).Id();
        async Task<Guid> Add(string name, string description = "") => (await staff.AddProduct(category, name, 100, description: description)).Id();
        // Few words begin so, and all of them are known; one is longer than any that is kept; one is in a description alone.
        var (known, longer, told) = (await Add("Kit xilofone"), await Add($"Kit xilof{new string('o', 45)}"), await Add("Kit musical", "Com baquetas de xilofonista"));
        Assert.Equal(Sorted(known, longer, told), Ids(await Search("kit xilof")).Order());
        Assert.Equal(known, Ids(await Search("kit xilof")).First());
        Assert.Equal(Sorted(known, longer, told), Ids(await Search("kti xilof")).Order());

        // More begin so than are looked for each by itself.
        List<Guid> many = [];
        for (var at = 0; at < 12; at++)
            many.Add(await Add($"Kit ocarin{(char)('a' + at)}"));
        Assert.Equal(many.Order(), Ids(await Search("kit ocarin")).Order());
        Assert.Equal(many.Order(), Ids(await Search("kti ocarin")).Order());
        many.Add(await Add("Kit de sopro", "Toca como a ocarinx"));
        Assert.Equal(many.Order(), Ids(await Search("kit ocarin")).Order());
        Assert.Equal(many.Order(), Ids(await Search("kti ocarin")).Order());
        // Of these, what is whole is the first.
        many.Add(await Add("Kit ocarin"));
        Assert.Equal((many[^1], 14), (Ids(await Search("kit ocarin")).First(), Ids(await Search("kit ocarin")).Count()));

        static Guid[] Sorted(params Guid[] ids) => [.. ids.Order()];
    }

    [Theory]
    [InlineData("coxnha", "coxinha", false, 1)]
    [InlineData("cohxina", "coxinha", false, 2)]
    [InlineData("pastle", "pastel", false, 1)]
    [InlineData("", "abc", false, 3)]
    [InlineData("choc", "chocolate", true, 0)]
    [InlineData("chcol", "chocolate", true, 1)]
    public void Mistakes_are_counted(string word, string other, bool isBegun, int mistakes) => Assert.Equal(mistakes, Spelling.Mistakes(word, other, isBegun));

    private async Task Finds(string[] queries, Guid product)
    {
        foreach (var q in queries)
            Assert.True(Ids(await Search(q)).Contains(product), $"{q} does not find it");
    }

    private async Task FindsNot(string[] queries, Guid product)
    {
        foreach (var q in queries)
            Assert.False(Ids(await Search(q)).Contains(product), $"{q} finds it");
    }

    private static IEnumerable<Guid> Ids(JsonElement page) => page.GetProperty("data").EnumerateArray().Select(row => row.Id());

    private Task<JsonElement> Search(string q, string more = "") => app.Guest.Page($"products/search?q={Uri.EscapeDataString(q)}{more}");

    public sealed class Menu(TestPostgres postgres) : QuitandaApp(postgres), IAsyncLifetime
    {
        async ValueTask IAsyncLifetime.InitializeAsync()
        {
            await InitializeAsync();
            var staff = await this.Staff();
            var (salty, sweet, drinks) = ((await staff.AddCategory("Salgados")).Id(), (await staff.AddCategory("Doces")).Id(), (await staff.AddCategory("Bebidas")).Id());
            await staff.AddProduct(salty, "Caixa de festa", 9000, description: "Cinquenta coxinhas e bolinhas", tags: ["festa"]);
            await staff.AddProduct(salty, "Mini coxinha", 300, stock: 0);
            await staff.AddProduct(salty, "Coxinha vegana", 950, isFeatured: true, description: "De jaca");
            await staff.AddProduct(salty, "Coxinha de frango", 900, description: "Massa macia");
            await staff.AddProduct(salty, "Coxinha", 700);
            await staff.AddProduct(salty, "Pão de queijo", 500, tags: ["lanche-rápido"]);
            await staff.AddProduct(salty, "Sanduíche", 1500, description: "No pão francês");
            await staff.AddProduct(salty, "X-Salada 2.0", 1800);
            await staff.AddProduct(sweet, "Brigadeiros", 300, description: "Enrolados à mão", tags: ["guloseimas"]);
            await staff.AddProduct(sweet, "Chocolate cookies", 800, tags: ["guloseimas"]);
            await staff.AddProduct(drinks, "Água tônica", 600);
            await staff.AddProduct(drinks, "Guaraná", 600);
        }
    }
}
