using Quitanda.Platform;

namespace Quitanda.Reviews;

/// <summary>
/// Something that can be reviewed. Reviews knows no product: the module that knows who received one implements this, registered under its kind.
/// Every call joins the caller's transaction.
/// </summary>
public interface IReviewable
{
    /// <summary>Stable, stored: <c>product</c>.</summary>
    string Kind { get; }

    /// <summary>Whether it is there for everybody to see.</summary>
    Task<bool> IsThere(Guid id, CancellationToken ct);

    /// <summary>Whether this person has had it, and so may say how it was. Once true it stays so: nothing is locked.</summary>
    Task<bool> WasReceivedBy(Guid personId, Guid id, CancellationToken ct);
}

/// <summary>
/// Stays that both sides review: the renter the listing, the owner the renter. Reviews knows no booking: the module that knows who stayed where implements this. Every call joins the
/// caller's transaction.
/// </summary>
public interface IStays
{
    /// <summary>Whether a listing is there for this reader, and its reviews with it.</summary>
    Task<bool> IsThere(Guid listingId, Caller? reader, CancellationToken ct);

    /// <summary>A stay, over or not; null where there is none. Once it is over it stays so, and whose it is never changes: nothing is locked.</summary>
    Task<Stay?> Find(Guid id, CancellationToken ct);

    /// <summary>The stays of a renter in a listing that are over, the latest first.</summary>
    /// <param name="renterId">Who stayed.</param>
    /// <param name="listingId">Where.</param>
    /// <param name="atMost">So many at the most.</param>
    /// <param name="ct">Stops waiting.</param>
    Task<IReadOnlyList<Stay>> Over(Guid renterId, Guid listingId, int atMost, CancellationToken ct);

    /// <summary>Whether this owner has a request or a stay of this renter, and so may read what others say of them.</summary>
    Task<bool> Knows(Guid ownerId, Guid renterId, CancellationToken ct);
}

/// <summary>Somebody stays somewhere.</summary>
/// <param name="Id">The booking.</param>
/// <param name="ListingId">Where; reviewed under <see cref="Listing"/>.</param>
/// <param name="OwnerId">Whose that is.</param>
/// <param name="RenterId">Who stays; reviewed under <see cref="Renter"/>.</param>
/// <param name="OverAt">Since when it is over; null where it is not.</param>
public sealed record Stay(Guid Id, Guid ListingId, Guid OwnerId, Guid RenterId, DateTimeOffset? OverAt)
{
    /// <summary>The kind under which listings are reviewed.</summary>
    public const string Listing = "listing";

    /// <summary>The kind under which renters are reviewed.</summary>
    public const string Renter = "renter";
}

/// <summary>What other modules may ask of reviews. Every call joins the caller's transaction.</summary>
public interface IReviews
{
    /// <summary>
    /// What the shown reviews of one thing come to now. Who asks holds it until the transaction ends: whoever asks about the same thing meanwhile waits, and counts afterwards.
    /// So what is written by it in the same transaction is never older than what was written before.
    /// </summary>
    Task<Tally> Count(string kind, Guid id, CancellationToken ct);
}

/// <summary>What reviews come to.</summary>
/// <param name="Stars">The sum of their ratings.</param>
/// <param name="Reviews">How many there are.</param>
public sealed record Tally(long Stars, int Reviews);

/// <summary>
/// The shown reviews of something come to something else, or may. It does not say to what: who keeps the result asks <see cref="IReviews.Count"/>, and is right whatever the
/// order in which it hears, and however often.
/// </summary>
/// <param name="Kind">As in <see cref="IReviewable.Kind"/>.</param>
/// <param name="Id">Which of them.</param>
public sealed record RatingChanged(string Kind, Guid Id);

/// <summary>Takes reviews of another system in, many at once. Every call joins the caller's transaction.</summary>
public interface IReviewsIntake
{
    /// <summary>Writes reviews down, as they were shown there. Of each thing, and of each stay, a person has one.</summary>
    /// <returns>What became of each, in their order.</returns>
    Task<IReadOnlyList<Arrival>> Take(IReadOnlyList<IncomingReview> reviews, CancellationToken ct);
}

/// <summary>A review of another system.</summary>
/// <param name="Id">What it is to be called here.</param>
/// <param name="Kind">Of what: <c>product</c>, or <see cref="Stay.Listing"/>.</param>
/// <param name="SubjectId">Which of them, here.</param>
/// <param name="AuthorId">Who says it, here.</param>
/// <param name="Rating">Stars, 1 to 5.</param>
/// <param name="Comment">In their own words.</param>
/// <param name="StayId">The booking, where it is of a stay.</param>
/// <param name="CounterpartId">The owner of what is reviewed, where it is of a stay.</param>
/// <param name="CreatedAt">When it was said; now where it is null.</param>
public sealed record IncomingReview(Guid Id, string Kind, Guid SubjectId, Guid AuthorId, int Rating, string? Comment, Guid? StayId, Guid? CounterpartId, DateTimeOffset? CreatedAt)
{
    /// <summary>Nothing of what somebody said, so that none gets into a log by accident.</summary>
    public override string ToString() => nameof(IncomingReview);
}
