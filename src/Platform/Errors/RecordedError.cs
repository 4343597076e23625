using System.Text.Json.Serialization;
using Npgsql;

namespace Quitanda.Platform.Errors;

/// <summary>Whether somebody has dealt with an error.</summary>
internal enum ErrorState
{
    Open,
    Resolved,
}

/// <summary>One kind of unexpected error: the same type, in the same use case, at the same place of the code.</summary>
/// <param name="Id">Names it.</param>
/// <param name="Type">The exception, such as <c>System.InvalidOperationException</c>.</param>
/// <param name="Source">Whether a <c>request</c> or a <c>job</c> failed.</param>
/// <param name="UseCase">What was to be done: a use case, or a job's kind.</param>
/// <param name="Frame">Where in our code it went wrong; null where it was none of ours.</param>
/// <param name="Message">What was said the last time, without values that came from people.</param>
/// <param name="State">Whether it is still to be looked at.</param>
/// <param name="Count">How often it came.</param>
/// <param name="Reopened">How often it came back after it was resolved.</param>
/// <param name="LastTraceId">The trace it was last seen in, which is in every log line of it.</param>
/// <param name="FirstSeenAt">When it came first.</param>
/// <param name="LastSeenAt">When it came last.</param>
/// <param name="ResolvedAt">When it was resolved; null while it is open.</param>
/// <param name="CreatedAt">The same as <c>firstSeenAt</c>.</param>
/// <param name="UpdatedAt">When it was last seen or resolved.</param>
/// <param name="Stack">Types, methods and lines of the last time, innermost first, without messages. Only where one error is shown.</param>
internal sealed record RecordedError(
    Guid Id, string Type, string Source, string UseCase, string? Frame, string Message, ErrorState State, long Count, int Reopened, string? LastTraceId,
    DateTimeOffset FirstSeenAt, DateTimeOffset LastSeenAt, DateTimeOffset? ResolvedAt, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Stack = null)
{
    /// <summary>How many columns <see cref="Read"/> takes from the left.</summary>
    public const int ColumnCount = 12;

    /// <summary>The select list that <see cref="Read"/> reads.</summary>
    public static readonly Sql Columns = Sql.Raw("id, type, source, use_case, frame, message, count, reopened, last_trace_id, first_seen_at, last_seen_at, resolved_at");

    public static RecordedError Read(NpgsqlDataReader row)
    {
        var (first, last) = (row.GetFieldValue<DateTimeOffset>(9), row.GetFieldValue<DateTimeOffset>(10));
        var resolved = row.IsDBNull(11) ? (DateTimeOffset?)null : row.GetFieldValue<DateTimeOffset>(11);
        return new(
            row.GetGuid(0), row.GetString(1), row.GetString(2), row.GetString(3), Text(row, 4), row.GetString(5), resolved is null ? ErrorState.Open : ErrorState.Resolved,
            row.GetInt64(6), row.GetInt32(7), Text(row, 8), first, last, resolved, first, resolved > last ? resolved.Value : last);
    }

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
