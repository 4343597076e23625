using System.Text.Json;
using Quitanda.Catalog.Products;
using Quitanda.Tests.Accounts;

namespace Quitanda.Tests.Catalog;

public sealed class RatingTests(QuitandaApp app) : IClassFixture<QuitandaApp>
{
    [Fact]
    public async Task A_rating_is_shown_wherever_its_product_is()
    {
        var staff = await app.Staff();
        var category = await staff.AddCategory();
        var product = await staff.AddProduct(category.Id(), Shop.NewName("Avaliado"));
        Assert.Equal(JsonValueKind.Null, (await app.Guest.Product(product.Id())).GetProperty("averageRating").ValueKind);
        Assert.Equal(0, (await app.Guest.Product(product.Id())).GetProperty("reviewCount").GetInt32());

        await Rate(product.Id(), 14, 3);
        foreach (var shown in new[]
        {
            await app.Guest.Product(product.Id()),
            (await app.Guest.Page($"products?category={category.Text("slug")}")).GetProperty("data")[0],
            (await app.Guest.Page($"products/search?q={Uri.EscapeDataString(product.Text("name"))}")).GetProperty("data")[0],
        })
            Assert.Equal((4.7m, 3), (shown.GetProperty("averageRating").GetDecimal(), shown.GetProperty("reviewCount").GetInt32()));

        await Rate(product.Id(), 0, 0);
        Assert.Equal(JsonValueKind.Null, (await app.Guest.Product(product.Id())).GetProperty("averageRating").ValueKind);
    }

    [Theory]
    [InlineData("rating", new[] { "Sem", "Ruim", "Médio", "Quase", "Ótimo" })]
    [InlineData("-rating", new[] { "Ótimo", "Quase", "Médio", "Ruim", "Sem" })]
    public async Task Products_are_sorted_by_it_and_cursors_walk_them(string sort, string[] expected)
    {
        var staff = await app.Staff();
        var category = await staff.AddCategory();
        foreach (var (name, sum, count) in new[] { ("Quase", 4999, 1000), ("Médio", 9, 3), ("Sem", 0, 0), ("Ótimo", 5, 1), ("Ruim", 1, 1) })
            await Rate((await staff.AddProduct(category.Id(), name)).Id(), sum, count);

        List<string> seen = [];
        var query = $"products?category={category.Text("slug")}&sort={sort}&limit=2";
        var page = await app.Guest.Page(query);
        while (true)
        {
            seen.AddRange(page.Names());
            if (page.GetProperty("meta").GetProperty("next") is not { ValueKind: JsonValueKind.String } next)
                break;
            page = await app.Guest.Page($"{query}&after={next.GetString()}");
        }

        Assert.Equal(expected, seen, StringComparer.Ordinal);
    }

    private Task<bool> Rate(Guid product, long sum, int count) => app.WithDb(async db =>
    {
        await Rating.Set(db, product, sum, count, TestContext.Current.CancellationToken);
        return true;
    });
}
