using System.Security.Cryptography;
using System.Text.Json.Serialization;
using Quitanda.Booking.Listings;
using Quitanda.Booking.Messages;
using Quitanda.Booking.Pricing;
using Quitanda.Platform;

namespace Quitanda.Booking.Bookings;

/// <summary>Takes in bookings that were made elsewhere: the listings are locked as by everybody who books, and the exclusion constraint decides who has the time.</summary>
internal sealed class BookingIntake(Db db, TimeProvider clock) : IBookingIntake
{
    public Task<IReadOnlyList<Arrival>> TakeListings(IReadOnlyList<IncomingListing> listings, CancellationToken ct) => ListingIntake.Take(db, listings, clock.GetUtcNow(), ct);

    public async Task<IReadOnlyList<Arrival>> Take(IReadOnlyList<IncomingBooking> bookings, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var listings = (await db.Read(
            $"select {Listing.Columns} from booking.listings l where l.id = any({bookings.Select(booking => booking.ListingId).Distinct().ToArray()}) order by l.id for no key update", Listing.Read, ct))
            .ToDictionary(listing => listing.Id);
        var rows = bookings.Select(booking => Of(booking, listings.GetValueOrDefault(booking.ListingId), now)).ToList();
        await Seat([.. rows.Where(row => row.Arrival.MayCome && row.Status == BookingStatus.Confirmed)], listings, ct);

        var wanted = rows.Where(row => row.Arrival.MayCome).ToList();
        if (wanted.Count > 0)
            await Insert(wanted, ct);
        return [.. rows.Select(row => row.Arrival)];
    }

    /// <summary>Gives the units of listings to bookings, the first of them to whom they are free: one statement for each unit that a listing may have.</summary>
    private async Task Seat(List<Row> rows, Dictionary<Guid, Listing> listings, CancellationToken ct)
    {
        foreach (var row in rows.Where(row => listings[row.ListingId].IsPooled))
            row.Arrival.Refuse("units_counted", "Its listing has more units than are told apart: book it here by hand.");
        var waiting = rows.Where(row => row.Arrival.MayCome).ToList();
        for (var unit = 1; waiting.Count > 0 && unit <= Listing.MostToldApart; unit++)
        {
            var asking = waiting.Where(row => listings[row.ListingId].Units >= unit).ToList();
            if (asking.Count == 0)
                break;
            // The table of blocks is looked at too: what a calendar elsewhere closes is taken as it becomes free, which may be a moment later.
            var seated = (await db.Read(
                $"""
                insert into booking.taken (listing_id, unit, during, booking_id)
                select listing_id, {unit}, tstzrange(held_from, held_until), id
                from unnest({Ids(asking, row => row.ListingId)}, {Times(asking, row => row.HeldFrom)}, {Times(asking, row => row.HeldUntil)}, {Ids(asking, row => row.Id)}) with ordinality as asked (listing_id, held_from, held_until, id, place)
                where not exists (select from booking.blocks k where k.listing_id = asked.listing_id and k.feed_id is not null and k.starts_at < asked.held_until and k.ends_at > asked.held_from)
                order by place
                on conflict do nothing
                returning booking_id
                """, row => row.GetGuid(0), ct)).ToHashSet();
            foreach (var row in asking.Where(row => seated.Contains(row.Id)))
            {
                row.Units = [unit];
                db.Evict(Listing.TimesTag(row.ListingId));
            }

            waiting.RemoveAll(row => seated.Contains(row.Id));
        }

        if (waiting.Count > 0)
            await Refuse(waiting, ct);
    }

    private async Task Refuse(List<Row> waiting, CancellationToken ct)
    {
        var before = (await db.Read(
            $"""
            select distinct on (asked.id) asked.id, t.booking_id
            from unnest({Ids(waiting, row => row.ListingId)}, {Times(waiting, row => row.HeldFrom)}, {Times(waiting, row => row.HeldUntil)}, {Ids(waiting, row => row.Id)}) as asked (listing_id, held_from, held_until, id)
            join booking.taken t on t.listing_id = asked.listing_id and t.during && tstzrange(asked.held_from, asked.held_until) and t.booking_id is not null
            order by asked.id, lower(t.during), t.booking_id
            """, row => (row.GetGuid(0), row.GetGuid(1)), ct)).ToDictionary();
        foreach (var row in waiting)
            row.Arrival.Refuse("time_taken", "Its time is taken, by a booking that was made before or by a closed period.", before.TryGetValue(row.Id, out var other) ? other : null);
    }

    private async Task Insert(List<Row> rows, CancellationToken ct)
    {
        await db.Execute(
            $"""
            insert into booking.bookings (
                id, code, listing_id, owner_id, renter_id, status, payment_status, title, unit, time_zone, starts_at, ends_at, held_from, held_until, counts_from, quantity, units, guests, notes,
                add_ons, lines, currency, deposit, total, commission, policy, instant, cancel_reason, metadata, completed_at, created_at, updated_at)
            select id, code, "listingId", "ownerId", "renterId", status, "paymentStatus", title, 'day', "timeZone", "startsAt", "endsAt", "heldFrom", "heldUntil", "startsAt", 1, units, guests, notes,
                '[]', lines, currency, 0, total, 0, '[]', true, "cancelReason", metadata, case when status = 'completed' then "endsAt" end, "createdAt", "closedAt"
            from jsonb_to_recordset({Sql.Json(rows)}) as row (
                id uuid, code text, "listingId" uuid, "ownerId" uuid, "renterId" uuid, status text, "paymentStatus" text, title text, "timeZone" text, "startsAt" timestamptz, "endsAt" timestamptz,
                "heldFrom" timestamptz, "heldUntil" timestamptz, units integer[], guests integer, notes text, lines jsonb, currency text, total bigint, "cancelReason" text, metadata jsonb,
                "createdAt" timestamptz, "closedAt" timestamptz)
            """, ct);
        await db.Execute(
            $"""
            insert into booking.booking_events (booking_id, position, status, at, made_by, made_by_id)
            select id, 1, 'pending', "createdAt", 'renter', "renterId"
            from jsonb_to_recordset({Sql.Json(rows)}) as row (id uuid, "createdAt" timestamptz, "renterId" uuid)
            union all
            select id, 2, status, "closedAt", 'system', null
            from jsonb_to_recordset({Sql.Json(rows)}) as row (id uuid, status text, "closedAt" timestamptz)
            """, ct);
    }

    private static Guid[] Ids(List<Row> rows, Func<Row, Guid> id) => [.. rows.Select(id)];

    private static DateTimeOffset[] Times(List<Row> rows, Func<Row, DateTimeOffset> time) => [.. rows.Select(time)];

    private static Row Of(IncomingBooking given, Listing? listing, DateTimeOffset now)
    {
        var arrival = new Arrival(given.Id);
        if (listing is null)
            arrival.Refuse("listing_missing", "Its listing is not here.");
        if (given.Last < given.First || given.Last.DayNumber - given.First.DayNumber >= 3660 || given.First.Year is < 1990 or > 2200)
            arrival.Refuse("time_invalid", "It ends before it begins, or lasts longer than ten years, or lies in no time.");
        if (!Wire.TryParse<PaymentStatus>(given.PaymentStatus, out var payment))
            arrival.Refuse("unknown_payment_status", $"'{given.PaymentStatus}' is no status of a payment.");
        if (!Currencies.Exists(given.Total.Currency) || given.Total.Amount is < 0 or > Money.Most)
            arrival.Refuse("amount_invalid", "Its total is less than nothing, or more than can be, or in no currency.");
        if (listing is not null && listing.OwnerId == given.RenterId)
            arrival.Note("own_listing", "Its owner booked it; it came as it was.");
        if (!arrival.MayCome)
            return new(arrival);

        var zone = new ListingClock(RentalUnit.Day, TimeZoneInfo.FindSystemTimeZoneById(listing!.TimeZone), listing.Unit == RentalUnit.Day ? listing.Terms.Buffer : new());
        var period = zone.Days(given.First, given.Last);
        var held = zone.WithBuffers(period);
        var days = given.Last.DayNumber - given.First.DayNumber + 1;
        return new(arrival)
        {
            Id = given.Id,
            Code = CodeOf(given.Id),
            ListingId = listing.Id,
            OwnerId = listing.OwnerId,
            RenterId = given.RenterId,
            Status = given.Outcome switch
            {
                BookingOutcome.Cancelled => BookingStatus.Cancelled,
                BookingOutcome.Declined => BookingStatus.Declined,
                _ => period.Until <= now ? BookingStatus.Completed : BookingStatus.Confirmed,
            },
            PaymentStatus = payment,
            Title = listing.Title,
            TimeZone = listing.TimeZone,
            StartsAt = period.From,
            EndsAt = period.Until,
            HeldFrom = held.From,
            HeldUntil = held.Until,
            Guests = given.Guests is >= 1 and <= 1_000_000 ? given.Guests : null,
            Notes = ContactDetails.Masked(arrival.Words(given.Notes, 2000, "notes")),
            Lines = [new(PriceRule.Base, Name: null, given.First, given.Last, days, given.Total.Amount % days == 0 ? given.Total.Amount / days : null, given.Total.Amount)],
            Currency = given.Total.Currency,
            Total = given.Total.Amount,
            CancelReason = given.Outcome == BookingOutcome.Cancelled ? arrival.Line(given.CancelReason, 500, "cancelReason") : null,
            Metadata = given.Metadata,
            CreatedAt = given.CreatedAt,
            ClosedAt = given.ClosedAt is { } closed && closed > given.CreatedAt ? closed : given.CreatedAt,
        };
    }

    /// <summary>The code of a booking that came from elsewhere: made of its id, so that it is the same whenever it comes.</summary>
    private static string CodeOf(Guid id) => string.Concat(SHA256.HashData(id.ToByteArray()).Take(10).Select(one => BookingCode.Letters[one % BookingCode.Letters.Length]));

    /// <summary>A booking as the tables take it.</summary>
    private sealed class Row(Arrival arrival)
    {
        [JsonIgnore]
        public Arrival Arrival => arrival;
        public Guid Id { get; init; }
        public string Code { get; init; } = "";
        public Guid ListingId { get; init; }
        public Guid OwnerId { get; init; }
        public Guid RenterId { get; init; }
        public BookingStatus Status { get; init; }
        public PaymentStatus PaymentStatus { get; init; }
        public string Title { get; init; } = "";
        public string TimeZone { get; init; } = "";
        public DateTimeOffset StartsAt { get; init; }
        public DateTimeOffset EndsAt { get; init; }
        public DateTimeOffset HeldFrom { get; init; }
        public DateTimeOffset HeldUntil { get; init; }
        public int[]? Units { get; set; }
        public int? Guests { get; init; }
        public string? Notes { get; init; }
        public PriceLine[] Lines { get; init; } = [];
        public string Currency { get; init; } = "";
        public long Total { get; init; }
        public string? CancelReason { get; init; }
        public IReadOnlyDictionary<string, string> Metadata { get; init; } = MetadataAttribute.None;
        public DateTimeOffset CreatedAt { get; init; }
        public DateTimeOffset ClosedAt { get; init; }
    }
}
