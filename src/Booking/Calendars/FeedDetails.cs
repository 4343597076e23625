using System.Text.Json;
using Npgsql;
using Quitanda.Platform;

namespace Quitanda.Booking.Calendars;

/// <summary>How it stands with a calendar elsewhere.</summary>
internal enum FeedStatus
{
    /// <summary>It was not read yet.</summary>
    Waiting,
    Good,

    /// <summary>It could not be read the last time. What was known of it holds.</summary>
    Failed,
}

/// <summary>A calendar elsewhere, as the listing's owner sees it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="ListingId">What it closes.</param>
/// <param name="Name">What its owner calls it.</param>
/// <param name="Url">Where it is.</param>
/// <param name="Status">How it stands.</param>
/// <param name="Error">Why it could not be read.</param>
/// <param name="ErrorDetail">The same as a sentence.</param>
/// <param name="Failures">How often in a row it could not.</param>
/// <param name="TriedAt">When it was last asked.</param>
/// <param name="GoodAt">When it was last well.</param>
/// <param name="NextAt">When it is asked again.</param>
/// <param name="BusyPeriods">How many times ahead it closes.</param>
/// <param name="Conflicts">Bookings that lie where it is busy: perhaps the same one come back, perhaps one too many. A hundred at the most.</param>
/// <param name="CreatedAt">When it was added.</param>
/// <param name="UpdatedAt">When it was last changed by hand.</param>
internal sealed record FeedDetails(
    Guid Id, Guid ListingId, [Personal] string Name, [Personal] string Url, FeedStatus Status, FeedError? Error, [Impersonal] string? ErrorDetail, int Failures, DateTimeOffset? TriedAt, DateTimeOffset? GoodAt,
    DateTimeOffset NextAt, int BusyPeriods, IReadOnlyList<FeedDetails.Conflict> Conflicts, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    /// <param name="BookingId">Of the booking.</param>
    /// <param name="Code">What people call it by.</param>
    /// <param name="StartAt">When it begins.</param>
    /// <param name="EndAt">When it ends.</param>
    internal sealed record Conflict(Guid BookingId, [Impersonal] string Code, DateTimeOffset StartAt, DateTimeOffset EndAt);

    /// <summary>The columns that <see cref="Read"/> reads, of <c>booking.feeds f</c>.</summary>
    public static Sql Columns(DateTimeOffset now) => Sql.Of(
        $"""
        f.id, f.listing_id, f.name, f.url, f.error, f.error_detail, f.failures, f.tried_at, f.good_at, f.due_at,
        (select count(*) from booking.blocks b where b.feed_id = f.id and b.ends_at > {now})::integer,
        (select coalesce(jsonb_agg(jsonb_build_object('bookingId', k.id, 'code', k.code, 'startAt', k.starts_at, 'endAt', k.ends_at) order by k.starts_at, k.id), '[]')
         from (select k.* from booking.feed_conflicts c join booking.bookings k on k.id = c.booking_id where c.feed_id = f.id order by k.starts_at, k.id limit 100) k)::text,
        f.created_at, f.updated_at
        """);

    public static FeedDetails Read(NpgsqlDataReader row)
    {
        FeedError? error = row.IsDBNull(4) ? null : Wire.Parse<FeedError>(row.GetString(4));
        var goodAt = Instant(row, 8);
        return new(
            row.GetGuid(0), row.GetGuid(1), row.GetString(2), row.GetString(3), error is not null ? FeedStatus.Failed : goodAt is null ? FeedStatus.Waiting : FeedStatus.Good, error,
            row.IsDBNull(5) ? null : row.GetString(5), row.GetInt32(6), Instant(row, 7), goodAt, row.GetFieldValue<DateTimeOffset>(9), row.GetInt32(10),
            [.. JsonSerializer.Deserialize<Conflict[]>(row.GetString(11), Wire.Stored)!.Select(one => one with { StartAt = one.StartAt.ToUniversalTime(), EndAt = one.EndAt.ToUniversalTime() })],
            row.GetFieldValue<DateTimeOffset>(12), row.GetFieldValue<DateTimeOffset>(13));
    }

    public static async Task<FeedDetails> Find(Db db, Guid id, DateTimeOffset now, CancellationToken ct) =>
        (await db.ReadFirst($"select {Columns(now)} from booking.feeds f where f.id = {id}", Read, ct))!;

    private static DateTimeOffset? Instant(NpgsqlDataReader row, int at) => row.IsDBNull(at) ? null : row.GetFieldValue<DateTimeOffset>(at);
}
