using Quitanda.Booking.Categories;
using Quitanda.Platform;

namespace Quitanda.Booking.Listings;

/// <summary>What the demo's owner rents out: something by the day, something by the hour, and something of which there are many.</summary>
internal sealed class DemoRentals(TimeProvider clock) : IDemo
{
    private const string Zone = "America/Sao_Paulo";

    private sealed record Demo(string Category, string Title, string Description, string City, double Lat, double Lng, int? Capacity, int Units, bool Instant, ListingTerms Terms);

    private static readonly (string Slug, string Name, int Commission)[] Categories = [("saloes", "Salões", 1_000), ("estudios", "Estúdios", 1_200), ("moveis", "Mesas e cadeiras", 800)];

    public async Task<bool> IsEmpty(Db db, CancellationToken ct) => !await db.ReadFirst($"select exists (select from booking.categories) or exists (select from booking.listings)", row => row.GetBoolean(0), ct);

    public async Task Fill(Db db, DemoPeople people, CancellationToken ct)
    {
        var (now, position) = (clock.GetUtcNow(), 0);
        foreach (var (slug, name, commission) in Categories)
            await db.Execute($"insert into booking.categories (slug, name, commission, position, created_at, updated_at) values ({slug}, {name}, {commission}, {position++}, {now}, {now})", ct);
        foreach (var demo in All())
        {
            var listing = new Listing
            {
                Id = Guid.CreateVersion7(now),
                OwnerId = people.ByRole["owner"].Id,
                Title = demo.Title,
                Description = demo.Description,
                Category = demo.Category,
                Unit = demo.Terms.Pricing.Unit,
                TimeZone = Zone,
                Currency = demo.Terms.Pricing.Price.Currency,
                Price = demo.Terms.Pricing.Price.Amount,
                Terms = demo.Terms,
                City = demo.City,
                Lat = demo.Lat,
                Lng = demo.Lng,
                Capacity = demo.Capacity,
                Units = demo.Units,
                IsPooled = demo.Units > Listing.MostToldApart,
                Instant = demo.Instant,
                IsActive = true,
                Approval = Approval.Approved,
                CreatedAt = now,
                UpdatedAt = now,
            };
            db.Add(listing);
            ListingSearch.Put(db, listing, await ListingCategory.Hold(db, demo.Category, ct));
        }

        db.Evict(ListingCategory.All);
    }

    private static IEnumerable<Demo> All()
    {
        CancellationStep[] policy = [new(168, 100), new(48, 50)];
        yield return new(
            "saloes", "Salão Jardim", "Salão com jardim e cozinha, para festas de até 120 pessoas.", "São Paulo", -23.556, -46.662, 120, 1, Instant: false,
            new() { Pricing = new(RentalUnit.Day, Brl(150_000), WeekendPrice: Brl(220_000)), CleaningFee = Brl(25_000), Deposit = Brl(50_000), NoticeHours = 48, CancellationPolicy = policy });
        yield return new(
            "estudios", "Estúdio Pinheiros", "Estúdio de fotografia com luz natural, por hora.", "São Paulo", -23.567, -46.692, 15, 1, Instant: true,
            new() { Pricing = new(RentalUnit.Hour, Brl(12_000), Minimum: 2), Buffer = new(0, 30), CancellationPolicy = policy });
        yield return new(
            "moveis", "Cadeira dobrável branca", "Cadeiras dobráveis, entregues limpas.", "São Paulo", -23.531, -46.633, Capacity: null, Units: 300, Instant: true,
            new() { Pricing = new(RentalUnit.Day, Brl(350), LengthPrices: [new(3, 15)]), CancellationPolicy = policy });
    }

    private static Money Brl(long amount) => new(amount, "BRL");
}
