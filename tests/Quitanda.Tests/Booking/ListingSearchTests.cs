using System.Net;
using Quitanda.Tests.Accounts;
using Quitanda.Tests.Catalog;

namespace Quitanda.Tests.Booking;

public sealed class ListingSearchTests(QuitandaApp app) : IClassFixture<QuitandaApp>
{
    [Fact]
    public async Task Words_are_found_whatever_their_accents_and_typing_errors_are_forgiven()
    {
        var (category, owner) = (await app.AddListingCategory(name: "Salões de baile"), (await app.Owner()).Client);
        await owner.AddListing(category, ("title", "Mansão das Palmeiras"), ("location", new { city = "Olinda" }));
        await owner.AddListing(category, ("title", "Sítio Recanto"), ("description", "Perto da mansão."), ("location", new { city = "Olinda" }));
        await owner.AddListing(category, ("title", "Barco Alegria"), ("location", new { city = "Itamaracá" }));

        Assert.Equal(["Mansão das Palmeiras", "Sítio Recanto"], await app.Guest.Found($"search=MANSAO&category={category}"));
        Assert.Equal(["Mansão das Palmeiras"], await app.Guest.Found($"search=palmeira&category={category}"));
        Assert.Equal(["Mansão das Palmeiras"], await app.Guest.Found($"search=palmieras&category={category}"));
        Assert.Equal(["Barco Alegria"], await app.Guest.Found($"search=itamaraca&category={category}"));
        Assert.Equal(3, (await app.Guest.Found($"search=salao baile&category={category}")).Count);
        Assert.Empty(await app.Guest.Found($"search=...&category={category}"));

        // A category that is called otherwise is found so.
        await (await (await app.Admin()).Client.Patch($"/api/v1/listing-categories/{category}", new { name = "Quadras" })).Body();
        Assert.Equal(3, (await app.Guest.Found($"search=quadra&category={category}")).Count);
    }

    [Fact]
    public async Task Filters_narrow_and_orders_order()
    {
        var (category, owner) = (await app.AddListingCategory(), (await app.Owner()).Client);
        await owner.AddListing(category, ("title", "A"), ("pricing", Day(300)), ("capacity", 10), ("units", 3), ("location", new { city = "São Paulo" }));
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        await owner.AddListing(category, ("title", "B"), ("pricing", Day(100)), ("capacity", 50), ("instantBooking", false), ("location", new { city = "Santos" }));
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        await owner.AddListing(category, ("title", "C"), ("pricing", new { unit = "hour", price = Shop.Price(200) }), ("location", new { city = "Sao Paulo" }));
        await app.Execute($"update booking.listings set rating_sum = 9, rating_count = 2 where category = {category} and title = 'A'");

        foreach (var (query, titles) in new (string, string)[]
        {
            ("", "C B A"), ("sort=newest", "C B A"), ("sort=price", "B C A"), ("sort=-price", "A C B"), ("minPrice=200", "C A"), ("maxPrice=200&sort=price", "B C"), ("guests=11", "C B"), ("units=2", "A"),
            ("instant=true", "C A"), ("instant=false", "B"), ("unit=hour", "C"), ("location=SAO PAULO, SP", "C A"), ("location=Paulo", ""), ("search=recife", ""),
        })
            Assert.Equal(titles, string.Join(' ', await app.Guest.Found($"category={category}&{query}")));
        Assert.Equal("A", (await app.Guest.Found($"category={category}&sort=rating"))[0]);

        foreach (var (query, field) in new (string, string)[]
        {
            ("sort=name", "sort"), ("sort=distance", "sort"), ("sort=relevance", "sort"), ("near=1", "near"), ("near=91,0", "near"), ("radiusKm=5", "radiusKm"), ("from=2026-04-01", "to"), ("to=2026-04-01", "from"),
            ("from=2026-04-02&to=2026-04-01", "to"), ("from=2026-04-01T10:00:00&to=2026-04-01T11:00:00", "from"), ("from=2026-04-01&to=2027-04-02", "to"), ("unit=week", "unit"), ("page=1&after=x", "after"), ("after=x", "after"),
        })
            Assert.Equal(field, Assert.Single((await (await app.Guest.Get($"/api/v1/listings?{query}")).Body(HttpStatusCode.BadRequest)).GetProperty("errors").EnumerateObject()).Name);
    }

    [Fact]
    public async Task What_is_near_comes_by_its_distance_also_over_the_date_line()
    {
        var (category, owner) = (await app.AddListingCategory(), (await app.Owner()).Client);
        await owner.AddListing(category, ("title", "Olinda"), ("location", new { city = "Olinda", lat = -8.0089, lng = -34.8553 }));
        await owner.AddListing(category, ("title", "Recife"), ("location", new { city = "Recife", lat = -8.0476, lng = -34.8770 }));
        await owner.AddListing(category, ("title", "Caruaru"), ("location", new { city = "Caruaru", lat = -8.2842, lng = -35.9699 }));
        await owner.AddListing(category, ("title", "Nowhere"));
        await owner.AddListing(category, ("title", "Taveuni"), ("location", new { city = "Taveuni", lat = -16.85, lng = -179.97 }));
        Assert.Equal(["Recife", "Olinda"], await app.Guest.Found($"category={category}&near=-8.05,-34.88"));
        Assert.Equal(["Recife", "Olinda", "Caruaru"], await app.Guest.Found($"category={category}&near=-8.05,-34.88&radiusKm=150"));
        Assert.Equal(["Recife"], await app.Guest.Found($"category={category}&near=-8.05,-34.88&radiusKm=2"));
        Assert.Equal(["Taveuni"], await app.Guest.Found($"category={category}&near=-16.85,179.97&radiusKm=10"));
        var found = (await (await app.Guest.Get($"/api/v1/listings?category={category}&near=-8.05,-34.88&radiusKm=150")).Body()).GetProperty("data");
        // By the great circle: 123 km from the centre of Recife to that of Caruaru.
        Assert.Equal([0.4, 5.3, 122.9], found.EnumerateArray().Select(one => one.GetProperty("distanceKm").GetDouble()), (expected, actual) => Math.Abs(expected - actual) < 0.6);
    }

    [Fact]
    public async Task With_a_time_only_what_is_free_all_of_it_is_found_with_its_buffers_and_as_many_as_are_asked_for()
    {
        var (category, owner) = (await app.AddListingCategory(), (await app.Owner()).Client);
        var one = (await owner.AddListing(category, ("title", "Um"), ("buffer", new { before = 1, after = 0 }))).Id();
        var three = (await owner.AddListing(category, ("title", "Três"), ("units", 3))).Id();
        var many = (await owner.AddListing(category, ("title", "Muitos"), ("units", 30))).Id();
        var hour = (await owner.AddListing(category, ("title", "Hora"), ("pricing", new { unit = "hour", price = Shop.Price(1) }), ("buffer", new { before = 0, after = 30 }))).Id();
        await (await owner.Close(one, "2026-04-10", "2026-04-10")).Body(HttpStatusCode.Created);
        await (await owner.Close(three, "2026-04-10", "2026-04-10", 1)).Body(HttpStatusCode.Created);
        await (await owner.Close(three, "2026-04-12", "2026-04-12", 1)).Body(HttpStatusCode.Created);
        await (await owner.Close(many, "2026-04-10", "2026-04-10", 25)).Body(HttpStatusCode.Created);
        await (await owner.Close(hour, "2026-04-10T15:00:00Z", "2026-04-10T18:00:00Z")).Body(HttpStatusCode.Created);

        foreach (var (query, titles) in new (string, string)[]
        {
            ("from=2026-04-09&to=2026-04-09", "Hora Muitos Três Um"),
            ("from=2026-04-10&to=2026-04-10", "Muitos Três"),
            // The day before has to be free as well.
            ("from=2026-04-11&to=2026-04-11", "Hora Muitos Três"),
            ("from=2026-04-12&to=2026-04-13", "Hora Muitos Três Um"),
            ("from=2026-04-10&to=2026-04-10&units=2", "Muitos Três"),
            ("from=2026-04-10&to=2026-04-10&units=3", "Muitos"),
            ("from=2026-04-10&to=2026-04-10&units=6", ""),
            ("from=2026-04-10&to=2026-04-12&units=2", "Muitos Três"),
            ("from=2026-04-10T18:00:00Z&to=2026-04-10T19:00:00Z&unit=hour", "Hora"),
            ("from=2026-04-10T14:00:00Z&to=2026-04-10T14:30:00Z&unit=hour", "Hora"),
            ("from=2026-04-10T14:00:00Z&to=2026-04-10T14:45:00Z&unit=hour", ""),
            // What is by the day is judged by the days that are touched: in São Paulo this is still the 9th.
            ("from=2026-04-10T01:00:00Z&to=2026-04-10T03:00:00Z", "Hora Muitos Três Um"),
            ("from=2026-04-10T01:00:00Z&to=2026-04-10T03:00:01Z", "Hora Muitos Três"),
        })
            Assert.Equal(titles, string.Join(' ', (await app.Guest.Found($"category={category}&{query}")).Order(StringComparer.Ordinal)));
    }

    [Fact]
    public async Task Pages_by_number_and_by_cursor_have_everything_once()
    {
        var (category, owner) = (await app.AddListingCategory(), (await app.Owner()).Client);
        for (var at = 0; at < 7; at++)
            await owner.AddListing(category, ("title", $"N{at}"), ("pricing", Day(at % 3)), ("location", new { city = "Recife", lat = -8.05 - at % 2 * 0.01, lng = -34.88 }));
        foreach (var query in (string[])["sort=price", "sort=-price", "sort=newest", "sort=rating", "near=-8.05,-34.88", "search=chacara recife", "search=recife&sort=price", "from=2026-04-01&to=2026-04-02"])
        {
            var path = $"/api/v1/listings?category={category}&limit=3&{query}";
            var (byNumber, byCursor) = (new List<Guid>(), new List<Guid>());
            for (var page = 1; page <= 3; page++)
            {
                var body = await (await app.Guest.Get($"{path}&page={page}")).Body();
                byNumber.AddRange(body.GetProperty("data").EnumerateArray().Select(one => one.Id()));
                Assert.Equal((7, 3, page < 3), (body.GetProperty("meta").GetProperty("total").GetInt64(), body.GetProperty("meta").GetProperty("totalPages").GetInt64(), body.GetProperty("meta").GetProperty("hasNext").GetBoolean()));
            }

            for (var next = ""; next is not null;)
            {
                var body = await (await app.Guest.Get(path + next)).Body();
                byCursor.AddRange(body.GetProperty("data").EnumerateArray().Select(one => one.Id()));
                next = body.GetProperty("meta").GetProperty("next").GetString() is { } after ? $"&after={after}" : null;
            }

            Assert.Equal(7, byNumber.Distinct().Count());
            Assert.Equal(byNumber, byCursor);
        }
    }

    private static object Day(long amount) => new { unit = "day", price = Shop.Price(amount) };
}
