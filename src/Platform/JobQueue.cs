using Npgsql;

namespace Quitanda.Platform;

/// <summary>The statements by which runners and operators look at the queue. All go by kind, through one index.</summary>
internal static class JobQueue
{
    /// <summary>
    /// <c>with recursive kinds</c>: every kind that waits, by hopping from one to the next in the index, so that its cost is the number of kinds and not of jobs.
    /// The last row is null.
    /// </summary>
    private static readonly Sql Kinds = Sql.Raw("""
        with recursive kinds (kind) as (
            (select j.kind from platform.jobs j where j.state = 'ready' order by j.kind limit 1)
            union all
            select (select j.kind from platform.jobs j where j.state = 'ready' and j.kind > kinds.kind order by j.kind limit 1) from kinds where kinds.kind is not null)
        """);

    /// <summary>A job that nobody holds: not claimed, or its lease has run out.</summary>
    private static readonly Sql IsFree = Sql.Raw("(j.leased_until is null or j.leased_until < now())");

    /// <summary>A kind of which jobs are due.</summary>
    /// <param name="Kind">The kind.</param>
    /// <param name="Jobs">How many, up to the limit that was asked with.</param>
    /// <param name="Oldest">Since when the first of them is due.</param>
    public sealed record DueKind(string Kind, int Jobs, DateTimeOffset Oldest);

    /// <summary>Those of some kinds of which jobs are due, without those that are paused.</summary>
    public static Task<List<DueKind>> Due(Db db, string[] known, DateTimeOffset now, int atMost, CancellationToken ct) => db.Read(
        $"""
        {Kinds}
        select kinds.kind, due.jobs, due.oldest
        from kinds cross join lateral (
            select count(*)::integer as jobs, min(run_at) as oldest from (
                select j.run_at from platform.jobs j
                where j.state = 'ready' and j.kind = kinds.kind and j.run_at <= {now} and {IsFree}
                order by j.run_at, j.id
                limit {atMost}) first
        ) due
        where split_part(kinds.kind, ':', 1) = any({known}) and due.jobs > 0
            and not exists (select from platform.paused_job_kinds paused where paused.kind in (kinds.kind, split_part(kinds.kind, ':', 1)))
        """,
        row => new DueKind(row.GetString(0), row.GetInt32(1), row.GetFieldValue<DateTimeOffset>(2)), ct);

    /// <summary>Takes up to <paramref name="most"/> of each kind, the first that are due first, and counts the attempt.</summary>
    public static Task<List<T>> Claim<T>(
        Db db, string[] kinds, int[] most, DateTimeOffset now, Guid token, int leaseSeconds, Func<NpgsqlDataReader, T> row, CancellationToken ct) => db.Read(
        $"""
        update platform.jobs j
        set attempts = j.attempts + 1, token = {token}, leased_until = now() + make_interval(secs => {leaseSeconds})
        from (
            select due.id
            from unnest({kinds}, {most}) as wanted (kind, most)
            cross join lateral (
                select j.id from platform.jobs j
                where j.state = 'ready' and j.kind = wanted.kind and j.run_at <= {now} and {IsFree}
                order by j.run_at, j.id
                limit wanted.most
                for update skip locked) due
        ) due
        where j.id = due.id
        returning j.id, j.kind, j.payload::text, j.attempts, j.run_at, j.trace_parent, least(j.run_at, j.created_at)
        """, row, ct);

    /// <summary>
    /// How long the oldest due job of some kinds has waited for a runner. A paused kind waits because somebody wants it to, and a share of a kind because of whom it is for.
    /// </summary>
    public static async Task<TimeSpan> Lag(Db db, string[] known, DateTimeOffset now, CancellationToken ct)
    {
        var due = (await Due(db, known, now, atMost: 1, ct)).FindAll(kind => !Subscription.IsShare(kind.Kind));
        return due.Count == 0 ? TimeSpan.Zero : now - due.Min(kind => kind.Oldest);
    }
}
