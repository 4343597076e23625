using Npgsql;
using Quitanda.Platform;

namespace Quitanda.Booking.Messages;

/// <summary>On which side of a booking somebody is.</summary>
[SchemaId("BookingSide")]
internal enum Side
{
    Renter,
    Owner,
}

/// <summary>What one side of a booking said to the other.</summary>
/// <param name="Id">The message.</param>
/// <param name="BookingId">On which booking.</param>
/// <param name="From">Who wrote it.</param>
/// <param name="AuthorId">The same, by name.</param>
/// <param name="Text">What they wrote; null once they are gone.</param>
/// <param name="IsMasked">Whether contact details were taken out of it, because the booking was not paid.</param>
/// <param name="CreatedAt">When.</param>
/// <param name="ReadAt">When the other side said that they have read it.</param>
[SchemaId("BookingMessage")]
internal sealed record Message(Guid Id, Guid BookingId, Side From, [Person] Guid AuthorId, [Personal] string? Text, bool IsMasked, DateTimeOffset CreatedAt, DateTimeOffset? ReadAt)
{
    /// <summary>The columns that <see cref="Read"/> reads, of <c>booking.messages m</c>.</summary>
    public static readonly Sql Columns = Sql.Raw("m.id, m.booking_id, m.author, m.author_id, m.text, m.is_masked, m.created_at, m.read_at");

    public static Message Read(NpgsqlDataReader row) => new(
        row.GetGuid(0), row.GetGuid(1), Wire.Parse<Side>(row.GetString(2)), row.GetGuid(3), row.IsDBNull(4) ? null : row.GetString(4), row.GetBoolean(5), row.GetFieldValue<DateTimeOffset>(6),
        row.IsDBNull(7) ? null : row.GetFieldValue<DateTimeOffset>(7));
}
