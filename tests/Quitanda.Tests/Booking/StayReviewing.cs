using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Quitanda.Booking.Listings;
using Quitanda.Platform;
using Quitanda.Tests.Accounts;
using Quitanda.Tests.Reviews;

namespace Quitanda.Tests.Booking;

/// <summary>What the tests of reviews of stays share.</summary>
public abstract class StayReviewing(StayReviewsApp app)
{
    private static long _codes;

    private protected StayReviewsApp App => app;

    private protected static CancellationToken Ct => TestContext.Current.CancellationToken;

    private protected static string Of(Listing listing) => $"/api/v1/listings/{listing.Id}/reviews";

    private protected static string Of(Guid booking) => $"{Rentals.Bookings}/{booking}/review";

    private protected static string About(Party renter) => $"/api/v1/users/{renter.Id}/renter-reviews";

    private protected async Task<Party> Moderator() => new(app, await app.Insert(Roles.Customer | Roles.Moderator));

    private protected static async Task<JsonElement> Say(Party author, string path, int rating) => await (await author.Client.Post(path, new { rating, comment = "Ora." })).Body(HttpStatusCode.Created);

    /// <summary>What both say of a stay: the renter so many stars, the owner five.</summary>
    private protected static async Task<(JsonElement OfListing, JsonElement OfRenter)> Both(Guid stay, Party owner, Party renter, int rating) => (await Say(renter, Of(stay), rating), await Say(owner, Of(stay), 5));

    /// <summary>What a listing shows of its reviews.</summary>
    private protected async Task<(decimal? Average, int Count)> RatingOf(Listing listing)
    {
        var shown = await (await app.Guest.Get($"/api/v1/listings/{listing.Id}")).Body();
        return (shown.GetProperty("averageRating") is { ValueKind: JsonValueKind.Number } average ? average.GetDecimal() : null, shown.GetProperty("reviewCount").GetInt32());
    }

    /// <summary>The sum and the number that are kept with a listing.</summary>
    private protected Task<(long Stars, long Count)> Kept(Listing listing) => app.WithDb(db => db.ReadFirst(
        $"select rating_sum, rating_count from booking.listings where id = {listing.Id}", row => (row.GetInt64(0), (long)row.GetInt32(1)), Ct));

    /// <summary>A stay that is simply there, and over.</summary>
    private protected async Task<Guid> Stayed(Listing listing, Guid renter, int hoursAgo = 1)
    {
        var (id, over) = (Guid.CreateVersion7(), app.Clock.GetUtcNow().AddHours(-hoursAgo));
        var (from, code) = (over.AddDays(-1), $"{Interlocked.Increment(ref _codes):D10}");
        await app.Execute($"""
            insert into booking.bookings (id, code, listing_id, owner_id, renter_id, status, payment_status, title, unit, time_zone, starts_at, ends_at, held_from, held_until, counts_from, quantity, add_ons, lines,
                currency, deposit, total, commission, policy, instant, metadata, completed_at, created_at, updated_at)
            values ({id}, {code}, {listing.Id}, {listing.OwnerId}, {renter}, 'completed', 'paid', 'Salão azul', 'day', 'America/Sao_Paulo', {from}, {over}, {from}, {over}, {from}, 1, '[]', '[]',
                'BRL', 0, 0, 0, '[]', true, jsonb_build_object(), {over}, {from}, {over})
            """);
        return id;
    }
}

/// <summary>The application where nobody books or writes too often.</summary>
public sealed class StayReviewsApp(TestPostgres postgres) : QuitandaApp(postgres)
{
    protected override void Configure(WebApplicationBuilder builder)
    {
        builder.Configuration["Reviews:PostsPerHour"] = "0";
        builder.Configuration["Booking:BookingsPerHour"] = "0";
    }
}
