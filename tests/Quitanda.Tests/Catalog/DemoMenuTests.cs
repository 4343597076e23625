using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Catalog;
using Quitanda.Platform;
using Quitanda.Tests.Accounts;

namespace Quitanda.Tests.Catalog;

public sealed class DemoMenuTests(QuitandaApp app) : IClassFixture<QuitandaApp>
{
    [Fact]
    public async Task The_demo_is_a_whole_menu_that_can_be_ordered_from()
    {
        Assert.Empty((await app.Guest.Page("categories")).Names());
        Assert.True(await IsEmpty());
        await app.InScope(async provider =>
        {
            await Menu(provider).Fill(provider.GetRequiredService<Db>(), new DemoPeople(), CancellationToken.None);
            return true;
        });
        Assert.False(await IsEmpty());

        Assert.Equal(["Coxinhas", "Salgados", "Lanches", "Porções", "Doces", "Bebidas"], (await app.Guest.Page("categories")).Names());
        var page = await app.Guest.Page("products?limit=100");
        Assert.Equal(64, page.GetProperty("meta").GetProperty("total").GetInt32());
        Assert.Equal("Coxinha de frango", page.Names()[0]);

        var coxinha = await app.Guest.Product("coxinha-de-frango");
        Assert.Equal(990, coxinha.GetProperty("price").GetProperty("amount").GetInt64());
        Assert.Equal("BRL", coxinha.GetProperty("price").Text("currency"));
        Assert.Equal(11.6m, coxinha.GetProperty("nutrition").GetProperty("protein").GetDecimal());
        Assert.Equal("mais-pedido", Assert.Single(coxinha.GetProperty("tags").EnumerateArray()).GetString());
        Assert.Contains("Coxinha de frango", (await app.Guest.Page("products?tag=mais-pedido&available=true")).Names(), StringComparer.Ordinal);
        Assert.All(page.GetProperty("data").EnumerateArray(), product => Assert.True(product.GetProperty("price").GetProperty("amount").GetInt64() > 0));
        Assert.Equal("Coxinha de frango", Assert.Single(await app.Take(new WantedLine(coxinha.Id(), 2))).Name);

        // Of three sauces the cheapest is free, and what is counted can be had.
        Assert.Equal(990 + 150 + 200, Assert.Single(await app.Take(new WantedLine(coxinha.Id(), 1, Options(coxinha)))).UnitPriceAmount);
        var burger = await app.Guest.Product((await app.Guest.Page("products?category=lanches&limit=1")).GetProperty("data")[0].Id());
        Assert.Equal(4, Options(burger).Length);
        Assert.Equal(4, Assert.Single(await app.Take(new WantedLine(burger.Id(), 1, Options(burger)))).Options.Count);
    }

    private static WantedOption[] Options(JsonElement product) =>
        [.. product.GetProperty("optionGroups").EnumerateArray().SelectMany(group => group.GetProperty("options").EnumerateArray()).Select(option => new WantedOption(option.Id()))];

    private Task<bool> IsEmpty() => app.InScope(provider => Menu(provider).IsEmpty(provider.GetRequiredService<Db>(), CancellationToken.None));

    private static DemoMenu Menu(IServiceProvider provider) => provider.GetServices<IDemo>().OfType<DemoMenu>().Single();
}
