using System.Net;
using Quitanda.Tests.Accounts;
using Quitanda.Tests.Catalog;

namespace Quitanda.Tests.Booking;

public sealed class ListingCategoryTests(QuitandaApp app) : IClassFixture<QuitandaApp>
{
    private const string Path = "/api/v1/listing-categories";

    [Fact]
    public async Task A_category_has_a_commission_that_only_admins_see()
    {
        var admin = (await app.Admin()).Client;
        var response = await admin.Post(Path, new { name = "Salões de festa", commissionPercent = 12.5 });
        var made = await response.Body(HttpStatusCode.Created);
        Assert.Equal(("saloes-de-festa", "Salões de festa", 12.5m), (made.Text("slug"), made.Text("name"), made.GetProperty("commissionPercent").GetDecimal()));
        Assert.Equal($"{Path}/saloes-de-festa", response.Headers.Location!.OriginalString);

        foreach (var client in (HttpClient[])[app.Guest, await app.Customer(), (await app.Owner()).Client])
        {
            var shown = await (await client.Get($"{Path}/saloes-de-festa")).Body();
            Assert.False(shown.TryGetProperty("commissionPercent", out _));
            Assert.DoesNotContain("commission", (await (await client.Get(Path)).Body()).GetRawText(), StringComparison.Ordinal);
        }

        Assert.Equal(12.5m, (await (await admin.Get($"{Path}/saloes-de-festa")).Body()).GetProperty("commissionPercent").GetDecimal());
    }

    [Fact]
    public async Task Categories_stand_in_their_order_and_a_change_is_seen_at_once()
    {
        var admin = (await app.Admin()).Client;
        // Something stands before them.
        await app.AddListingCategory();
        var (first, second) = (await app.AddListingCategory(), await app.AddListingCategory());
        Assert.True(Position(first, await Slugs()) < Position(second, await Slugs()));

        var changed = await (await admin.Patch($"{Path}/{second}", new { name = "Primeira de todas", position = 0, commissionPercent = 0.01 })).Body();
        Assert.Equal((second, 0.01m), (changed.Text("slug"), changed.GetProperty("commissionPercent").GetDecimal()));
        // Another test's may be first of all.
        Assert.True(Position(second, await Slugs()) < Position(first, await Slugs()));
        Assert.Equal("Primeira de todas", (await (await app.Guest.Get($"{Path}/{second}")).Body()).Text("name"));

        async Task<List<string>> Slugs() => [.. (await (await app.Guest.Get(Path)).Body()).GetProperty("data").EnumerateArray().Select(category => category.Text("slug"))];

        static int Position(string slug, List<string> slugs) => slugs.IndexOf(slug);
    }

    [Theory]
    [InlineData("""{"name":"X","commissionPercent":10.123}""")]
    [InlineData("""{"name":"X","commissionPercent":100.01}""")]
    [InlineData("""{"name":"X","commissionPercent":-1}""")]
    [InlineData("""{"name":"X"}""")]
    [InlineData("""{"name":"X","commissionPercent":10,"slug":"Com Espaço"}""")]
    public async Task What_makes_no_sense_is_refused(string body)
    {
        var admin = (await app.Admin()).Client;
        Assert.Equal("validation_failed", await (await admin.Send(HttpMethod.Post, Path, body)).Refusal(HttpStatusCode.BadRequest));
    }

    [Fact]
    public async Task A_slug_is_there_once_and_a_category_with_listings_stays()
    {
        var (admin, owner) = ((await app.Admin()).Client, (await app.Owner()).Client);
        await (await admin.Post(Path, new { name = "Barcos", slug = "barcos", commissionPercent = 10 })).Body(HttpStatusCode.Created);
        Assert.Equal("slug_taken", await (await admin.Post(Path, new { name = "Outros", slug = "barcos", commissionPercent = 10 })).Refusal(HttpStatusCode.Conflict));

        await owner.AddListing("barcos");
        Assert.Equal("category_in_use", await (await admin.Delete($"{Path}/barcos")).Refusal(HttpStatusCode.Conflict));
        var empty = await app.AddListingCategory();
        await (await admin.Delete($"{Path}/{empty}")).Body(HttpStatusCode.NoContent);
        Assert.Equal("not_found", await (await app.Guest.Get($"{Path}/{empty}")).Refusal(HttpStatusCode.NotFound));
    }

    [Fact]
    public async Task Listings_never_end_up_in_a_category_that_is_deleted_meanwhile()
    {
        var (admin, owner) = ((await app.Admin()).Client, (await app.Owner()).Client);
        for (var round = 0; round < Size.Of(5, 40); round++)
        {
            var category = await app.AddListingCategory();
            var (adding, deleting) = (owner.Post("/api/v1/listings", Offers.Offer(category)), admin.Delete($"{Path}/{category}"));
            var (added, deleted) = (await adding, await deleting);
            Assert.True(
                (added.StatusCode, deleted.StatusCode) is (HttpStatusCode.Created, HttpStatusCode.Conflict) or (HttpStatusCode.BadRequest, HttpStatusCode.NoContent),
                $"{added.StatusCode} and {deleted.StatusCode}");
        }
    }
}
