using System.Text.Json;
using System.Text.Json.Serialization;
using Npgsql;
using Quitanda.Booking.Listings;
using Quitanda.Booking.Pricing;
using Quitanda.Platform;

namespace Quitanda.Booking.Bookings;

/// <summary>A booking as lists show it.</summary>
internal record BookingSummary
{
    /// <summary>The columns that <see cref="Read"/> reads, of <c>booking.bookings b</c>.</summary>
    public static readonly Sql Columns = Sql.Raw("""
        b.id, b.code, b.listing_id, b.owner_id, b.renter_id, b.status, b.payment_status, b.title, b.unit, b.time_zone, b.starts_at, b.ends_at, b.quantity, b.guests, b.notes, b.add_ons, b.lines,
        b.currency, b.deposit, b.total, b.policy, b.instant, b.basket_id, b.expires_at, b.paid_at, b.refunded, b.claimed, b.deposit_due_at, b.deposit_back_at, b.cancel_reason, b.metadata,
        b.completed_at, b.created_at, b.updated_at
        """);

    public required Guid Id { get; init; }

    /// <summary>What people call it by: ten letters and digits.</summary>
    [Impersonal]
    public required string Code { get; init; }
    public required Guid ListingId { get; init; }

    /// <summary>The listing's title, as it was when it was booked.</summary>
    [Impersonal]
    public required string Title { get; init; }
    [Person]
    public required Guid OwnerId { get; init; }
    [Person]
    public required Guid RenterId { get; init; }
    public required BookingStatus Status { get; init; }
    public required PaymentStatus PaymentStatus { get; init; }
    public required RentalUnit Unit { get; init; }

    /// <summary>In which its days are days.</summary>
    [Impersonal]
    public required string TimeZone { get; init; }

    /// <summary>The first day, where it is by the day.</summary>
    [Impersonal]
    public required DateOnly? StartDate { get; init; }

    /// <summary>The last day, inclusive.</summary>
    [Impersonal]
    public required DateOnly? EndDate { get; init; }
    public required DateTimeOffset StartAt { get; init; }

    /// <summary>Exclusive.</summary>
    public required DateTimeOffset EndAt { get; init; }
    public required int Quantity { get; init; }
    public required int? Guests { get; init; }
    [Personal]
    public required string? Notes { get; init; }
    public required IReadOnlyList<AddOnLine> AddOns { get; init; }

    /// <summary>What made the price. They sum to the total.</summary>
    public required IReadOnlyList<Line> PriceLines { get; init; }

    /// <summary>What of the total comes back when all is well.</summary>
    public required Money Deposit { get; init; }
    public required Money TotalAmount { get; init; }

    /// <summary>What went back of it until now.</summary>
    public required Money RefundedAmount { get; init; }

    /// <summary>What of the deposit the owner claimed.</summary>
    public required Money ClaimedAmount { get; init; }

    /// <summary>Until when the owner may claim of the deposit; what is not claimed then goes back.</summary>
    public required DateTimeOffset? DepositDueAt { get; init; }
    public required DateTimeOffset? DepositReturnedAt { get; init; }

    /// <summary>What a renter who cancels gets back, as it was when it was booked.</summary>
    public required IReadOnlyList<CancellationStep> CancellationPolicy { get; init; }

    /// <summary>Whether nobody needs to accept it.</summary>
    public required bool InstantBooking { get; init; }

    /// <summary>The basket that it was checked out in.</summary>
    public required Guid? BasketId { get; init; }

    /// <summary>Until when it is answered or paid; null where it does not wait.</summary>
    public required DateTimeOffset? ExpiresAt { get; init; }
    public required DateTimeOffset? PaidAt { get; init; }
    [Personal]
    public required string? CancelReason { get; init; }
    [Personal]
    public required IReadOnlyDictionary<string, string> Metadata { get; init; }
    public required DateTimeOffset? CompletedAt { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>An add-on, as it was when it was booked.</summary>
    [SchemaId("BookingAddOn")]
    internal sealed record AddOnLine(Guid Id, [Impersonal] string Name, int Quantity, Money UnitPrice);

    /// <summary>One line of the price: the rule that made it, and how.</summary>
    /// <param name="Rule">Which rule.</param>
    /// <param name="Name">A season's or an add-on's; null where the rule says it all.</param>
    /// <param name="From">The first day that it is of.</param>
    /// <param name="To">The last day that it is of.</param>
    /// <param name="Quantity">Days or hours times units, or pieces; the percentage of what is taken off.</param>
    /// <param name="UnitPrice">Of one; null where a percentage is taken off.</param>
    /// <param name="Amount">What it comes to.</param>
    [SchemaId("BookingPriceLine")]
    internal sealed record Line(PriceRule Rule, [Impersonal] string? Name, [Impersonal] DateOnly? From, [Impersonal] DateOnly? To, decimal Quantity, Money? UnitPrice, SignedMoney Amount)
    {
        public static Line[] Of(IReadOnlyList<PriceLine> lines, string currency) => [.. lines.Select(line => new Line(
            line.Rule, line.Name, line.From, line.To, line.Quantity, line.UnitPrice is { } price ? new(price, currency) : null, new(line.Amount, currency)))];
    }

    /// <summary>Reads <see cref="Columns"/>, which come first in the row.</summary>
    public static BookingSummary Read(NpgsqlDataReader row)
    {
        var (currency, unit) = (row.GetString(17), Wire.Parse<RentalUnit>(row.GetString(8)));
        var period = new Period(row.GetFieldValue<DateTimeOffset>(10), row.GetFieldValue<DateTimeOffset>(11));
        var clock = unit == RentalUnit.Day ? new ListingClock(unit, TimeZoneInfo.FindSystemTimeZoneById(row.GetString(9)), new()) : null;
        return new()
        {
            Id = row.GetGuid(0),
            Code = row.GetString(1),
            ListingId = row.GetGuid(2),
            OwnerId = row.GetGuid(3),
            RenterId = row.GetGuid(4),
            Status = Wire.Parse<BookingStatus>(row.GetString(5)),
            PaymentStatus = Wire.Parse<PaymentStatus>(row.GetString(6)),
            Title = row.GetString(7),
            Unit = unit,
            TimeZone = row.GetString(9),
            StartDate = clock?.DayOf(period.From),
            EndDate = clock?.LastDayOf(period),
            StartAt = period.From,
            EndAt = period.Until,
            Quantity = row.GetInt32(12),
            Guests = row.IsDBNull(13) ? null : row.GetInt32(13),
            Notes = Text(row, 14),
            AddOns = [.. Json<BookedAddOn[]>(row, 15).Select(addOn => new AddOnLine(addOn.Id, addOn.Name, addOn.Quantity, new(addOn.UnitPrice, currency)))],
            PriceLines = Line.Of(Json<PriceLine[]>(row, 16), currency),
            Deposit = new(row.GetInt64(18), currency),
            TotalAmount = new(row.GetInt64(19), currency),
            CancellationPolicy = Json<CancellationStep[]>(row, 20),
            InstantBooking = row.GetBoolean(21),
            BasketId = row.IsDBNull(22) ? null : row.GetGuid(22),
            ExpiresAt = Time(row, 23),
            PaidAt = Time(row, 24),
            RefundedAmount = new(row.GetInt64(25), currency),
            ClaimedAmount = new(row.GetInt64(26), currency),
            DepositDueAt = Time(row, 27),
            DepositReturnedAt = Time(row, 28),
            CancelReason = Text(row, 29),
            Metadata = MetadataAttribute.Read(row.GetString(30)),
            CompletedAt = Time(row, 31),
            CreatedAt = row.GetFieldValue<DateTimeOffset>(32),
            UpdatedAt = row.GetFieldValue<DateTimeOffset>(33),
        };
    }

    private static T Json<T>(NpgsqlDataReader row, int at) => JsonSerializer.Deserialize<T>(row.GetString(at), Wire.Stored)!;

    private static DateTimeOffset? Time(NpgsqlDataReader row, int at) => row.IsDBNull(at) ? null : row.GetFieldValue<DateTimeOffset>(at);

    private static string? Text(NpgsqlDataReader row, int at) => row.IsDBNull(at) ? null : row.GetString(at);
}

/// <summary>A booking, whole.</summary>
internal sealed record BookingDetails : BookingSummary
{
    [System.Diagnostics.CodeAnalysis.SetsRequiredMembers]
    private BookingDetails(BookingSummary summary) : base(summary) => (Timeline, Change) = ([], null);

    /// <summary>Where it is exactly, once it is paid.</summary>
    [JsonPropertyOrder(1)]
    [Impersonal]
    public string? Address { get; init; }

    /// <summary>Another time that is held for it until the difference is paid.</summary>
    [JsonPropertyOrder(2)]
    public PendingChange? Change { get; init; }

    /// <summary>What happened to it, the first first.</summary>
    [JsonPropertyOrder(3)]
    public required IReadOnlyList<Step> Timeline { get; init; }

    /// <summary>Another time that is held for a booking.</summary>
    /// <param name="Id">The change: what <c>bookingChangeId</c> of a payment names.</param>
    /// <param name="StartAt">Its beginning.</param>
    /// <param name="EndAt">Its end, exclusive.</param>
    /// <param name="TotalAmount">What the booking will have cost.</param>
    /// <param name="Difference">What is to be paid for it.</param>
    /// <param name="ExpiresAt">Until when.</param>
    [SchemaId("BookingChange")]
    internal sealed record PendingChange(Guid Id, DateTimeOffset StartAt, DateTimeOffset EndAt, Money TotalAmount, Money Difference, DateTimeOffset? ExpiresAt);

    /// <summary>One change of its status.</summary>
    /// <param name="Status">What it was changed to.</param>
    /// <param name="At">When.</param>
    /// <param name="By">By whom, in what part.</param>
    /// <param name="Reason">Why, where somebody said so.</param>
    [SchemaId("BookingStep")]
    internal sealed record Step(BookingStatus Status, DateTimeOffset At, Actor By, [Personal] string? Reason)
    {
        /// <summary>The columns that <see cref="Read"/> reads, of <c>booking.booking_events</c>.</summary>
        public static readonly Sql Columns = Sql.Raw("status, at, made_by, reason");

        public static Step Read(NpgsqlDataReader row, int at) => new(
            Wire.Parse<BookingStatus>(row.GetString(at)), row.GetFieldValue<DateTimeOffset>(at + 1), Wire.Parse<Actor>(row.GetString(at + 2)), row.IsDBNull(at + 3) ? null : row.GetString(at + 3));
    }

    /// <summary>Reads a booking of <c>booking.bookings b</c> that is as <paramref name="which"/> says, as this unit of work sees it; null where it is not.</summary>
    public static async Task<BookingDetails?> Find(Db db, Guid id, Sql which, CancellationToken ct)
    {
        BookingDetails? booking = null;
        await db.Reading(
            [
                $"""
                select {Columns}, case when b.status in ('paid', 'confirmed', 'completed') then l.address end from booking.bookings b join booking.listings l on l.id = b.listing_id where b.id = {id} and {which}
                """,
                $"select {Step.Columns} from booking.booking_events where booking_id = {id} order by position",
                $"select id, starts_at, ends_at, total, difference, expires_at from booking.booking_changes where booking_id = {id} and status = 'pending'",
            ],
            async reader =>
            {
                if (!await reader.ReadAsync(CancellationToken.None))
                    return;
                var summary = Read(reader);
                var address = reader.IsDBNull(34) ? null : reader.GetString(34);
                await reader.NextResultAsync(CancellationToken.None);
                List<Step> timeline = [];
                while (await reader.ReadAsync(CancellationToken.None))
                    timeline.Add(Step.Read(reader, 0));
                await reader.NextResultAsync(CancellationToken.None);
                var change = await reader.ReadAsync(CancellationToken.None)
                    ? new PendingChange(reader.GetGuid(0), reader.GetFieldValue<DateTimeOffset>(1), reader.GetFieldValue<DateTimeOffset>(2), new(reader.GetInt64(3), summary.TotalAmount.Currency),
                        new(reader.GetInt64(4), summary.TotalAmount.Currency), reader.IsDBNull(5) ? null : reader.GetFieldValue<DateTimeOffset>(5))
                    : null;
                booking = new(summary) { Address = address, Timeline = timeline, Change = change };
            }, ct);
        return booking;
    }
}
