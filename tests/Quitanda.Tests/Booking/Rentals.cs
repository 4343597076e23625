using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Accounts.Users;
using Quitanda.Booking.Listings;
using Quitanda.Platform;
using Quitanda.Tests.Accounts;

namespace Quitanda.Tests.Booking;

/// <summary>Somebody who rents or rents out.</summary>
internal sealed record Party(QuitandaApp App, User User)
{
    public Guid Id => User.Id;

    /// <summary>Signed in now: days pass here, and no token lasts so long.</summary>
    public HttpClient Client => App.As(User);
}

/// <summary>What the tests of bookings share: an owner's listing, and whoever rents it.</summary>
internal static class Rentals
{
    public const string Bookings = "/api/v1/bookings";
    private const string Category = "saloes";

    /// <summary>What the house keeps of it, in hundredths of a percent.</summary>
    public const int Commission = 1250;

    public static async Task<Party> Owner(this QuitandaApp app) => Of(app, await app.Insert(Roles.Customer | Roles.Owner));

    public static async Task<Party> Renter(this QuitandaApp app) => Of(app, await app.Insert());

    public static async Task<Party> Admin(this QuitandaApp app) => Of(app, await app.Insert(Roles.Customer | Roles.Admin));

    private static Party Of(QuitandaApp app, User user) => new(app, user);

    /// <summary>A listing as its owner would have added it: instant, by the day, for 100.00 a day, cancelled for half of the price until two days before.</summary>
    public static async Task<Listing> Listing(
        this QuitandaApp app, Guid ownerId, RentalUnit unit = RentalUnit.Day, int units = 1, bool instant = true, string zone = "America/Sao_Paulo", Func<ListingTerms, ListingTerms>? terms = null, string currency = "BRL")
    {
        var now = app.Clock.GetUtcNow();
        var plain = new ListingTerms { Pricing = new(unit, new(10_000, currency)), CancellationPolicy = [new(48, 50)], HorizonDays = 700 };
        var listing = new Listing
        {
            Id = Guid.CreateVersion7(),
            OwnerId = ownerId,
            Title = "Salão azul",
            Description = "",
            Category = Category,
            Unit = unit,
            TimeZone = zone,
            Currency = currency,
            Price = 10_000,
            Terms = terms is null ? plain : terms(plain),
            City = "Olinda",
            Address = "Rua do Sol, 7",
            Capacity = 100,
            Units = units,
            IsPooled = units > Quitanda.Booking.Listings.Listing.MostToldApart,
            Instant = instant,
            IsActive = true,
            Approval = Approval.Approved,
            CreatedAt = now,
            UpdatedAt = now,
        };
        await app.WithDb(async db =>
        {
            await db.Execute(
                $"insert into booking.categories (slug, name, commission, position, created_at, updated_at) values ({Category}, 'Salões', {Commission}, 0, {now}, {now}) on conflict do nothing", CancellationToken.None);
            db.Add(listing);
            return true;
        });
        return listing;
    }

    /// <summary>A wish on the waiting list of somebody's listing.</summary>
    public static async Task<Guid> InsertWait(this QuitandaApp app, Guid personId)
    {
        var (listing, id, now) = (await app.Listing((await app.Owner()).Id), Guid.CreateVersion7(), app.Clock.GetUtcNow());
        await app.Execute($"""
            insert into booking.waits (id, listing_id, person_id, status, wish, starts_at, ends_at, created_at, updated_at)
            values ({id}, {listing.Id}, {personId}, 'waiting', jsonb_build_object('startDate', '2030-03-04', 'endDate', '2030-03-04', 'notes', 'Com sombra'),
                '2030-03-04T03:00:00Z', '2030-03-05T03:00:00Z', {now}, {now})
            """);
        return id;
    }

    public static Task<HttpResponseMessage> Book(this HttpClient client, Listing listing, DateOnly first, DateOnly last, int quantity = 1, object? addOns = null) =>
        client.Post(Bookings, new { listingId = listing.Id, startDate = first, endDate = last, quantity, addOns });

    public static Task<HttpResponseMessage> Book(this HttpClient client, Listing listing, DateTimeOffset from, DateTimeOffset until, int quantity = 1) =>
        client.Post(Bookings, new { listingId = listing.Id, startAt = from, endAt = until, quantity });

    public static async Task<JsonElement> Booked(this HttpClient client, Listing listing, DateOnly first, DateOnly last, int quantity = 1) => await (await client.Book(listing, first, last, quantity)).Body(HttpStatusCode.Created);

    public static async Task<JsonElement> Booking(this HttpClient client, Guid id) => await (await client.Get($"{Bookings}/{id}")).Body();

    /// <summary>Pays a booking, or another time for one, at the sandbox.</summary>
    public static async Task<Guid> Pay(this HttpClient client, object what)
    {
        var payment = (await (await client.Post("/api/v1/payments", what)).Body(HttpStatusCode.Created)).Id();
        await (await client.Post($"/api/v1/sandbox/payments/{payment}/succeed")).Body();
        return payment;
    }

    /// <summary>A booking that is paid and confirmed.</summary>
    public static async Task<JsonElement> Confirmed(this QuitandaApp app, HttpClient client, Listing listing, DateOnly first, DateOnly last, int quantity = 1)
    {
        var booking = await client.Booked(listing, first, last, quantity);
        await client.Pay(new { bookingId = booking.Id(), provider = "sandbox", method = "card" });
        await app.RunJobs();
        return await client.Booking(booking.Id());
    }

    /// <summary>Lets time pass, and what is due by then happen.</summary>
    public static async Task Later(this QuitandaApp app, TimeSpan by)
    {
        await app.Services.GetRequiredService<JobRunner>().EnsureTimers(CancellationToken.None);
        app.Clock.Advance(by);
        await app.RunJobs();
    }

    /// <summary>What stands on an account of the ledger for an owner, or in all: debits less credits.</summary>
    public static async Task<long> Stands(this QuitandaApp app, string account, Guid? party = null) =>
        await app.Scalar<long>($"select coalesce(sum(amount), 0)::bigint from payments.ledger_entries where account = {account} and ({party}::uuid is null or party_id = {party})");

    public static string[] Story(this JsonElement booking) =>
        [.. booking.GetProperty("timeline").EnumerateArray().Select(step => $"{step.Text("status")} {step.Text("by")} {step.GetProperty("reason").GetString()}".Trim())];

    public static string[] Lines(this JsonElement priced) => [.. priced.GetProperty("priceLines").EnumerateArray().Select(line =>
        $"{line.Text("rule")} {line.GetProperty("name").GetString()} {line.GetProperty("quantity").GetDecimal():0.##} {line.GetProperty("amount").GetProperty("amount").GetInt64()}".Replace("  ", " ", StringComparison.Ordinal))];

    public static long Amount(this JsonElement element, string name) => element.GetProperty(name).GetProperty("amount").GetInt64();

    public static string? Field(this JsonElement element, string name) => element.GetProperty(name) is { ValueKind: JsonValueKind.Null } ? null : element.GetProperty(name).ToString();
}

/// <summary>The application where nobody books too often.</summary>
public sealed class BusyRentalsApp(TestPostgres postgres) : QuitandaApp(postgres)
{
    protected override void Configure(WebApplicationBuilder builder) => builder.Configuration["Booking:BookingsPerHour"] = "0";
}
