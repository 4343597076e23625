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
