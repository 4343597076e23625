using System.Net;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Catalog;
using Quitanda.Catalog.Options;
using Quitanda.Platform;
using Quitanda.Tests.Accounts;

namespace Quitanda.Tests.Catalog;

public sealed class OptionTests(QuitandaApp app) : IClassFixture<QuitandaApp>
{
    private static object Group(string name, int min, int max, object[] options, int free = 0, Guid? id = null) => new { id, name, min, max, free, options };

    private static object Option(string name, long price, int? stock = null, bool isAvailable = true) => new { name, price = Shop.Price(price), stock, isAvailable };

    private async Task<(HttpClient Staff, JsonElement Product)> Pizza(int? stock = null, int? oliveStock = null)
    {
        var staff = await app.Staff();
        var category = (await staff.AddCategory()).Id();
        var product = await (await staff.Post("/api/v1/products", new
        {
            name = Shop.NewName("Pizza"),
            description = "",
            price = Shop.Price(3000),
            categoryId = category,
            stock,
            optionGroups = new[]
            {
                Group("Tamanho", 1, 1, [Option("Média", 0), Option("Grande", 1500)]),
                Group("Extras", 0, 4, [Option("Azeitona", 300, oliveStock), Option("Catupiry", 500), Option("Bacon", 700, isAvailable: false)], free: 1),
            },
        })).Body(HttpStatusCode.Created);
        return (staff, product);
    }

    private static Guid Id(JsonElement product, string option) => product.GetProperty("optionGroups").EnumerateArray().SelectMany(group => group.GetProperty("options").EnumerateArray())
        .Single(one => one.Text("name") == option).Id();

    private static JsonElement Find(JsonElement product, string option) => product.GetProperty("optionGroups").EnumerateArray().SelectMany(group => group.GetProperty("options").EnumerateArray())
        .Single(one => one.Text("name") == option);

    [Fact]
    public async Task Options_are_shown_priced_and_the_cheapest_are_free()
    {
        var (staff, product) = await Pizza();
        var shown = await app.CreateClient().Product(product.Id());
        Assert.Equal(["Tamanho", "Extras"], shown.GetProperty("optionGroups").EnumerateArray().Select(group => group.Text("name")), StringComparer.Ordinal);
        Assert.Equal((0, 4, 1), (shown.GetProperty("optionGroups")[1].GetProperty("min").GetInt32(), shown.GetProperty("optionGroups")[1].GetProperty("max").GetInt32(), shown.GetProperty("optionGroups")[1].GetProperty("free").GetInt32()));
        Assert.False(Find(shown, "Bacon").GetProperty("isAvailable").GetBoolean());
        Assert.False(Find(shown, "Azeitona").TryGetProperty("stock", out _));
        Assert.True(Find(product, "Azeitona").TryGetProperty("stock", out _));
        Assert.Equal(product.GetRawText(), (await staff.Product(product.Id())).GetRawText());

        // Two olives and a cheese: the cheapest, one of the olives, is free.
        var line = Assert.Single(await app.Take(new WantedLine(product.Id(), 2, [new(Id(product, "Catupiry")), new(Id(product, "Grande")), new(Id(product, "Azeitona"), 2)])));
        Assert.Equal(3000 + 1500 + 300 + 500, line.UnitPriceAmount);
        Assert.Equal([("Grande", 1, 0), ("Azeitona", 2, 1), ("Catupiry", 1, 0)], line.Options.Select(option => (option.Name, option.Quantity, option.FreeQuantity)));
    }

    [Fact]
    public async Task What_is_not_chosen_as_the_groups_ask_is_refused_and_nothing_is_taken_even_by_who_catches_it()
    {
        var (staff, product) = await Pizza(stock: 10, oliveStock: 3);
        var (id, big, olive, cheese, bacon) = (product.Id(), Id(product, "Grande"), Id(product, "Azeitona"), Id(product, "Catupiry"), Id(product, "Bacon"));
        (WantedOption[]? Options, string Code)[] wrong =
        [
            (null, "invalid_options"), ([new(cheese)], "invalid_options"), ([new(big, 2)], "invalid_options"), ([new(big), new(Id(product, "Média"))], "invalid_options"),
            ([new(big), new(cheese, 5)], "invalid_options"), ([new(big), new(olive, 3), new(cheese, 2)], "invalid_options"), ([new(big), new(Guid.CreateVersion7())], "invalid_options"),
            ([new(big), new(bacon)], "out_of_stock"), ([new(big), new(olive, 4)], "out_of_stock"),
        ];
        foreach (var (options, code) in wrong)
        {
            var refused = await app.InScope(async provider =>
            {
                try
                {
                    await provider.GetRequiredService<ICatalog>().TakeStock([new(id, 1, options)], CancellationToken.None);
                    return null;
                }
                catch (RefusedException exception)
                {
                    return exception;
                }
            });
            Assert.Equal(code, refused?.Code);
            Assert.Equal(10, await staff.StockOf(id));
        }

        Assert.Equal(3, Find(await staff.Product(id), "Azeitona").GetProperty("stock").GetInt32());
        var plain = (await staff.AddProduct((await staff.AddCategory()).Id())).Id();
        Assert.Equal("invalid_options", (await Assert.ThrowsAsync<RefusedException>(() => app.Take(new WantedLine(plain, 1, [new(big)])))).Code);
    }

    [Fact]
    public async Task Counted_options_are_never_oversold_and_come_back()
    {
        var (staff, product) = await Pizza(oliveStock: 15);
        var (id, big, olive, cheese) = (product.Id(), Id(product, "Grande"), Id(product, "Azeitona"), Id(product, "Catupiry"));
        var shown = app.CreateClient();
        Assert.True(Find(await shown.Product(id), "Azeitona").GetProperty("isAvailable").GetBoolean());

        // Each wants two olives, in one line or in two: seven can be served.
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 200).Select(async taker =>
        {
            try
            {
                await (taker % 2 == 0
                    ? app.Take(new WantedLine(id, 1, [new(olive, 2), new(big)]))
                    : app.Take(new WantedLine(id, 1, [new(big), new(olive)]), new WantedLine(id, 1, [new(olive), new(cheese), new(big)])));
                return null;
            }
            catch (RefusedException refused)
            {
                return refused.Code;
            }
        }));
        Assert.Equal(7, outcomes.Count(code => code is null));
        Assert.Equal(193, outcomes.Count(code => code == "out_of_stock"));
        Assert.Equal(1, Find(await staff.Product(id), "Azeitona").GetProperty("stock").GetInt32());

        await app.Take(new WantedLine(id, 1, [new(big), new(olive)]));
        Assert.False(Find(await shown.Product(id), "Azeitona").GetProperty("isAvailable").GetBoolean());
        await app.Return(new WantedLine(id, 2, [new(big), new(olive, 3)]));
        Assert.True(Find(await shown.Product(id), "Azeitona").GetProperty("isAvailable").GetBoolean());
        Assert.Equal(6, Find(await staff.Product(id), "Azeitona").GetProperty("stock").GetInt32());
    }

    [Fact]
    public async Task A_product_of_which_nobody_can_choose_what_must_be_chosen_is_not_available()
    {
        var staff = await app.Staff();
        var category = await staff.AddCategory();
        var product = await (await staff.Post("/api/v1/products", new
        {
            name = Shop.NewName("Sorvete"),
            description = "",
            price = Shop.Price(1000),
            categoryId = category.Id(),
            optionGroups = new[] { Group("Bolas", 2, 3, [Option("Coco", 0, stock: 2), Option("Manga", 0, stock: 1), Option("Uva", 0, isAvailable: false)]), Group("Por cima", 0, 1, [Option("Calda", 100, stock: 1)]) },
        })).Body(HttpStatusCode.Created);
        var (id, coco, mango, sauce) = (product.Id(), Id(product, "Coco"), Id(product, "Manga"), Id(product, "Calda"));
        await Is(true);

        // What need not be chosen takes nothing away; one of each is one too few.
        await app.Take(new WantedLine(id, 1, [new(coco), new(mango), new(sauce)]));
        await Is(false);
        await app.Return(new WantedLine(id, 1, [new(coco), new(mango), new(sauce)]));
        await Is(true);

        await (await staff.Patch($"/api/v1/products/{id}/options/{coco}", new { isAvailable = false })).Body();
        await Is(false);
        await (await staff.Patch($"/api/v1/products/{id}/options/{mango}", new { stock = (int?)null })).Body();
        await Is(true);
        var written = await (await staff.Patch($"/api/v1/products/{id}", new { optionGroups = new[] { Group("Bolas", 1, 3, [Option("Limão", 0, stock: 0)]) } })).Body();
        Assert.False(written.GetProperty("isAvailable").GetBoolean());
        await Is(false);
        await (await staff.Patch($"/api/v1/products/{id}", new { optionGroups = (object?)null })).Body();
        await Is(true);
        await (await staff.Patch($"/api/v1/products/{id}", new { optionGroups = new[] { Group("Bolas", 1, 3, [Option("Limão", 0, stock: 0)]) } })).Body();
        await Is(false);
        // A version of before writes what is left, or takes the options away, and says nothing of it.
        await app.Execute($"update catalog.option_stock set stock = 5 where product_id = {id}");
        await Judge();
        await Is(true);
        await app.Execute($"update catalog.products set option_groups = null, is_choosable = false where id = {id}");
        await Judge();
        await Is(true);

        Task<bool> Judge() => app.InScope(async provider =>
        {
            await provider.GetRequiredService<JudgeChoices>().Handle(new(app.Clock.GetUtcNow()), TestContext.Current.CancellationToken);
            return true;
        });

        async Task Is(bool available)
        {
            var shown = app.CreateClient();
            Assert.Equal(available, (await shown.Product(id)).GetProperty("isAvailable").GetBoolean());
            foreach (var wanted in (bool[])[true, false])
                Assert.Equal(wanted == available ? 1 : 0, (await shown.Page($"products?category={category.Text("slug")}&available={(wanted ? "true" : "false")}")).GetProperty("data").GetArrayLength());
        }
    }

    [Fact]
    public async Task Staff_write_options_anew_and_what_keeps_its_id_keeps_its_count()
    {
        var (staff, product) = await Pizza(oliveStock: 15);
        var path = $"/api/v1/products/{product.Id()}";
        var olive = Id(product, "Azeitona");
        await app.Take(new WantedLine(product.Id(), 1, [new(Id(product, "Média")), new(olive, 2)]));

        var changed = await (await staff.Patch(path, new { optionGroups = new[] { Group("Por cima", 0, 2, [new { id = olive, name = "Azeitona preta", price = Shop.Price(350) }, Option("Alho", 100, stock: 4)]) } })).Body();
        Assert.Equal(13, Find(changed, "Azeitona preta").GetProperty("stock").GetInt32());
        Assert.Equal(4, Find(changed, "Alho").GetProperty("stock").GetInt32());
        Assert.Equal(2, await app.Scalar<long>($"select count(*) from catalog.option_stock where product_id = {product.Id()}"));

        var option = $"{path}/options/{olive}";
        Assert.Equal(0, (await (await staff.Patch(option, new { stock = 0 })).Body()).GetProperty("stock").GetInt32());
        Assert.False(Find(await app.CreateClient().Product(product.Id()), "Azeitona preta").GetProperty("isAvailable").GetBoolean());
        Assert.Equal(JsonValueKind.Null, (await (await staff.Patch(option, new { stock = (int?)null, isAvailable = false })).Body()).GetProperty("stock").ValueKind);
        Assert.False((await (await staff.Get(option)).Body()).GetProperty("isAvailable").GetBoolean());
        Assert.Equal("not_found", await (await staff.Patch($"{path}/options/{Guid.CreateVersion7()}", new { stock = 1 })).Refusal(HttpStatusCode.NotFound));
        Assert.Equal("forbidden", await (await (await app.Customer()).Patch(option, new { stock = 1 })).Refusal(HttpStatusCode.Forbidden));

        // What is left out of an option that stays is left as it is: it is still taken off.
        var again = await (await staff.Patch(path, new { optionGroups = new[] { Group("Por cima", 0, 2, [new { id = olive, name = "Azeitona preta", price = Shop.Price(360) }, new { name = "Cebola", price = Shop.Price(50) }]) } })).Body();
        Assert.Equal((false, true), (Find(again, "Azeitona preta").GetProperty("isAvailable").GetBoolean(), Find(again, "Cebola").GetProperty("isAvailable").GetBoolean()));

        var none = await (await staff.Patch(path, new { optionGroups = (object?)null })).Body();
        Assert.Equal(0, none.GetProperty("optionGroups").GetArrayLength());
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from catalog.option_stock where product_id = {product.Id()}"));
        Assert.Equal(3000, Assert.Single(await app.Take(new WantedLine(product.Id(), 1))).UnitPriceAmount);
    }

    [Fact]
    public async Task Groups_nobody_could_choose_from_are_refused_by_field()
    {
        var (staff, product) = await Pizza();
        (object Groups, string Field)[] wrong =
        [
            (new[] { Group("A", 2, 1, [Option("x", 1)]) }, "optionGroups[0].min"), (new[] { Group("A", 0, 1, [Option("x", 1)], free: 2) }, "optionGroups[0].free"),
            (new[] { Group("A", 0, 1, [Option("Água", 1), Option("agua", 2)]) }, "optionGroups[0].options"), (new[] { Group("A", 0, 1, []) }, "optionGroups[0].options"),
            (new[] { Group("A", 0, 1, [Option("x", 1)], id: Guid.CreateVersion7()) }, "optionGroups[0].id"), (new[] { Group("", 0, 1, [Option("x", 1)]) }, "optionGroups[0].name"),
            (new[] { Group("A", 0, 1, [new { name = "x", price = Shop.Price(1, "USD") }]) }, "optionGroups[0].options[0].price.currency"),
            (new[] { Group("A", 0, 1, [Option("x", -1)]) }, "optionGroups[0].options[0].price.amount"),
        ];
        foreach (var (groups, field) in wrong)
        {
            var problem = await (await staff.Patch($"/api/v1/products/{product.Id()}", new { optionGroups = groups })).Body(HttpStatusCode.BadRequest);
            Assert.Equal([field], problem.GetProperty("errors").EnumerateObject().Select(error => error.Name), StringComparer.Ordinal);
        }

        Assert.Equal(product.GetProperty("optionGroups").GetRawText(), (await staff.Product(product.Id())).GetProperty("optionGroups").GetRawText());
    }

    [Fact]
    public void However_they_are_named_the_same_choice_costs_the_same_and_no_more_than_without_the_free_ones()
    {
        var groups = from prices in Gen.Choose(0, 5).Select(price => price * 100L).ArrayOf(6)
                     from free in Gen.Choose(0, 4)
                     select new OptionGroup(Guid.CreateVersion7(), "Extras", 0, 50, free, [.. prices.Select((price, at) => new Option(Guid.CreateVersion7(), $"{at}", price, IsAvailable: true, IsCounted: false))]);
        var cases = from offered in groups
                    from counts in Gen.Choose(0, 4).ArrayOf(6)
                    select (Group: offered, Counts: counts);
        Prop.ForAll(cases.ToArbitrary(), one =>
        {
            var (offered, counts) = one;
            List<WantedOption> wanted = [.. counts.Select((count, at) => new WantedOption(offered.Options[at].Id, count)).Where(option => option.Quantity > 0)];
            var (taken, why) = Choice.Of([offered], wanted);
            var (again, _) = Choice.Of([offered], [.. wanted.AsEnumerable().Reverse().SelectMany(option => Enumerable.Repeat(option with { Quantity = 1 }, option.Quantity))]);
            // By hand: all chosen prices, without the lowest ones.
            var expected = counts.SelectMany((count, at) => Enumerable.Repeat(offered.Options[at].Price, count)).Order().Skip(offered.Free).Sum();
            return why is null && taken.SequenceEqual(again) && taken.Sum(option => option.Adds) == expected && taken.Sum(option => option.FreeQuantity) == Math.Min(offered.Free, counts.Sum());
        }).QuickCheckThrowOnFailure();
    }
}
