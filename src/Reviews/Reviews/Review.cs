using System.Text.Json.Serialization;
using Quitanda.Platform;

namespace Quitanda.Reviews.Reviews;

/// <summary>What is reviewed.</summary>
/// <param name="Kind">What it is: <c>product</c>, <c>listing</c>, or <c>renter</c>: then it is a user.</param>
/// <param name="Id">Which of them.</param>
internal sealed record ReviewSubject([Impersonal] string Kind, Guid Id);

/// <summary>What the owner of what is reviewed says to it.</summary>
/// <param name="Text">Plain text, to be shown as text.</param>
/// <param name="RepliedAt">When it was said, or changed last.</param>
/// <param name="AuthorId">Whose it is. Moderators only.</param>
internal sealed record ReviewReply([Personal] string Text, DateTimeOffset RepliedAt, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), Person] Guid? AuthorId = null);

/// <summary>What somebody says of what they received, or of a stay.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Subject">What is reviewed.</param>
/// <param name="Rating">Stars, 1 to 5.</param>
/// <param name="Comment">Plain text, to be shown as text; null where nothing is said.</param>
/// <param name="Author">First name and initial, as the account has them now; null where it has no name to show.</param>
/// <param name="IsHidden">Whether a moderator hid it. Then its author and moderators alone see it.</param>
/// <param name="CreatedAt">When it was posted.</param>
/// <param name="UpdatedAt">When its author changed it last; hiding does not count.</param>
/// <param name="HiddenReason">Why it was hidden, where the moderator said so.</param>
/// <param name="AuthorId">Whose it is. Moderators only.</param>
/// <param name="Reply">What the owner of a listing says to it, where they do.</param>
/// <param name="BookingId">Whose stay it is of. Both sides of it and moderators only.</param>
/// <param name="OpensAt">When it is shown though the other side says nothing, where it waits for that. Until then nobody but its author and moderators sees it.</param>
internal sealed record Review(
    Guid Id,
    ReviewSubject Subject,
    int Rating,
    [Personal] string? Comment,
    [Personal] string? Author,
    bool IsHidden,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), Personal] string? HiddenReason = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), Person] Guid? AuthorId = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ReviewReply? Reply = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Guid? BookingId = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateTimeOffset? OpensAt = null)
{
    public static Review Of(StoredReview review, string? author, bool forModerator, Guid? reader) => new(
        review.Id, new(review.SubjectKind, review.SubjectId), review.Rating, review.Comment, author, review.HiddenAt is not null, review.CreatedAt, review.UpdatedAt,
        review.HiddenReason, forModerator ? review.AuthorId : null,
        review is { Reply: { } reply, RepliedAt: { } repliedAt } ? new(reply, repliedAt, forModerator ? review.CounterpartId : null) : null,
        forModerator || (reader is not null && (reader == review.AuthorId || reader == review.CounterpartId)) ? review.StayId : null,
        review.SealedUntil);
}
