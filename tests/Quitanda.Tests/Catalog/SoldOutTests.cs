using System.Net;
using System.Text.Json;
using Quitanda.Catalog;
using Quitanda.Platform;
using Quitanda.Tests.Accounts;

namespace Quitanda.Tests.Catalog;

public sealed class SoldOutTests(QuitandaApp app) : IClassFixture<QuitandaApp>
{
    [Fact]
    public async Task What_is_sold_out_is_so_everywhere_and_comes_back_by_itself()
    {
        var staff = await app.Staff();
        var category = await staff.AddCategory();
        var product = await staff.AddProduct(category.Id(), NewName(), stock: 5);
        var (path, list) = ($"/api/v1/products/{product.Id()}", $"products?category={category.Text("slug")}");
        Assert.True(await IsAvailable(product.Id()));
        Assert.True((await app.Guest.Page(list)).GetProperty("data")[0].GetProperty("isAvailable").GetBoolean());

        var until = app.Clock.GetUtcNow().AddHours(2);
        var marked = await (await staff.Post($"{path}/sold-out", new { until })).Body();
        Assert.False(marked.GetProperty("isAvailable").GetBoolean());
        Assert.True(marked.GetProperty("isOnSale").GetBoolean());
        Assert.Equal(5, marked.GetProperty("stock").GetInt32());
        Assert.Equal(until, marked.GetProperty("soldOutUntil").GetDateTimeOffset());

        var seen = await app.Guest.Product(product.Id());
        Assert.False(seen.GetProperty("isAvailable").GetBoolean());
        Assert.False(seen.TryGetProperty("soldOutUntil", out _));
        Assert.False((await app.Guest.Page(list)).GetProperty("data")[0].GetProperty("isAvailable").GetBoolean());
        Assert.False((await app.Guest.Page($"products/search?q={Uri.EscapeDataString(product.Text("name"))}")).GetProperty("data")[0].GetProperty("isAvailable").GetBoolean());
        Assert.Empty((await app.Guest.Page($"{list}&available=true")).Names());
        Assert.Single((await app.Guest.Page($"{list}&available=false")).Names());
        Assert.Equal("out_of_stock", (await Assert.ThrowsAsync<RefusedException>(() => app.Take(new WantedLine(product.Id(), 1)))).Code);
        Assert.Equal(5, await staff.StockOf(product.Id()));

        app.Clock.Advance(TimeSpan.FromHours(2) - TimeSpan.FromMicroseconds(1));
        await app.RunJobs();
        Assert.False(await IsAvailable(product.Id()));
        app.Clock.Advance(TimeSpan.FromMicroseconds(1));
        // Whoever buys need not wait for the job.
        await app.Take(new WantedLine(product.Id(), 1));
        // It is later than the first token lasts.
        staff = await app.Staff();
        Assert.Equal(JsonValueKind.Null, (await staff.Product(product.Id())).GetProperty("soldOutUntil").ValueKind);
        await app.RunJobs();
        Assert.True(await IsAvailable(product.Id()));
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from catalog.products where id = {product.Id()} and sold_out_until is not null"));
    }

    [Fact]
    public async Task An_end_that_was_put_off_is_not_brought_about_by_the_first_ones_job()
    {
        var staff = await app.Staff();
        var product = (await staff.AddProduct((await staff.AddCategory()).Id())).Id();
        var (first, second) = (app.Clock.GetUtcNow().AddHours(1), app.Clock.GetUtcNow().AddHours(3));
        await (await staff.Post($"/api/v1/products/{product}/sold-out", new { until = first })).Body();
        await (await staff.Post($"/api/v1/products/{product}/sold-out", new { until = second })).Body();
        app.Clock.Advance(TimeSpan.FromHours(2));
        await app.RunJobs();
        Assert.False(await IsAvailable(product));
        app.Clock.Advance(TimeSpan.FromHours(1));
        await app.RunJobs();
        Assert.True(await IsAvailable(product));
    }

    [Fact]
    public async Task It_is_taken_back_and_said_again()
    {
        var staff = await app.Staff();
        var product = (await staff.AddProduct((await staff.AddCategory()).Id())).Id();
        var (path, until) = ($"/api/v1/products/{product}/sold-out", app.Clock.GetUtcNow().AddHours(1));
        for (var round = 0; round < 2; round++)
        {
            await (await staff.Post(path, new { until })).Body();
            Assert.False(await IsAvailable(product));
            await (await staff.Delete(path)).Body(HttpStatusCode.NoContent);
            Assert.True(await IsAvailable(product));
            await (await staff.Delete(path)).Body(HttpStatusCode.NoContent);
        }

        // The same end once more has one job, and that one still ends it.
        await (await staff.Post(path, new { until })).Body();
        app.Clock.Advance(TimeSpan.FromHours(1));
        await app.RunJobs();
        Assert.True(await IsAvailable(product));
    }

    [Fact]
    public async Task Without_an_end_it_lasts_until_the_shops_midnight()
    {
        var staff = await app.Staff();
        var product = (await staff.AddProduct((await staff.AddCategory()).Id())).Id();
        // One tap: nothing more need be said.
        var marked = await (await staff.Post($"/api/v1/products/{product}/sold-out")).Body();
        var zone = TimeZoneInfo.FindSystemTimeZoneById((await app.Scalar<string>($"select time_zone from ordering.stores where id = 1"))!);
        var there = TimeZoneInfo.ConvertTime(marked.GetProperty("soldOutUntil").GetDateTimeOffset(), zone);
        Assert.Equal((TimeSpan.Zero, TimeZoneInfo.ConvertTime(app.Clock.GetUtcNow(), zone).Date.AddDays(1)), (there.TimeOfDay, there.Date));
    }

    [Fact]
    public async Task Only_staff_say_so_of_products_there_are_and_of_times_to_come()
    {
        var staff = await app.Staff();
        var path = $"/api/v1/products/{(await staff.AddProduct((await staff.AddCategory()).Id())).Id()}/sold-out";
        await (await app.Guest.Post(path, new { })).Body(HttpStatusCode.Unauthorized);
        await (await (await app.Customer()).Post(path, new { })).Body(HttpStatusCode.Forbidden);
        await (await (await app.Customer()).Delete(path)).Body(HttpStatusCode.Forbidden);
        foreach (var until in new[] { app.Clock.GetUtcNow(), app.Clock.GetUtcNow().AddDays(400) })
            Assert.True((await (await staff.Post(path, new { until })).Body(HttpStatusCode.BadRequest)).GetProperty("errors").TryGetProperty("until", out _));
        await (await staff.Post($"/api/v1/products/{Guid.CreateVersion7()}/sold-out", new { })).Body(HttpStatusCode.NotFound);
        await (await staff.Delete($"/api/v1/products/{Guid.CreateVersion7()}/sold-out")).Body(HttpStatusCode.NotFound);
    }


    private static string NewName() => Shop.NewName("Esgotável");

    private async Task<bool> IsAvailable(Guid product) => (await app.Guest.Product(product)).GetProperty("isAvailable").GetBoolean();
}
