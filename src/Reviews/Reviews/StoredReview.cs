using Npgsql;
using Quitanda.Platform;

namespace Quitanda.Reviews.Reviews;

/// <summary>A review as it is kept; written and read by hand-made SQL.</summary>
internal sealed class StoredReview
{
    /// <summary>Of a review <c>r</c>.</summary>
    public static readonly Sql Columns = Sql.Raw(
        "r.id, r.subject_kind, r.subject_id, r.author_id, r.rating, r.comment, r.hidden_at, r.hidden_reason, r.withdrawn_at, r.created_at, r.updated_at, "
        + "r.stay_id, r.counterpart_id, r.sealed_until, r.reply, r.replied_at");

    /// <summary>How many columns those are.</summary>
    public const int ColumnCount = 16;

    /// <summary>What everybody reads and what is counted, of a review <c>r</c>. It is an index's own condition, to the letter.</summary>
    public static readonly Sql Shown = Sql.Raw("r.hidden_at is null and r.sealed_until is null");

    /// <summary>What lists of reviews are sorted by.</summary>
    public static readonly SortField[] Sorts = [new("-createdAt", "r.created_at", "timestamptz"), new("rating", "r.rating", "integer")];

    public Guid Id { get; init; }
    public required string SubjectKind { get; init; }
    public Guid SubjectId { get; init; }
    public Guid AuthorId { get; init; }
    public int Rating { get; init; }
    public string? Comment { get; init; }
    public DateTimeOffset? HiddenAt { get; init; }
    public string? HiddenReason { get; init; }

    /// <summary>When its author took it back though it was hidden: only its mark is left.</summary>
    public DateTimeOffset? WithdrawnAt { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When its author changed it last.</summary>
    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>The booking whose stay it is of; null where it is of a thing.</summary>
    public Guid? StayId { get; init; }

    /// <summary>The other side of that stay: the owner of what is reviewed, or the renter who is.</summary>
    public Guid? CounterpartId { get; init; }

    /// <summary>Until when it waits for the other side to say theirs; null where it is open.</summary>
    public DateTimeOffset? SealedUntil { get; init; }

    /// <summary>What the owner of what is reviewed says to it.</summary>
    public string? Reply { get; init; }
    public DateTimeOffset? RepliedAt { get; init; }

    /// <summary>Whether it is listed and counted.</summary>
    public bool IsShown => HiddenAt is null && SealedUntil is null;

    public static StoredReview Read(NpgsqlDataReader reader) => new()
    {
        Id = reader.GetGuid(0),
        SubjectKind = reader.GetString(1),
        SubjectId = reader.GetGuid(2),
        AuthorId = reader.GetGuid(3),
        Rating = reader.GetInt32(4),
        Comment = reader.IsDBNull(5) ? null : reader.GetString(5),
        HiddenAt = At(reader, 6),
        HiddenReason = reader.IsDBNull(7) ? null : reader.GetString(7),
        WithdrawnAt = At(reader, 8),
        CreatedAt = reader.GetFieldValue<DateTimeOffset>(9),
        UpdatedAt = reader.GetFieldValue<DateTimeOffset>(10),
        StayId = reader.IsDBNull(11) ? null : reader.GetGuid(11),
        CounterpartId = reader.IsDBNull(12) ? null : reader.GetGuid(12),
        SealedUntil = At(reader, 13),
        Reply = reader.IsDBNull(14) ? null : reader.GetString(14),
        RepliedAt = At(reader, 15),
    };

    /// <summary>The tag of every list that shows reviews of one thing.</summary>
    public static string Tag(string kind, Guid id) => $"reviews:{kind}:{id}";

    /// <summary>Says that what is shown of a thing's reviews is another than before.</summary>
    /// <param name="db">The unit of work.</param>
    /// <param name="kind">The kind of the thing.</param>
    /// <param name="id">Which of them.</param>
    /// <param name="isCounted">Whether their number or sum is another, too.</param>
    public static void Changed(Db db, string kind, Guid id, bool isCounted = true)
    {
        db.Evict(Tag(kind, id));
        if (isCounted)
            db.Publish(new RatingChanged(kind, id));
    }

    /// <inheritdoc cref="Changed(Db, string, Guid, bool)"/>
    public void Changed(Db db, bool isCounted = true) => Changed(db, SubjectKind, SubjectId, isCounted);

    private static DateTimeOffset? At(NpgsqlDataReader reader, int at) => reader.IsDBNull(at) ? null : reader.GetFieldValue<DateTimeOffset>(at);
}
