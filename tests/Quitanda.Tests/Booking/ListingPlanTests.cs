using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Quitanda.Booking.Listings;
using Quitanda.Platform;

namespace Quitanda.Tests.Booking;

/// <summary>Reads the plans of searches over many listings and bookings, and, at full size, how long they take.</summary>
public sealed partial class ListingPlanTests(LargeMarket app, ITestOutputHelper output) : IClassFixture<LargeMarket>
{
    /// <summary>In each listing's description.</summary>
    private const string Everywhere = "piscina";

    /// <summary>In one in a hundred: of more, the first are found sooner by reading all.</summary>
    private const string Rare = "quadra 17";

    private readonly HttpClient _measuring = app.CreateMeasuringClient();

    private static readonly string[] Words = ["barco", "chacara piscina", "salao", "sitio churrasqueira"];

    [Fact]
    public async Task No_search_reads_all_there_is()
    {
        const string Near = "-29.9,-49.9";
        var searches = new SearchListings.Query[]
        {
            new(), new() { Category = "c1" }, new() { Location = "Cidade 3" }, new() { Near = Near }, new() { MinPrice = 6000, MaxPrice = 7000 }, new() { Guests = 150, Instant = true }, new() { Units = 3 },
            new() { Search = Rare }, new() { Search = Everywhere }, new() { Search = Rare, Category = "c1", Near = Near },
        };
        List<string> wrong = [];
        foreach (var plain in searches)
            foreach (var query in (SearchListings.Query[])[plain, plain with { From = "2026-05-01", To = "2026-05-03" }, plain with { From = "2026-05-01T12:00:00Z", To = "2026-05-01T20:00:00Z", Units = 2 }])
                foreach (var sort in (string?[])["newest", "price", "-price", "rating", query.Near is null ? null : "distance", query.Search is null ? null : "relevance"])
                    foreach (var isByCursor in (bool[])[false, true])
                    {
                        var asked = query with { Sort = sort };
                        var order = ListingFilter.Of(asked, query.Search is not null).Order;
                        if (isByCursor)
                            asked = asked with { After = Cursor.Write(order.Name, order.Type == "bigint" ? "20000" : app.Clock.GetUtcNow().AddSeconds(-3000).ToString("O", CultureInfo.InvariantCulture), Guid.Empty) };
                        var plan = await PlanOf(asked);
                        // Of a word that all have, the first thousand rows are read, wherever they stand.
                        foreach (var table in (string[])["listings", query.Search == Everywhere ? "bookings" : "listing_search", "taken", "counts", "bookings"])
                            if (plan.Contains($"Seq Scan on {table} ", StringComparison.Ordinal))
                                wrong.Add($"{asked}:\n{plan}");
                        if (!IsTakenInOrder().IsMatch(plan))
                            wrong.Add($"Not in order: {asked}:\n{plan}");
                    }

        Assert.True(wrong.Count == 0, string.Join("\n\n", wrong.Take(4)));
    }

    [Theory]
    [InlineData("newest", "listings_by_age")]
    [InlineData("price", "listings_by_price")]
    [InlineData("-price", "listings_by_price")]
    [InlineData("rating", "listings_by_rating")]
    public async Task An_order_is_walked_in_an_index(string sort, string index)
    {
        Assert.Contains(index, await PlanOf(new() { Sort = sort }), StringComparison.Ordinal);
        // By a cursor: a page by number counts up to 500, and so reads the whole of a category that has fewer.
        var first = sort switch { "newest" => app.Clock.GetUtcNow().AddDays(1).ToString("O", CultureInfo.InvariantCulture), "price" => "0", _ => "1000000" };
        var ofCategory = await PlanOf(new() { Sort = sort, Category = "c7", After = Cursor.Write(sort, first, Guid.Empty) });
        Assert.Contains(index.Replace("listings_", "listings_of_category_", StringComparison.Ordinal), ofCategory, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_near_and_free_is_found_by_its_spot_and_asked_for_by_its_own_rows()
    {
        var plan = await PlanOf(new() { Near = "-29.9,-49.9", From = "2026-05-01", To = "2026-05-03" });
        Assert.Contains("listings_by_spot", plan, StringComparison.Ordinal);
        // Of so few rows either index of a listing's own will do.
        Assert.Matches("taken_by_end|no_overlap", plan);
        Assert.Contains("counts_pkey", plan, StringComparison.Ordinal);
    }

    /// <summary>20 searches a second, no two alike, whoever else waits.</summary>
    [Fact]
    public async Task Twenty_searches_a_second_are_answered_in_time()
    {
        var (random, count) = (new Random(7), Size.Of(20, 600));
        for (var warm = 0; warm < Size.Of(20, 200); warm++)
            await Ask(Asked(random));
        var begun = Stopwatch.GetTimestamp();
        List<Task<(string Path, double Took)>> asked = [];
        using (var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(50), TimeProvider.System))
            while (asked.Count < count && await pace.WaitForNextTickAsync(TestContext.Current.CancellationToken))
                // A tick that comes late is made up for: as many are asked as are due by now.
                while (asked.Count < count && Stopwatch.GetElapsedTime(begun).TotalMilliseconds >= (asked.Count + 1) * 50)
                    asked.Add(Ask(Asked(random)));

        var seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        var took = (await Task.WhenAll(asked)).OrderBy(one => one.Took).ToList();
        output.WriteLine($"{took.Count} searches in {seconds:0.0} s over {LargeMarket.Listings} listings: {took[took.Count / 2].Took:0.0} ms in the median, {took[took.Count * 95 / 100].Took:0.0} ms at p95, {took[^1].Took:0.0} ms at the most.");
        foreach (var (kind, of) in took.GroupBy(one => one.Path.Split('&')[3].Split('=')[0], one => one.Took, StringComparer.Ordinal).Select(kind => (kind.Key, kind.ToList())))
            output.WriteLine($"{kind}: {of[of.Count / 2]:0.0} ms in the median, {of[of.Count * 95 / 100]:0.0} ms at p95.");
        foreach (var (path, slow) in took.TakeLast(8))
            output.WriteLine($"{slow:0.0} ms {path}");
        // Small, it is only asked whether all are answered: how fast says nothing on a machine that does much else.
        if (Size.IsFull)
            Assert.InRange(took[took.Count * 95 / 100].Took, 0, 30);
    }

    private async Task<(string Path, double Took)> Ask(string path)
    {
        var begun = Stopwatch.GetTimestamp();
        var response = await _measuring.GetAsync(path, TestContext.Current.CancellationToken);
        await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (path, Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
    }

    private static string Asked(Random random)
    {
        var day = new DateOnly(2026, 3, 5).AddDays(random.Next(300));
        List<string> parts = [$"from={day:yyyy-MM-dd}&to={day.AddDays(random.Next(5)):yyyy-MM-dd}", $"maxPrice={random.Next(40_000, 110_000)}"];
        parts.AddRange(random.Next(5) switch
        {
            0 => [$"category=c{random.Next(1, 21)}", random.Next(2) == 0 ? "sort=price" : "sort=rating"],
            1 => [string.Create(CultureInfo.InvariantCulture, $"near={random.Next(20) * 0.5 - 29.9:0.00},{random.Next(20) * 0.2 - 49.9:0.00}"), $"guests={random.Next(5, 100)}"],
            2 => [$"search={Words[random.Next(Words.Length)]}"],
            3 => [$"location=Cidade {random.Next(50)}", random.Next(2) == 0 ? "sort=-price" : "sort=newest"],
            _ => [$"units={random.Next(1, 4)}", "sort=price"],
        });
        return "/api/v1/listings?" + string.Join('&', parts);
    }

    /// <summary>The plan of the statement that the search sends, on the connection it sends it on.</summary>
    private async Task<string> PlanOf(SearchListings.Query query)
    {
        var words = query.Search is null ? null : WantedWords.Of(query.Search, "booking")!.Everywhere();
        var statement = Sql.Of($"explain {SearchListings.Statement(query, ListingFilter.Of(query, words is not null), words)}");
        List<string> plan = [];
        await app.WithDb(async db =>
        {
            await db.ReadingPlanned([statement], async row =>
            {
                while (await row.ReadAsync(TestContext.Current.CancellationToken))
                    plan.Add(row.GetString(0));
            }, TestContext.Current.CancellationToken);
            return true;
        });
        return string.Join('\n', plan);
    }

    /// <summary>What is found: a limit, right below it what is asked of the candidates, and below that the limit that keeps their order, on an index, a sort, or the merge of sorts.</summary>
    [GeneratedRegex(@"CTE found\n\s+->  Limit [^\n]*\n(\s+->  Subquery Scan on c [^\n]*\n(\s+Filter:[^\n]*\n)?)?\s+->  Limit [^\n]*\n\s+->  (Sort|Gather Merge|Incremental Sort|Index Scan|Index Scan Backward|Index Only Scan|Index Only Scan Backward)\b", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex IsTakenInOrder();
}
