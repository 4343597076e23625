using System.Net;
using System.Text.Json;
using Quitanda.Tests.Accounts;
using Quitanda.Tests.Catalog;

namespace Quitanda.Tests.Booking;

/// <summary>How the tests of bookings offer something and read what is shown of it.</summary>
internal static class Offers
{
    private static int _number;

    /// <summary>Adds a category of listings through the front door, and gives its slug.</summary>
    public static async Task<string> AddListingCategory(this QuitandaApp app, decimal commissionPercent = 10, string? name = null) =>
        (await (await (await app.Admin()).Client.Post("/api/v1/listing-categories", new { name = name ?? NewName("Espaços"), commissionPercent })).Body(HttpStatusCode.Created)).Text("slug");

    public static string NewName(string word) => $"{word} {Interlocked.Increment(ref _number)}";

    /// <summary>What an owner sends: a plain thing by the day, with whatever a test says otherwise.</summary>
    public static Dictionary<string, object?> Offer(string category, params (string Name, object? Value)[] otherwise)
    {
        var offer = new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["title"] = NewName("Chácara"),
            ["description"] = "Com piscina.",
            ["category"] = category,
            ["pricing"] = new { unit = "day", price = Shop.Price(10_000) },
            ["location"] = new { city = "Recife" },
            ["timeZone"] = "America/Sao_Paulo",
            ["cancellationPolicy"] = Array.Empty<object>(),
            ["instantBooking"] = true,
        };
        foreach (var (name, value) in otherwise)
            offer[name] = value;
        return offer;
    }

    /// <summary>Adds a listing through the front door.</summary>
    public static async Task<JsonElement> AddListing(this HttpClient owner, string category, params (string Name, object? Value)[] otherwise) =>
        await (await owner.Post("/api/v1/listings", Offer(category, otherwise))).Body(HttpStatusCode.Created);

    public static async Task<JsonElement> Listing(this HttpClient client, Guid id) => await (await client.Get($"/api/v1/listings/{id}")).Body();

    /// <summary>The titles that a search finds, in its order.</summary>
    public static async Task<List<string>> Found(this HttpClient client, string query) =>
        [.. (await (await client.Get($"/api/v1/listings?{query}")).Body()).GetProperty("data").EnumerateArray().Select(listing => listing.Text("title"))];

    /// <summary>Closes days of a listing, or times.</summary>
    public static Task<HttpResponseMessage> Close(this HttpClient owner, Guid listing, string from, string to, int? quantity = null) => from.Contains('T', StringComparison.Ordinal)
        ? owner.Post($"/api/v1/listings/{listing}/blocks", new { startAt = from, endAt = to, quantity })
        : owner.Post($"/api/v1/listings/{listing}/blocks", new { startDate = from, endDate = to, quantity });

    /// <summary>A booking as if it had been made, which holds nothing.</summary>
    public static async Task<Guid> InsertBooking(this QuitandaApp app, Guid listing, string status, DateTimeOffset from, DateTimeOffset until)
    {
        var (id, now) = (Guid.CreateVersion7(), app.Clock.GetUtcNow());
        await app.Execute($"""
            insert into booking.bookings (
                id, code, listing_id, owner_id, renter_id, status, payment_status, title, unit, time_zone, starts_at, ends_at, held_from, held_until, counts_from, quantity, add_ons, lines, currency, deposit, total,
                commission, policy, instant, metadata, created_at, updated_at)
            select {id}, translate(upper(right(replace({id}::text, '-', ''), 10)), 'ILOU', '1100'), l.id, l.owner_id, {Guid.CreateVersion7()}, {status}, 'pending', l.title, l.unit, l.time_zone, {from}, {until}, {from}, {until}, {from}, 1,
                jsonb_build_array(), jsonb_build_array(), l.currency, 0, 0, 0, jsonb_build_array(), true, jsonb_build_object(), {now}, {now}
            from booking.listings l where l.id = {listing}
            """);
        return id;
    }
}
