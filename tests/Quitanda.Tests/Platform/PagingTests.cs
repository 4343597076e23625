using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Quitanda.Platform;

namespace Quitanda.Tests.Platform;

public sealed class PagingTests(ProbeApp app) : IClassFixture<ProbeApp>
{
    [Fact]
    public async Task A_page_by_number_says_where_it_stands_and_where_the_cursor_goes_on()
    {
        var list = await Fill(45);
        var second = await Get($"list={list}&page=2&limit=20");
        var meta = second.GetProperty("meta");
        Assert.Equal((2, 20, 45, 3, true), (meta.GetProperty("page").GetInt32(), meta.GetProperty("limit").GetInt32(), meta.GetProperty("total").GetInt32(), meta.GetProperty("totalPages").GetInt32(), meta.GetProperty("hasNext").GetBoolean()));

        var third = await Get($"list={list}&limit=20&after={meta.GetProperty("next").GetString()}");
        Assert.Equal(["limit", "hasNext", "next"], third.GetProperty("meta").EnumerateObject().Select(member => member.Name), StringComparer.Ordinal);
        Assert.Equal(Ids(await Get($"list={list}&page=3&limit=20")), Ids(third));
        Assert.False(third.GetProperty("meta").GetProperty("hasNext").GetBoolean());
        Assert.Equal(JsonValueKind.Null, third.GetProperty("meta").GetProperty("next").ValueKind);

        Assert.Empty(Ids(await Get($"list={list}&page=9")));
        Assert.Equal(20, Ids(await Get($"list={list}")).Count);
    }

    [Fact]
    public async Task Numbers_are_sorted_as_numbers_and_ties_by_id_both_ways()
    {
        var list = await Fill(30);
        foreach (var sort in (string[])["rank", "-rank", "name", "-name"])
        {
            var walked = await Walk(list, sort, 7, () => Task.CompletedTask);
            Assert.Equal(30, walked.Count);
            var ranks = await app.WithDb(db => db.Read($"select id from probe.rows where list = {list} order by {Sql.Raw(sort.TrimStart('-'))} {Sql.Raw(sort[0] == '-' ? "desc" : "asc")}, id {Sql.Raw(sort[0] == '-' ? "desc" : "asc")}", row => row.GetGuid(0), TestContext.Current.CancellationToken));
            Assert.Equal(ranks, walked);
        }
    }

    [Fact]
    public void Walking_by_cursor_gives_every_row_that_stays_once_and_in_order_whatever_comes_and_goes()
    {
        var changes = Gen.ArrayOf(Gen.Choose(-200, 200)).Resize(30);
        Prop.ForAll(Arb.From(changes), Arb.From(Gen.Choose(1, 9)), (ranks, limit) => Holds(ranks, limit).GetAwaiter().GetResult()).Check(Config.QuickThrowOnFailure.WithMaxTest(Size.Of(15, 500)));

        async Task<bool> Holds(int[] ranks, int limit)
        {
            var list = await Fill(25);
            var staying = await app.WithDb(db => db.Read($"select id from probe.rows where list = {list} order by rank desc, id desc", row => row.GetGuid(0), TestContext.Current.CancellationToken));
            var left = new Queue<int>(ranks);
            var gone = new HashSet<Guid>();
            var walked = await Walk(list, "-rank", limit, async () =>
            {
                if (!left.TryDequeue(out var rank))
                    return;
                if (rank < 0)
                {
                    var victim = staying[-rank % staying.Count];
                    gone.Add(victim);
                    await app.Execute($"delete from probe.rows where id = {victim}");
                }
                else
                {
                    await app.Execute($"insert into probe.rows (id, list, rank, name) values ({Guid.CreateVersion7()}, {list}, {(long)(rank % 12)}, 'new')");
                }
            });
            var known = walked.Where(staying.Contains).ToList();
            return walked.Distinct().Count() == walked.Count
                && known.SequenceEqual(staying.Where(known.Contains))
                && staying.Where(id => !gone.Contains(id)).All(walked.Contains);
        }
    }

    [Fact]
    public async Task A_deep_cursor_seeks_in_the_index_and_skips_nothing()
    {
        var list = Guid.CreateVersion7();
        await app.Execute($"insert into probe.rows (id, list, rank, name) select gen_random_uuid(), {list}, i, 'deep' from generate_series(1, {Size.Of(20_000, 500_000)}) i");
        await app.Execute($"analyze probe.rows");
        var plan = string.Join('\n', await app.WithDb(db => db.Read(
            $"explain (analyze, costs off, timing off, summary off) select id from probe.rows where list = {list} and (rank, id) < ({"100"}::text::bigint, {Guid.Empty}) order by rank desc, id desc limit 21",
            row => row.GetString(0), TestContext.Current.CancellationToken)));
        Assert.Contains("Index", plan, StringComparison.Ordinal);
        Assert.DoesNotContain("Sort", plan, StringComparison.Ordinal);
        Assert.DoesNotContain("Rows Removed", plan, StringComparison.Ordinal);
    }

    private static List<Guid> Ids(JsonElement page) => [.. page.GetProperty("data").EnumerateArray().Select(row => row.GetProperty("id").GetGuid())];

    private async Task<List<Guid>> Walk(Guid list, string sort, int limit, Func<Task> between)
    {
        List<Guid> walked = [];
        for (string? after = null; ;)
        {
            var page = await Get($"list={list}&sort={sort}&limit={limit}{(after is null ? "" : $"&after={after}")}");
            walked.AddRange(Ids(page));
            after = page.GetProperty("meta").GetProperty("next").GetString();
            if (after is null)
                return walked;
            await between();
        }
    }

    private async Task<JsonElement> Get(string query) => await (await app.Guest.Send(HttpMethod.Get, $"/api/v1/probe/rows?{query}")).Json();

    private async Task<Guid> Fill(int rows)
    {
        var list = Guid.CreateVersion7();
        await app.Execute($"insert into probe.rows (id, list, rank, name) select gen_random_uuid(), {list}, i % 12, 'name ' || i % 5 from generate_series(1, {rows}) i");
        return list;
    }
}
