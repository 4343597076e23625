using System.Text.Json;
using Npgsql;
using Quitanda.Platform;

namespace Quitanda.Notifications.Notices;

/// <summary>What somebody was told.</summary>
/// <param name="Id">The notice.</param>
/// <param name="PersonId">Who was told.</param>
/// <param name="Kind">Of what kind it is: <c>order.confirmed</c>.</param>
/// <param name="Title">In the language that the account had then.</param>
/// <param name="Body">The same at more length.</param>
/// <param name="Data">What it is about, for a client's link: <c>orderId</c>, <c>bookingId</c>, <c>paymentId</c>.</param>
/// <param name="CreatedAt">When it happened.</param>
/// <param name="ReadAt">When they read it; null where they have not.</param>
internal sealed record Notice(
    Guid Id, [Person] Guid PersonId, [Impersonal] string Kind, [Personal] string Title, [Personal] string Body, [Impersonal] IReadOnlyDictionary<string, string> Data, DateTimeOffset CreatedAt,
    DateTimeOffset? ReadAt)
{
    /// <summary>The columns that <see cref="Read"/> reads.</summary>
    public static readonly Sql Columns = Sql.Raw("n.id, n.person_id, n.kind, n.title, n.body, n.data::text, n.created_at, n.read_at");

    public static Notice Read(NpgsqlDataReader row) => new(
        row.GetGuid(0), row.GetGuid(1), row.GetString(2), row.GetString(3), row.GetString(4), JsonSerializer.Deserialize<Dictionary<string, string>>(row.GetString(5), Wire.Stored)!,
        row.GetFieldValue<DateTimeOffset>(6), row.IsDBNull(7) ? null : row.GetFieldValue<DateTimeOffset>(7));
}

/// <summary>A notice as it is stored.</summary>
internal sealed class NoticeRow
{
    public Guid Id { get; init; }
    public Guid PersonId { get; init; }
    public required string Kind { get; init; }
    public required string Key { get; init; }
    public required string Title { get; init; }
    public required string Body { get; init; }
    public required string Short { get; init; }
    public required string Data { get; init; }
    public bool IsListed { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? ReadAt { get; init; }
}
