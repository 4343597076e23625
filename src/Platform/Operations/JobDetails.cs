using System.Text.Json;

namespace Quitanda.Platform.Operations;

/// <summary>A job as the list shows it: without its payload, which may hold what people told us.</summary>
/// <param name="Id">The job.</param>
/// <param name="Kind">What it does.</param>
/// <param name="State">How it stands.</param>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="RunAt">When it is, or was, due.</param>
/// <param name="LeasedUntil">Until when the process that works at it is waited for.</param>
/// <param name="LastError">Why the last attempt failed; its first line.</param>
/// <param name="TraceId">The trace of the request or job that made it.</param>
/// <param name="UniqueKey">What makes it one, however often it is asked for.</param>
/// <param name="CreatedAt">When it was made.</param>
internal record JobRow(
    Guid Id, string Kind, Standing State, int Attempts, DateTimeOffset RunAt, DateTimeOffset? LeasedUntil, string? LastError, string? TraceId, string? UniqueKey, DateTimeOffset CreatedAt);

/// <summary>A job, whole.</summary>
internal sealed record JobDetails : JobRow
{
    public JobDetails(JobRow row, string payload) : base(row) => Payload = JsonSerializer.Deserialize<JsonElement>(payload, Wire.Stored);

    /// <summary>What it was given. It may hold personal data.</summary>
    public JsonElement Payload { get; }
}

/// <summary>A kind of job, with how many of it there are.</summary>
/// <param name="Kind">What jobs of it do.</param>
/// <param name="IsPaused">Whether no process claims them.</param>
/// <param name="PausedAt">Since when.</param>
/// <param name="EverySeconds">How far apart its ticks are, where it is a timer.</param>
/// <param name="IsOutside">Whether it asks the outside, and so has runners of its own.</param>
/// <param name="IsKnown">Whether the process that answers does such jobs: its version knows them, and their module is on. Else they wait.</param>
/// <param name="Due">Jobs whose time has come and that nobody works at; those of a paused kind too.</param>
/// <param name="Waiting">Jobs whose time has not come.</param>
/// <param name="Running">Jobs that a process works at.</param>
/// <param name="Dead">Jobs whose attempts are used up.</param>
/// <param name="OldestDueSeconds">How long the first that is due has waited.</param>
internal sealed record JobKind(
    string Kind, bool IsPaused, DateTimeOffset? PausedAt, double? EverySeconds, bool IsOutside, bool IsKnown, long Due, long Waiting, long Running, long Dead, double? OldestDueSeconds);
