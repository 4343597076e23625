using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Platform;
using Quitanda.Tests.Accounts;
using Quitanda.Tests.Catalog;
using Quitanda.Tests.Files;

namespace Quitanda.Tests.Booking;

public sealed class ListingTests(QuitandaApp app) : IClassFixture<QuitandaApp>
{
    [Fact]
    public async Task A_listing_is_kept_as_it_was_sent()
    {
        var (category, owner) = (await app.AddListingCategory(), (await app.Owner()).Client);
        var image = (await owner.Uploaded(Samples.Png(), visibility: "public")).Id();
        var response = await owner.Post("/api/v1/listings", new
        {
            title = "Chácara do lago",
            description = "Com piscina.",
            category,
            pricing = new
            {
                unit = "day",
                price = Shop.Price(50_000),
                weekendPrice = Shop.Price(70_000),
                weekendDays = (string[])["saturday", "friday", "friday"],
                seasons = new[] { new { name = "Carnaval", from = "2027-02-05", to = "2027-02-10", price = Shop.Price(150_000) } },
                lengthPrices = new[] { new { from = 7, percentOff = 10 }, new { from = 3, percentOff = 5 } },
                minimum = 2,
                maximum = 30,
            },
            location = new { city = "Gravatá", address = "Estrada do Lago, 7", lat = -8.2012345, lng = -35.5645678 },
            timeZone = "America/Recife",
            capacity = 40,
            units = 2,
            addOns = new[] { new { name = "Churrasqueira", price = Shop.Price(5_000), stock = (int?)3 }, new { name = "Limpeza extra", price = Shop.Price(9_000), stock = (int?)null } },
            deposit = Shop.Price(20_000),
            cleaningFee = Shop.Price(8_000),
            buffer = new { before = 1, after = 1 },
            noticeHours = 48,
            horizonDays = 200,
            startDays = (string[])["saturday", "friday"],
            imageFileIds = (Guid[])[image],
            cancellationPolicy = new[] { new { hoursBefore = 24, percent = 50 }, new { hoursBefore = 168, percent = 100 } },
            instantBooking = false,
            metadata = new { referencia = "A7" },
        });
        var made = await response.Body(HttpStatusCode.Created);
        Assert.Equal($"/api/v1/listings/{made.Id()}", response.Headers.Location!.OriginalString);
        Assert.Equal(made.GetRawText(), (await owner.Listing(made.Id())).GetRawText());
        Assert.Equal("""["friday","saturday"]""", made.GetProperty("pricing").GetProperty("weekendDays").GetRawText());
        Assert.Equal([168, 24], made.GetProperty("cancellationPolicy").EnumerateArray().Select(step => step.GetProperty("hoursBefore").GetInt32()));
        Assert.Equal((true, "approved", "Pessoa", "Estrada do Lago, 7"), (made.GetProperty("isActive").GetBoolean(), made.Text("approval"), made.Text("ownerName"), made.GetProperty("location").Text("address")));
        Assert.Equal(image, made.GetProperty("images")[0].Id());
        Assert.Equal(2, made.GetProperty("addOns").EnumerateArray().Select(addOn => addOn.Id()).Distinct().Count());

        // Everybody else sees about where it is.
        foreach (var client in (HttpClient[])[app.Guest, await app.Customer(), (await app.Owner()).Client])
        {
            var shown = await client.Listing(made.Id());
            Assert.Equal("""{"city":"Gravatá","address":null,"lat":-8.201,"lng":-35.565}""", shown.GetProperty("location").GetRawText());
            Assert.False(shown.TryGetProperty("isActive", out _) || shown.TryGetProperty("approval", out _));
        }

        Assert.Equal("Estrada do Lago, 7", (await (await app.Admin()).Client.Listing(made.Id())).GetProperty("location").Text("address"));
    }

    [Theory]
    [InlineData("pricing.weekendPrice.currency", """{"pricing":{"unit":"day","price":{"amount":1,"currency":"BRL"},"weekendPrice":{"amount":1,"currency":"EUR"}}}""")]
    [InlineData("addOns[0].price.currency", """{"addOns":[{"name":"x","price":{"amount":1,"currency":"EUR"}}]}""")]
    [InlineData("deposit.currency", """{"deposit":{"amount":1,"currency":"EUR"}}""")]
    [InlineData("pricing.seasons[0].to", """{"pricing":{"unit":"day","price":{"amount":1,"currency":"BRL"},"seasons":[{"name":"x","from":"2026-05-02","to":"2026-05-01","price":{"amount":1,"currency":"BRL"}}]}}""")]
    [InlineData("pricing.maximum", """{"pricing":{"unit":"day","price":{"amount":1,"currency":"BRL"},"minimum":3,"maximum":2}}""")]
    [InlineData("cancellationPolicy", """{"cancellationPolicy":[{"hoursBefore":1,"percent":1},{"hoursBefore":1,"percent":2}]}""")]
    [InlineData("location.lng", """{"location":{"city":"x","lat":1}}""")]
    [InlineData("addOns[0].id", """{"addOns":[{"name":"x","price":{"amount":1,"currency":"BRL"},"id":"0198a5b2-7c1e-7d3a-9f60-2b8e4c1d5a77"}]}""")]
    [InlineData("timeZone", """{"timeZone":"Mars/Olympus"}""")]
    [InlineData("category", """{"category":"nenhuma"}""")]
    [InlineData("buffer.before", """{"buffer":{"before":61}}""")]
    [InlineData("pricing.seasons[0].name", """{"pricing":{"unit":"day","price":{"amount":1,"currency":"BRL"},"seasons":[{"name":"","from":"2026-05-02","to":"2026-05-03","price":{"amount":1,"currency":"BRL"}}]}}""")]
    public async Task What_makes_no_sense_is_refused_new_or_changed(string field, string change)
    {
        var (category, owner) = (await app.AddListingCategory(), (await app.Owner()).Client);
        var listing = await owner.AddListing(category);
        var offer = Offers.Offer(category);
        foreach (var member in JsonDocument.Parse(change).RootElement.EnumerateObject())
            offer[member.Name] = member.Value;
        foreach (var response in (HttpResponseMessage[])[await owner.Post("/api/v1/listings", offer), await owner.Send(HttpMethod.Patch, $"/api/v1/listings/{listing.Id()}", change)])
            Assert.Equal(field, Assert.Single((await response.Body(HttpStatusCode.BadRequest)).GetProperty("errors").EnumerateObject()).Name);
        Assert.Equal(listing.GetRawText(), (await owner.Listing(listing.Id())).GetRawText());
    }

    [Fact]
    public async Task A_patch_changes_what_it_names_and_everybody_sees_it_at_once()
    {
        var (category, owner) = (await app.AddListingCategory(), (await app.Owner()).Client);
        var listing = await owner.AddListing(category, ("addOns", new[] { new { name = "Mesa", price = Shop.Price(100) }, new { name = "Toalha", price = Shop.Price(50) } }), ("capacity", 10));
        var path = $"/api/v1/listings/{listing.Id()}";
        Assert.Equal(listing.Text("title"), (await app.Guest.Listing(listing.Id())).Text("title"));

        var towel = listing.GetProperty("addOns")[1].Id();
        var changed = await (await owner.Patch(path, new
        {
            title = "Outro nome",
            capacity = (int?)null,
            addOns = new object[] { new { id = towel, name = "Toalha grande", price = Shop.Price(70), stock = 4 }, new { name = "Cadeira", price = Shop.Price(10) } },
        })).Body();
        Assert.Equal(("Outro nome", JsonValueKind.Null, "Com piscina."), (changed.Text("title"), changed.GetProperty("capacity").ValueKind, changed.Text("description")));
        Assert.Equal((towel, "Toalha grande"), (changed.GetProperty("addOns")[0].Id(), changed.GetProperty("addOns")[0].Text("name")));
        Assert.DoesNotContain(changed.GetProperty("addOns")[1].Id(), listing.GetProperty("addOns").EnumerateArray().Select(addOn => addOn.Id()));
        Assert.Equal("Outro nome", (await app.Guest.Listing(listing.Id())).Text("title"));

        await (await owner.Patch(path, new { isActive = false })).Body();
        Assert.Equal("not_found", await (await app.Guest.Get(path)).Refusal(HttpStatusCode.NotFound));
        Assert.False((await owner.Listing(listing.Id())).GetProperty("isActive").GetBoolean());
        Assert.Contains((await (await owner.Get("/api/v1/listings/mine")).Body()).GetProperty("data").EnumerateArray(), mine => mine.Id() == listing.Id());
    }

    [Fact]
    public async Task A_listing_is_its_owners_and_an_admins()
    {
        var (category, owner) = (await app.AddListingCategory(), (await app.Owner()).Client);
        var listing = await owner.AddListing(category);
        var path = $"/api/v1/listings/{listing.Id()}";
        Assert.Equal(HttpStatusCode.Forbidden, (await (await app.Customer()).Post("/api/v1/listings", Offers.Offer(category))).StatusCode);
        var other = (await app.Owner()).Client;
        Assert.Equal("not_found", await (await other.Patch(path, new { title = "Meu" })).Refusal(HttpStatusCode.NotFound));
        Assert.Equal("not_found", await (await other.Delete(path)).Refusal(HttpStatusCode.NotFound));
        Assert.Equal("not_found", await (await other.Get($"{path}/blocks")).Refusal(HttpStatusCode.NotFound));
        Assert.Equal("not_found", await (await other.Close(listing.Id(), "2026-04-01", "2026-04-02")).Refusal(HttpStatusCode.NotFound));
        Assert.Equal("Do admin", (await (await (await app.Admin()).Client.Patch(path, new { title = "Do admin" })).Body()).Text("title"));

        // Somebody else's image is no image of theirs.
        var image = (await other.Uploaded(Samples.Png(), visibility: "public")).Id();
        Assert.Equal("unusable_file", await (await owner.Patch(path, new { imageFileIds = (Guid[])[image] })).Refusal(HttpStatusCode.Conflict));
        var (first, second) = ((await owner.Uploaded(Samples.Png(), visibility: "public")).Id(), (await owner.Uploaded(Samples.Png(4, 4), visibility: "public")).Id());
        var shown = await (await owner.Patch(path, new { imageFileIds = (Guid[])[second, first] })).Body();
        Assert.Equal([second, first], shown.GetProperty("images").EnumerateArray().Select(one => one.Id()));
        Assert.Equal("file_in_use", await (await owner.Delete($"/api/v1/files/{first}")).Refusal(HttpStatusCode.Conflict));
    }

    [Fact]
    public async Task Who_is_an_owner_no_more_is_shown_what_customers_are_shown()
    {
        var (category, user) = (await app.AddListingCategory(), await app.Insert(Roles.Customer | Roles.Owner));
        var listing = await app.As(user).AddListing(category, ("location", new { city = "Recife", address = "Rua Secreta, 1" }));
        await app.Execute($"update accounts.users set roles = {(int)Roles.Customer} where id = {user.Id}");
        app.Clock.Advance(TimeSpan.FromMinutes(2));
        var was = app.As(user);
        Assert.DoesNotContain("Secreta", (await was.Listing(listing.Id())).GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain("Secreta", (await (await app.Customer()).Listing(listing.Id())).GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_booked_ahead_is_neither_deleted_nor_turned_into_something_else()
    {
        var (category, owner) = (await app.AddListingCategory(), (await app.Owner()).Client);
        var listing = await owner.AddListing(category);
        var path = $"/api/v1/listings/{listing.Id()}";
        var now = app.Clock.GetUtcNow();
        await app.InsertBooking(listing.Id(), "completed", now.AddDays(-3), now.AddDays(-1));
        var ahead = await app.InsertBooking(listing.Id(), "requested", now.AddDays(3), now.AddDays(4));
        Assert.Equal("listing_in_use", await (await owner.Delete(path)).Refusal(HttpStatusCode.Conflict));
        Assert.Equal("listing_in_use", await (await owner.Patch(path, new { timeZone = "Europe/Lisbon" })).Refusal(HttpStatusCode.Conflict));
        Assert.Equal("listing_in_use", await (await owner.Patch(path, new { pricing = new { unit = "hour", price = Shop.Price(1) } })).Refusal(HttpStatusCode.Conflict));
        Assert.Equal("listing_in_use", await (await owner.Patch(path, new { units = 21 })).Refusal(HttpStatusCode.Conflict));
        await (await owner.Patch(path, new { units = 20 })).Body();

        await app.Execute($"update booking.bookings set status = 'cancelled' where id = {ahead}");
        await (await owner.Patch(path, new { timeZone = "Europe/Lisbon", units = 21 })).Body();
        await (await owner.Delete(path)).Body(HttpStatusCode.NoContent);
        Assert.Equal("not_found", await (await owner.Delete(path)).Refusal(HttpStatusCode.NotFound));
        Assert.Equal("not_found", await (await owner.Get(path)).Refusal(HttpStatusCode.NotFound));
        Assert.DoesNotContain(listing.Text("title"), await app.Guest.Found($"category={category}"), StringComparer.Ordinal);
    }

    [Theory]
    [InlineData(3, 2)]
    [InlineData(30, 25)]
    public async Task Units_that_are_held_do_not_go(int units, int fewer)
    {
        var (category, owner) = (await app.AddListingCategory(), (await app.Owner()).Client);
        var listing = await owner.AddListing(category, ("units", units));
        var path = $"/api/v1/listings/{listing.Id()}";
        var block = await (await owner.Close(listing.Id(), "2026-04-01", "2026-04-02", units)).Body(HttpStatusCode.Created);
        Assert.Equal("units_in_use", await (await owner.Patch(path, new { units = fewer })).Refusal(HttpStatusCode.Conflict));
        await (await owner.Patch(path, new { units = units + 1 })).Body();
        var more = await (await owner.Close(listing.Id(), "2026-04-01", "2026-04-01", 1)).Body(HttpStatusCode.Created);
        Assert.Equal("slot_taken", await (await owner.Close(listing.Id(), "2026-04-01", "2026-04-01", 1)).Refusal(HttpStatusCode.Conflict));
        foreach (var gone in (Guid[])[block.Id(), more.Id()])
            await (await owner.Delete($"{path}/blocks/{gone}")).Body(HttpStatusCode.NoContent);
        await (await owner.Patch(path, new { units = fewer })).Body();
        // What was counted is counted by the new number.
        await (await owner.Close(listing.Id(), "2026-04-01", "2026-04-01", fewer)).Body(HttpStatusCode.Created);
        Assert.Equal("slot_taken", await (await owner.Close(listing.Id(), "2026-04-01", "2026-04-01", 1)).Refusal(HttpStatusCode.Conflict));
    }

    [Fact]
    public async Task The_store_s_time_zone_is_the_listings_where_none_is_named()
    {
        var (category, owner) = (await app.AddListingCategory(), (await app.Owner()).Client);
        var listing = await owner.AddListing(category, ("timeZone", null));
        Assert.Equal((await app.InScope(async provider => await provider.GetRequiredService<IBusinessTime>().Zone(CancellationToken.None))).Id, listing.Text("timeZone"));
    }

    [Fact]
    public async Task Who_is_erased_offers_nothing_and_says_not_where()
    {
        var (category, user) = (await app.AddListingCategory(), await app.Insert(Roles.Customer | Roles.Owner));
        var owner = app.As(user);
        var image = (await owner.Uploaded(Samples.Png(), visibility: "public")).Id();
        var listing = await owner.AddListing(category, ("location", new { city = "Recife", address = "Rua Secreta, 1", lat = -8.0512345, lng = -34.8812345 }), ("imageFileIds", (Guid[])[image]));
        await (await owner.Close(listing.Id(), "2026-04-01", "2026-04-02")).Body(HttpStatusCode.Created);
        var export = await (await owner.Get("/api/v1/users/me/export")).Body();
        var own = Assert.Single(export.GetProperty("data").GetProperty("listings").EnumerateArray());
        Assert.Equal(("Rua Secreta, 1", 1), (own.GetProperty("listing").GetProperty("location").Text("address"), own.GetProperty("blocks").GetArrayLength()));

        await (await (await app.Admin()).Client.Delete($"/api/v1/users/{user.Id}")).Body(HttpStatusCode.NoContent);
        Assert.Equal("not_found", await (await app.Guest.Get($"/api/v1/listings/{listing.Id()}")).Refusal(HttpStatusCode.NotFound));
        Assert.Empty(await app.Guest.Found($"category={category}"));
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from booking.listings where id = {listing.Id()} and (archived_at is null or address is not null or lat is not null or images <> jsonb_build_array())"));
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from files.uses where used_by = {listing.Id()}"));
    }
}

public sealed class ListingApprovalTests(ListingApprovalTests.Approving app) : IClassFixture<ListingApprovalTests.Approving>
{
    [Fact]
    public async Task Nobody_sees_a_listing_until_it_is_approved_and_one_that_was_rejected_is_looked_at_again()
    {
        var (category, owner, admin) = (await app.AddListingCategory(), (await app.Owner()).Client, (await app.Admin()).Client);
        var listing = await owner.AddListing(category);
        var path = $"/api/v1/listings/{listing.Id()}";
        Assert.Equal("pending", listing.Text("approval"));
        await (await app.Guest.Get(path)).Body(HttpStatusCode.NotFound);
        Assert.Empty(await app.Guest.Found($"category={category}"));
        Assert.Equal([listing.Text("title")], await admin.Found($"approval=pending&category={category}"));
        await (await owner.Get("/api/v1/listings?approval=pending")).Body(HttpStatusCode.BadRequest);
        Assert.Equal(HttpStatusCode.Forbidden, (await owner.Post($"{path}/approve")).StatusCode);

        var rejected = await (await admin.Post($"{path}/reject", new { reason = "Sem fotos." })).Body();
        Assert.Equal(("rejected", "Sem fotos."), (rejected.Text("approval"), rejected.Text("approvalNote")));
        Assert.Equal("Sem fotos.", (await owner.Listing(listing.Id())).Text("approvalNote"));
        Assert.Equal("rejected", (await (await admin.Patch(path, new { title = "Do admin" })).Body()).Text("approval"));
        var again = await (await owner.Patch(path, new { description = "Com fotos." })).Body();
        Assert.Equal("pending", again.Text("approval"));
        Assert.False(again.TryGetProperty("approvalNote", out _));

        Assert.Equal("approved", (await (await admin.Post($"{path}/approve")).Body()).Text("approval"));
        Assert.Equal("Com fotos.", (await app.Guest.Listing(listing.Id())).Text("description"));
        Assert.Equal(["Do admin"], await app.Guest.Found($"category={category}"));
        // What was approved once may change.
        Assert.Equal("approved", (await (await owner.Patch(path, new { title = "Outra vez" })).Body()).Text("approval"));
        Assert.Equal(["Outra vez"], await app.Guest.Found($"category={category}"));
    }

    public sealed class Approving(TestPostgres postgres) : QuitandaApp(postgres)
    {
        protected override void Configure(WebApplicationBuilder builder) => builder.Configuration["Booking:ApproveListings"] = "true";
    }
}
