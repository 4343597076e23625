using System.Text.Json.Serialization;
using Quitanda.Booking.Categories;
using Quitanda.Platform;

namespace Quitanda.Booking.Listings;

/// <summary>Takes in what was rented out elsewhere: a statement for all of it.</summary>
internal static class ListingIntake
{
    public static async Task<IReadOnlyList<Arrival>> Take(Db db, IReadOnlyList<IncomingListing> listings, DateTimeOffset now, CancellationToken ct)
    {
        var rows = listings.Select(listing => Of(listing, now)).ToList();
        var names = await Categories(db, [.. rows.Where(row => row.Arrival.MayCome)], now, ct);
        foreach (var row in rows.Where(row => row.Arrival.MayCome && !names.ContainsKey(row.Category)))
            row.Arrival.Refuse("too_many_categories", $"There are {AddListingCategory.AtMost} categories already.");
        var wanted = rows.Where(row => row.Arrival.MayCome).ToList();
        if (wanted.Count == 0)
            return [.. rows.Select(row => row.Arrival)];

        foreach (var row in wanted)
            row.Labels = SearchWords.Of(names[row.Category]);
        await db.Execute(
            $"""
            insert into booking.listings (
                id, owner_id, title, description, category, unit, time_zone, currency, price, terms, city, city_words, address, lat, lng, capacity, units, is_pooled, instant, is_active,
                approval, images, metadata, buffer_before, buffer_after, created_at, updated_at)
            select id, "ownerId", title, description, category, 'day', "timeZone", currency, price, terms, city, "cityWords", address, lat, lng, capacity, units, units > {Listing.MostToldApart}, true, "isActive",
                approval, '[]', metadata, 0, 0, "createdAt", "updatedAt"
            from jsonb_to_recordset({Sql.Json(wanted)}) as row (
                id uuid, "ownerId" uuid, title text, description text, category text, "timeZone" text, currency text, price bigint, terms jsonb, city text, "cityWords" text, address text,
                lat double precision, lng double precision, capacity integer, units integer, "isActive" boolean, approval text, metadata jsonb, "createdAt" timestamptz, "updatedAt" timestamptz)
            """, ct);
        await db.Execute(
            $"""
            insert into booking.listing_search (listing_id, category, title, labels, city, description)
            select id, category, "titleWords", labels, "cityWords", described
            from jsonb_to_recordset({Sql.Json(wanted)}) as row (id uuid, category text, "titleWords" text, labels text, "cityWords" text, described text)
            """, ct);
        var learned = SearchWords.Learned(wanted.SelectMany(row => new[] { row.TitleWords, row.Labels, row.CityWords }));
        await db.Execute($"insert into booking.search_words (word) select word from unnest({learned}) as word on conflict do nothing", ct);
        db.Evict(Listing.All);
        return [.. rows.Select(row => row.Arrival)];
    }

    /// <summary>Makes the categories that are not here yet, as many as there may be, and holds all of them against another name.</summary>
    private static async Task<Dictionary<string, string>> Categories(Db db, List<Row> rows, DateTimeOffset now, CancellationToken ct)
    {
        var wanted = rows.GroupBy(row => row.Category, StringComparer.Ordinal).Select(group => (Slug: group.Key, Name: group.First().CategoryName)).OrderBy(category => category.Slug, StringComparer.Ordinal).ToList();
        // One after the other with whoever adds one, so that they are counted right.
        await db.Execute($"select pg_advisory_xact_lock(hashtextextended('booking.categories', 0))", ct);
        var added = await db.Execute(
            $"""
            insert into booking.categories (slug, name, commission, position, created_at, updated_at)
            select slug, name, 0, least((select coalesce(max(position) + 1, 0) from booking.categories) + place - 1, 1000000), {now}, {now}
            from unnest({wanted.Select(category => category.Slug).ToArray()}, {wanted.Select(category => category.Name).ToArray()}) with ordinality as wanted (slug, name, place)
            where not exists (select from booking.categories k where k.slug = wanted.slug)
            order by place limit (select greatest({AddListingCategory.AtMost} - count(*), 0) from booking.categories)
            on conflict (slug) do nothing
            """, ct);
        if (added > 0)
            db.Evict(ListingCategory.All);
        return (await db.Read(
            $"select slug, name from booking.categories where slug = any({wanted.Select(category => category.Slug).ToArray()}) order by slug for share", row => (row.GetString(0), row.GetString(1)), ct)).ToDictionary(StringComparer.Ordinal);
    }

    private static Row Of(IncomingListing given, DateTimeOffset now)
    {
        var arrival = new Arrival(given.Id);
        var (title, city, category) = (arrival.Line(given.Title, 200, "title"), arrival.Line(given.City, 100, "city"), arrival.Line(given.Category, 100, "category") ?? "Outros");
        if (title is null)
            arrival.Refuse("name_missing", "It has no title.");
        if (city is null)
            arrival.Refuse("place_missing", "Nothing says where it is.");
        if (!Currencies.Exists(given.Price.Currency) || given.Price.Amount is < 0 or > Money.Most)
            arrival.Refuse("price_invalid", "Its price is less than nothing, or more than can be, or in no currency.");
        if (given.Units is < 1 or > 10_000)
            arrival.Refuse("units_invalid", "There are 1 to 10,000 of a listing.");
        var isPlace = given is { Lat: >= -90 and <= 90, Lng: >= -180 and <= 180 };
        if (!isPlace && (given.Lat is not null || given.Lng is not null))
            arrival.Note("left_out", "lat, lng: no place on the globe; they were left out.");
        var description = arrival.Words(given.Description, 5000, "description") ?? "";
        var created = given.CreatedAt ?? now;
        return new()
        {
            Arrival = arrival,
            Id = given.Id,
            OwnerId = given.OwnerId,
            Title = title ?? "",
            Description = description,
            CategoryName = category,
            Category = ListingCategory.SlugOf(category),
            TimeZone = given.TimeZone,
            Currency = given.Price.Currency,
            Price = given.Price.Amount,
            Terms = new() { Pricing = new(RentalUnit.Day, given.Price) },
            City = city ?? "",
            CityWords = SearchWords.OfName(city ?? ""),
            Address = arrival.Line(given.Address, 300, "address"),
            Lat = isPlace ? given.Lat : null,
            Lng = isPlace ? given.Lng : null,
            Capacity = given.Capacity is >= 1 and <= 1_000_000 ? given.Capacity : null,
            Units = given.Units,
            IsActive = given.IsActive,
            Approval = given.IsApproved ? Approval.Approved : Approval.Pending,
            Metadata = given.Metadata,
            CreatedAt = created,
            UpdatedAt = given.UpdatedAt is { } updated && updated > created ? updated : created,
            TitleWords = SearchWords.OfName(title ?? ""),
            Described = SearchWords.Of(description),
        };
    }

    /// <summary>A listing as the tables take it.</summary>
    private sealed class Row
    {
        [JsonIgnore]
        public Arrival Arrival { get; init; } = null!;
        public required Guid Id { get; init; }
        public required Guid OwnerId { get; init; }
        public required string Title { get; init; }
        public required string Description { get; init; }
        public required string CategoryName { get; init; }
        public required string Category { get; init; }
        public required string TimeZone { get; init; }
        public required string Currency { get; init; }
        public required long Price { get; init; }
        public required ListingTerms Terms { get; init; }
        public required string City { get; init; }
        public required string CityWords { get; init; }
        public string? Address { get; init; }
        public double? Lat { get; init; }
        public double? Lng { get; init; }
        public int? Capacity { get; init; }
        public required int Units { get; init; }
        public required bool IsActive { get; init; }
        public required Approval Approval { get; init; }
        public required IReadOnlyDictionary<string, string> Metadata { get; init; }
        public required DateTimeOffset CreatedAt { get; init; }
        public required DateTimeOffset UpdatedAt { get; init; }
        public required string TitleWords { get; init; }
        public required string Described { get; init; }
        public string Labels { get; set; } = "";
    }
}
