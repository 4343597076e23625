using System.Net;
using System.Text.Json;

namespace Quitanda.Tests.Ordering;

public sealed class OrderListTests(Shop shop) : IClassFixture<Shop>
{
    private const string Orders = "/api/v1/orders";

    [Fact]
    public async Task My_orders_are_mine_with_lines_and_without_the_timeline_newest_first()
    {
        var (customer, stranger) = (await shop.Customer(), await shop.Customer());
        var first = await PlaceLater(customer);
        await PlaceLater(stranger);
        var second = await PlaceLater(customer);

        var list = await Mine(customer, "");

        Assert.Equal([second.Id(), first.Id()], Ids(list));
        var shown = list.GetProperty("data")[0];
        Assert.False(shown.TryGetProperty("timeline", out _));
        foreach (var member in shown.EnumerateObject())
            Assert.Equal(second.GetProperty(member.Name).GetRawText(), member.Value.GetRawText());
        var meta = list.GetProperty("meta");
        Assert.Equal((1, 20, 2L, 1L, false), (meta.GetProperty("page").GetInt32(), meta.GetProperty("limit").GetInt32(), meta.GetProperty("total").GetInt64(), meta.GetProperty("totalPages").GetInt64(), meta.GetProperty("hasNext").GetBoolean()));
        Assert.Equal([first.Id(), second.Id()], Ids(await Mine(customer, "?sort=createdAt")));
    }

    [Fact]
    public async Task Somebody_without_orders_sees_an_empty_first_page_and_pages_past_the_end_keep_the_count()
    {
        var customer = await shop.Customer();
        Assert.Equal(0, (await Mine(customer, "")).GetProperty("meta").GetProperty("total").GetInt64());
        await PlaceLater(customer);
        var past = await Mine(customer, "?page=9&limit=5");
        Assert.Equal((0, 1L), (past.GetProperty("data").GetArrayLength(), past.GetProperty("meta").GetProperty("total").GetInt64()));
    }

    [Theory]
    [InlineData("-createdAt")]
    [InlineData("createdAt")]
    public async Task Paging_by_cursor_meets_every_order_once_though_orders_come_in_meanwhile(string sort)
    {
        var customer = await shop.Customer();
        List<Guid> before = [];
        for (var placed = 0; placed < 7; placed++)
            // Some at one and the same instant, where only the id tells them apart.
            before.Add((placed % 3 == 0 ? await PlaceLater(customer) : await shop.Place(customer)).Id());

        List<Guid> met = [];
        var page = await Mine(customer, $"?sort={sort}&limit=2");
        while (true)
        {
            met.AddRange(Ids(page));
            if (page.GetProperty("meta").Text("next") is not { } next)
                break;
            // While walking towards the newest, new ones would go on for ever.
            if (met.Count < 8)
                await PlaceLater(customer);
            page = await Mine(customer, $"?sort={sort}&limit=2&after={next}");
            Assert.False(page.GetProperty("meta").TryGetProperty("total", out _));
        }

        Assert.Equal(met.Count, met.Distinct().Count());
        Assert.Empty(before.Except(met));
        if (sort == "-createdAt")
            Assert.Equal(7, met.Count);
    }

    [Fact]
    public async Task Wrong_pages_sorts_and_cursors_are_400s_that_name_the_field()
    {
        var customer = await shop.Customer();
        for (var placed = 0; placed < 3; placed++)
            await shop.Place(customer);
        var next = (await Mine(customer, "?limit=1")).GetProperty("meta").Text("next");
        foreach (var (query, field) in ((string, string)[])
            [("page=0", "page"), ("limit=0", "limit"), ("limit=101", "limit"), ("page=x", "page"), ("sort=total", "sort"), ("after=nonsense", "after"), ($"after={next}&page=2", "after"), ($"after={next}&sort=createdAt", "after")])
            Assert.Equal([field], await (await customer.Client.Get($"{Orders}/mine?{query}")).Wrong());
    }

    [Fact]
    public async Task Staff_list_everybodys_orders_and_find_them()
    {
        var (customer, other, staff) = (await shop.Customer(), await shop.Customer(), await shop.Staff());
        var mine = await PlaceLater(customer);
        var theirs = await PlaceLater(other);
        await (await staff.Client.Post($"{Orders}/{theirs.Id()}/confirm")).Body();

        Assert.Equal([theirs.Id(), mine.Id()], Ids(await All("?limit=2")));
        Assert.Equal([mine.Id()], Ids(await All("?limit=1&status=pending")));
        Assert.Equal([theirs.Id()], Ids(await All("?limit=1&status=confirmed")));
        Assert.Equal([mine.Id()], Ids(await All($"?search={mine.GetProperty("number").GetInt64()}")));
        Assert.Equal([mine.Id()], Ids(await All($"?search={customer.Id}")));
        Assert.Empty(Ids(await All("?search=coxinha")));
        Assert.Empty(Ids(await All("?paymentStatus=refunded")));
        Assert.Equal([theirs.Id()], Ids(await All($"?from={theirs.Text("createdAt")}")));
        Assert.DoesNotContain(theirs.Id(), Ids(await All($"?to={theirs.Text("createdAt")}&limit=100")));
        Assert.Equal(mine.GetProperty("items").GetRawText(), (await All($"?search={customer.Id}")).GetProperty("data")[0].GetProperty("items").GetRawText());

        var first = await All("?limit=1");
        Assert.Equal([mine.Id()], Ids(await All($"?limit=1&after={first.GetProperty("meta").Text("next")}")));
        Assert.Equal([mine.Id()], Ids(await All("?limit=1&page=2")));

        foreach (var (query, field) in ((string, string)[])[("status=lost", "status"), ("paymentStatus=owed", "paymentStatus"), ("from=yesterday", "from"), ("to=2026-13-01", "to"), ("sort=total", "sort")])
            Assert.Equal([field], await (await staff.Client.Get($"{Orders}?{query}")).Wrong());
        await (await customer.Client.Get(Orders)).Refusal(HttpStatusCode.Forbidden, "forbidden");
        await (await shop.Guest.Get(Orders)).Refusal(HttpStatusCode.Unauthorized, "unauthenticated");
        await (await shop.Guest.Get($"{Orders}/mine")).Refusal(HttpStatusCode.Unauthorized, "unauthenticated");

        async Task<JsonElement> All(string query) => await (await staff.Client.Get(Orders + query)).Body();
    }

    [Fact]
    public async Task Days_of_the_list_are_the_stores_own()
    {
        // In São Paulo a day begins at three in the morning UTC.
        var (customer, staff) = (await shop.Customer(), await shop.Staff());
        var placed = (await PlaceLater(customer)).GetProperty("createdAt").GetDateTimeOffset();
        var day = DateOnly.FromDateTime(placed.UtcDateTime.AddHours(-3));

        Assert.Equal(1, await Count($"from={day:yyyy-MM-dd}&to={day:yyyy-MM-dd}"));
        Assert.Equal(0, await Count($"from={day.AddDays(1):yyyy-MM-dd}"));
        Assert.Equal(0, await Count($"to={day.AddDays(-1):yyyy-MM-dd}"));

        async Task<long> Count(string query) => (await (await staff.Client.Get($"{Orders}?search={customer.Id}&{query}")).Body()).GetProperty("meta").GetProperty("total").GetInt64();
    }

    private async Task<JsonElement> PlaceLater(Shop.Person customer)
    {
        shop.Clock.Advance(TimeSpan.FromSeconds(1));
        return await shop.Place(customer);
    }

    private static async Task<JsonElement> Mine(Shop.Person customer, string query) => await (await customer.Client.Get($"{Orders}/mine{query}")).Body();

    private static IEnumerable<Guid> Ids(JsonElement list) => list.GetProperty("data").EnumerateArray().Select(order => order.Id());
}
