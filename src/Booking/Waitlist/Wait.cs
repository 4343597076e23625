using System.Text.Json;
using Npgsql;
using Quitanda.Booking.Pricing;
using Quitanda.Platform;

namespace Quitanda.Booking.Waitlist;

/// <summary>Where a wish on a waiting list stands.</summary>
internal enum WaitStatus
{
    /// <summary>In line.</summary>
    Waiting,

    /// <summary>A booking is held for them, to be paid.</summary>
    Offered,

    /// <summary>The offer was paid, or cost nothing.</summary>
    Taken,

    /// <summary>The offer was not paid in time, or declined. Nobody is offered the same twice.</summary>
    Passed,

    /// <summary>Taken off the list.</summary>
    Left,

    /// <summary>Its time has begun.</summary>
    Over,
}

/// <summary>A wish on a listing's waiting list.</summary>
internal sealed record Wait
{
    public required Guid Id { get; init; }
    public required Guid ListingId { get; init; }

    /// <summary>The listing's title.</summary>
    [Impersonal]
    public required string Title { get; init; }
    [Person]
    public required Guid PersonId { get; init; }
    public required WaitStatus Status { get; init; }

    /// <summary>The place in line among those who want some of the same time: the first is 1. Null where it does not wait.</summary>
    public required int? Place { get; init; }

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
    public required IReadOnlyList<WantedAddOn> AddOns { get; init; }
    [Personal]
    public required string? Notes { get; init; }
    [Personal]
    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    /// <summary>The booking that was held for them when their turn came.</summary>
    public required Guid? BookingId { get; init; }

    /// <summary>Until when that booking is to be paid.</summary>
    public required DateTimeOffset? OfferedUntil { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>What <see cref="Columns"/> are of.</summary>
    public static readonly Sql From = Sql.Raw("booking.waits w join booking.listings l on l.id = w.listing_id left join booking.bookings b on b.id = w.booking_id");

    /// <summary>The columns that <see cref="Read"/> reads. What became of an offer is what became of its booking.</summary>
    public static Sql Columns(DateTimeOffset now) => Sql.Of($"""
        w.id, w.listing_id, l.title, w.person_id,
        case when w.status = 'waiting' and w.starts_at <= {now} then 'over' when w.status <> 'offered' then w.status::text
            when b.status = 'pending' then 'offered' when b.paid_at is not null then 'taken' else 'passed' end,
        case when w.status = 'waiting' and w.starts_at > {now} then 1 + (
            select count(*) from booking.waits o
            where o.listing_id = w.listing_id and o.status = 'waiting' and o.place < w.place and o.starts_at > {now} and o.starts_at < w.ends_at and o.ends_at > w.starts_at) end,
        w.wish::text, w.starts_at, w.ends_at, w.booking_id, case when b.status = 'pending' then b.expires_at end, w.created_at
        """);

    public static Wait Read(NpgsqlDataReader row)
    {
        var wish = Wish(row.GetString(6));
        return new()
        {
            Id = row.GetGuid(0),
            ListingId = row.GetGuid(1),
            Title = row.GetString(2),
            PersonId = row.GetGuid(3),
            Status = Wire.Parse<WaitStatus>(row.GetString(4)),
            Place = row.IsDBNull(5) ? null : (int)row.GetInt64(5),
            StartDate = wish.StartDate,
            EndDate = wish.EndDate,
            StartAt = row.GetFieldValue<DateTimeOffset>(7),
            EndAt = row.GetFieldValue<DateTimeOffset>(8),
            Quantity = wish.Quantity,
            Guests = wish.Guests,
            AddOns = wish.AddOns ?? [],
            Notes = wish.Notes,
            Metadata = MetadataAttribute.Kept(wish.Metadata),
            BookingId = row.IsDBNull(9) ? null : row.GetGuid(9),
            OfferedUntil = row.IsDBNull(10) ? null : row.GetFieldValue<DateTimeOffset>(10),
            CreatedAt = row.GetFieldValue<DateTimeOffset>(11),
        };
    }

    /// <summary>A wish as it is kept.</summary>
    public static WantedPeriod Wish(string json) => JsonSerializer.Deserialize<WantedPeriod>(json, Wire.Stored)!;

    /// <summary>Which of <see cref="From"/> somebody sees: who waits, whose listing it is, and admins.</summary>
    public static Sql VisibleTo(Caller caller) => Sql.Of($"(w.person_id = {caller.Id} or l.owner_id = {caller.Id} or {caller.Is(Roles.Admin)})");

    /// <summary>Reads one that is as <paramref name="which"/> says; null where it is not.</summary>
    public static Task<Wait?> Find(Db db, Guid id, Sql which, DateTimeOffset now, CancellationToken ct) =>
        db.ReadFirst($"select {Columns(now)} from {From} where w.id = {id} and {which}", Read, ct);
}
