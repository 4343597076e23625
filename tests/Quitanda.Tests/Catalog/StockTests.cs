using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Catalog;
using Quitanda.Platform;
using Quitanda.Tests.Accounts;

namespace Quitanda.Tests.Catalog;

public sealed class StockTests(QuitandaApp app) : IClassFixture<QuitandaApp>
{
    [Fact]
    public async Task Each_line_is_taken_at_the_price_and_name_of_now_in_the_order_asked()
    {
        var staff = await app.Staff();
        var category = (await staff.AddCategory()).Id();
        var counted = await staff.AddProduct(category, "Pão na chapa", 600, stock: 10);
        var uncounted = await staff.AddProduct(category, "Café coado", 450);

        var taken = await app.Take(new(uncounted.Id(), 2), new(counted.Id(), 1), new(uncounted.Id(), 5), new(counted.Id(), 4));
        Assert.Equal(
            [
                new(uncounted.Id(), "Café coado", 2, 450, "BRL") { CategoryId = category }, new(counted.Id(), "Pão na chapa", 1, 600, "BRL") { CategoryId = category, IsCounted = true },
                new(uncounted.Id(), "Café coado", 5, 450, "BRL") { CategoryId = category }, new(counted.Id(), "Pão na chapa", 4, 600, "BRL") { CategoryId = category, IsCounted = true },
            ],
            taken);
        Assert.Equal(5, await staff.StockOf(counted.Id()));
        Assert.Null(await staff.StockOf(uncounted.Id()));
        Assert.Equal(counted.Text("updatedAt"), (await staff.Product(counted.Id())).Text("updatedAt"));

        await app.Return(new(counted.Id(), 1), new(uncounted.Id(), 7), new(counted.Id(), 2), new(Guid.CreateVersion7(), 3));
        Assert.Equal(8, await staff.StockOf(counted.Id()));
        Assert.Null(await staff.StockOf(uncounted.Id()));
        Assert.Empty(await app.Take());
        await app.Return();
    }

    [Fact]
    public async Task What_cannot_be_had_is_named_and_nothing_is_taken()
    {
        var staff = await app.Staff();
        var category = (await staff.AddCategory()).Id();
        var plenty = (await staff.AddProduct(category, stock: 10)).Id();
        var few = (await staff.AddProduct(category, stock: 2)).Id();
        var off = (await staff.AddProduct(category, stock: 9, isAvailable: false)).Id();
        var none = (await staff.AddProduct(category, stock: 0)).Id();

        var refused = await Assert.ThrowsAsync<RefusedException>(() => app.Take(new(few, 2), new(plenty, 1), new(none, 1), new(off, 1), new(few, 1)));
        Assert.Equal(("out_of_stock", 409), (refused.Code, refused.Status));
        Assert.Equal([(few, 3L, 2), (none, 1L, 0), (off, 1L, 0)], Products(refused));

        var stranger = Guid.CreateVersion7();
        var unknown = await Assert.ThrowsAsync<RefusedException>(() => app.Take(new(none, 1), new(plenty, 1), new(stranger, 4)));
        Assert.Equal(("unknown_product", 409), (unknown.Code, unknown.Status));
        Assert.Equal([(stranger, 4L, 0)], Products(unknown));

        Assert.Equal((10, 2, 9, 0), (await staff.StockOf(plenty), await staff.StockOf(few), await staff.StockOf(off), await staff.StockOf(none)));
        // Nothing was ordered, so each can still be deleted for good.
        foreach (var id in new[] { plenty, few, off, none })
            await (await staff.Delete($"/api/v1/products/{id}")).Body(HttpStatusCode.NoContent);
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from catalog.products where category_id = {category}"));
    }

    [Fact]
    public async Task Sums_that_no_counter_holds_are_refused_and_not_wrapped()
    {
        var staff = await app.Staff();
        var category = (await staff.AddCategory()).Id();
        var counted = (await staff.AddProduct(category, stock: 5)).Id();
        var uncounted = (await staff.AddProduct(category)).Id();
        static WantedLine[] Lines(Guid id) => [.. Enumerable.Repeat(new WantedLine(id, int.MaxValue), 5)];

        var refused = await Assert.ThrowsAsync<RefusedException>(() => app.Take(Lines(counted)));
        Assert.Equal([(counted, 5L * int.MaxValue, 5)], Products(refused));
        Assert.Equal(5, (await app.Take(Lines(uncounted))).Count);
        await app.Return(Lines(counted));
        Assert.Equal(int.MaxValue, await staff.StockOf(counted));
        foreach (var quantity in (int[])[0, -1, int.MinValue])
            await Assert.ThrowsAsync<ArgumentException>(() => app.Take(new WantedLine(counted, quantity)));
    }

    [Fact]
    public async Task Two_hundred_takers_in_any_order_take_what_there_is_and_no_more()
    {
        var staff = await app.Staff();
        var category = (await staff.AddCategory()).Id();
        var ids = new List<Guid>();
        for (var at = 0; at < 4; at++)
            ids.Add((await staff.AddProduct(category, stock: 100 - at)).Id());
        var uncounted = (await staff.AddProduct(category)).Id();
        // The last of all, and short: it decides how many succeed.
        var scarce = (await staff.AddProduct(category, stock: 15)).Id();

        // Lines in mixed order, the scarce product in two of them: seven can be served.
        var attempts = 0;
        var outcomes = await Race(200, taker =>
        {
            WantedLine[] lines = [new(scarce, 1), .. ids.Select(id => new WantedLine(id, 1)), new(uncounted, 3), new(scarce, 1)];
            new Random(taker).Shuffle(lines);
            return app.InScope(provider =>
            {
                Interlocked.Increment(ref attempts);
                return provider.GetRequiredService<ICatalog>().TakeStock(lines, CancellationToken.None);
            });
        });

        // A deadlock would be run again, and seen here.
        Assert.Equal(200, attempts);
        Assert.Equal(7, outcomes.Count(code => code is null));
        Assert.Equal(193, outcomes.Count(code => code == "out_of_stock"));
        Assert.Equal(1, await staff.StockOf(scarce));
        for (var at = 0; at < ids.Count; at++)
            Assert.Equal(100 - at - 7, await staff.StockOf(ids[at]));
    }

    [Fact]
    public async Task Takers_returners_and_staff_together_lose_nothing()
    {
        var staff = await app.Staff();
        var category = (await staff.AddCategory()).Id();
        var ids = new List<Guid>();
        for (var at = 0; at < 3; at++)
            ids.Add((await staff.AddProduct(category, stock: 40)).Id());

        // Everybody who gets something brings it back, while prices change and products are put forward.
        var outcomes = await Race(Size.Of(60, 200), async taker =>
        {
            WantedLine[] lines = [.. ids.Select(id => new WantedLine(id, 1 + taker % 3))];
            new Random(taker).Shuffle(lines);
            if (taker % 10 == 0)
                await (await staff.Post("/api/v1/products/prices", new { updates = lines.Select(line => new { id = line.ProductId, price = Shop.Price(100 + taker) }) })).Body();
            else if (taker % 10 == 1)
                await (await staff.Patch($"/api/v1/products/{lines[0].ProductId}", new { isFeatured = true, description = $"Por {taker}" })).Body();
            var taken = await app.Take(lines);
            // All lines of one sale are of one moment: a price change is seen in all or in none.
            Assert.Single(taken.Select(line => line.UnitPriceAmount).Distinct());
            new Random(-taker).Shuffle(lines);
            await app.Return(lines);
        });

        Assert.All(outcomes, code => Assert.True(code is null or "out_of_stock", code));
        Assert.Contains(outcomes, code => code is null);
        foreach (var id in ids)
            Assert.Equal(40, await staff.StockOf(id));
    }

    [Fact]
    public async Task A_product_is_deleted_or_sold_but_never_both()
    {
        var staff = await app.Staff();
        var category = (await staff.AddCategory()).Id();
        var (sold, refused) = (0, 0);
        for (var round = 0; round < Size.Of(10, 100); round++)
        {
            var id = (await staff.AddProduct(category, stock: round % 2 == 0 ? 5 : null)).Id();
            var deleting = staff.Delete($"/api/v1/products/{id}");
            var taking = Race(1, _ => app.Take(new WantedLine(id, 1)));
            await (await deleting).Body(HttpStatusCode.NoContent);
            var isSold = Assert.Single(await taking) is not { } code;
            Assert.Equal(isSold, await app.Scalar<long>($"select count(*) from catalog.products where id = {id} and ordered and archived_at is not null") == 1);
            Assert.Equal(isSold, await app.Scalar<long>($"select count(*) from catalog.products where id = {id}") == 1);
            _ = isSold ? sold++ : refused++;
        }

        Assert.True(sold + refused > 0);
    }

    [Fact]
    public async Task A_sale_rewrites_no_index()
    {
        var indexes = await app.WithDb(db => db.Read(
            $"select pg_get_indexdef(indexrelid) from pg_index where indrelid = 'catalog.products'::regclass", reader => reader.GetString(0), TestContext.Current.CancellationToken));
        Assert.NotEmpty(indexes);
        foreach (var written in (string[])["stock", "ordered"])
            Assert.DoesNotContain(indexes, index => index.Contains(written, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_sale_that_waits_for_stock_to_come_back_gets_it()
    {
        var staff = await app.Staff();
        var product = (await staff.AddProduct((await staff.AddCategory()).Id(), stock: 0)).Id();

        // The return is not committed when the sale's statement begins, so the sale begins with a version that has none left.
        Task<IReadOnlyList<TakenLine>>? waiting = null;
        await app.InScope(async provider =>
        {
            await provider.GetRequiredService<ICatalog>().ReturnStock([new(new(product, 3))], CancellationToken.None);
            waiting = app.Take(new WantedLine(product, 2));
            await app.UntilOneWaits();
            return true;
        });

        Assert.Single(await waiting!);
        Assert.Equal(1, await staff.StockOf(product));
    }

    private static List<(Guid, long, int)> Products(RefusedException refused) =>
    [
        .. JsonSerializer.SerializeToElement(refused.Facts!["products"], Wire.Json).EnumerateArray()
            .Select(product => (product.GetProperty("productId").GetGuid(), product.GetProperty("requested").GetInt64(), product.GetProperty("available").GetInt32())),
    ];

    /// <summary>Runs takers all at once and gives the code of each refusal, null where there was none.</summary>
    private static async Task<string?[]> Race(int takers, Func<int, Task> take)
    {
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var racing = Enumerable.Range(0, takers).Select(async taker =>
        {
            await go.Task;
            try
            {
                await take(taker);
                return null;
            }
            catch (RefusedException refused)
            {
                return refused.Code;
            }
        }).ToList();
        go.SetResult();
        return await Task.WhenAll(racing);
    }
}
