using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Quitanda.Booking.Listings;
using Quitanda.Platform;

namespace Quitanda.Booking.Calendars;

/// <summary>A calendar elsewhere that closes a listing while it is busy. It is changed only by who holds the listing's lock.</summary>
internal sealed class Feed
{
    /// <summary>Calendars of a listing at the most.</summary>
    public const int AtMost = 10;

    /// <summary>Failures in a row after which its owner is told, once.</summary>
    public const int FailuresUntilTold = 3;

    /// <summary>A version is believed for so long; then the calendar is read whole again, since its days have moved on.</summary>
    private static readonly TimeSpan BelievedFor = TimeSpan.FromHours(24);

    /// <summary>The longest that one which fails is left alone.</summary>
    private static readonly TimeSpan Rarest = TimeSpan.FromHours(24);

    public required Guid Id { get; init; }
    public required Guid ListingId { get; init; }
    public required string Name { get; set; }

    /// <summary>Where it is: a secret of its owner's, as its server sees it.</summary>
    public required string Url { get; set; }
    public string? Version { get; private set; }
    public string? LastModified { get; private set; }
    public DateTimeOffset? TriedAt { get; private set; }
    public DateTimeOffset? GoodAt { get; private set; }
    public DateTimeOffset? ReadAt { get; private set; }
    public FeedError? Error { get; private set; }
    public string? ErrorDetail { get; private set; }
    public int Failures { get; private set; }
    public DateTimeOffset? ToldAt { get; private set; }
    public required DateTimeOffset DueAt { get; set; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; set; }

    /// <summary>Whether the listing <c>l</c> is one that somebody may change.</summary>
    public static Sql IsOf(Caller caller) => caller.Is(Roles.Admin) ? Sql.Raw("true") : Sql.Of($"l.owner_id = {caller.Id}");

    /// <summary>Locks a listing that is somebody's, and finds one of its feeds.</summary>
    public static async Task<(Feed Feed, Listing Listing)?> Lock(Db db, Guid listingId, Guid id, Caller caller, CancellationToken ct)
    {
        if (await Listing.Lock(db, listingId, ct) is not { ArchivedAt: null } listing || !listing.IsOf(caller)
            || await db.Set<Feed>().SingleOrDefaultAsync(feed => feed.Id == id && feed.ListingId == listingId, ct) is not { } feed)
            return null;
        return (feed, listing);
    }

    /// <summary>What is sent to be told that nothing has changed; nothing where the calendar is to be read whole.</summary>
    public (string? Version, string? LastModified) Known(DateTimeOffset now) => Error is null && ReadAt > now - BelievedFor ? (Version, LastModified) : (null, null);

    /// <summary>It lies elsewhere now: nothing is known of what is there.</summary>
    public void MoveTo(string url) => (Url, Version, LastModified, ReadAt, Failures, ToldAt) = (url, null, null, null, 0, null);

    /// <summary>It was asked and is well.</summary>
    public void Succeed(bool isWhole, string? version, string? lastModified, DateTimeOffset now, TimeSpan every)
    {
        (TriedAt, GoodAt, Error, ErrorDetail, Failures, ToldAt) = (now, now, null, null, 0, null);
        if (isWhole)
            (ReadAt, Version, LastModified) = (now, version, lastModified);
        DueAt = now + Jittered(every);
    }

    /// <summary>It was asked and is not well: what was known of it stays, and it is asked ever less often. True where its owner is to be told.</summary>
    public bool Fail(FeedError error, string detail, DateTimeOffset now, TimeSpan every)
    {
        (TriedAt, Error, ErrorDetail) = (now, error, detail);
        Failures++;
        var next = every * Math.Pow(2, Math.Min(Failures - 1, 20));
        DueAt = now + Jittered(next < Rarest ? next : Rarest);
        if (Failures < FailuresUntilTold || ToldAt is not null)
            return false;
        ToldAt = now;
        return true;
    }

    /// <summary>Up to a tenth more or less, so that not all are asked at once.</summary>
    private static TimeSpan Jittered(TimeSpan time) => time * (0.9 + RandomNumberGenerator.GetInt32(201) / 1000.0);
}
