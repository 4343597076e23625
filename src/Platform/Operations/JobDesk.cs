using System.Globalization;
using Npgsql;

namespace Quitanda.Platform.Operations;

/// <summary>How a job stands, as an operator sees it.</summary>
[SchemaId("JobStanding")]
internal enum Standing
{
    /// <summary>It is due, and some process takes it next.</summary>
    Ready,

    /// <summary>Its time has not come.</summary>
    Waiting,

    /// <summary>A process works at it.</summary>
    Running,

    /// <summary>Its kind is paused.</summary>
    Paused,

    /// <summary>Its attempts are used up. It is kept until somebody retries or deletes it.</summary>
    Dead,
}

/// <summary>What operators do to the queue, by route or by command line. Every call joins the caller's transaction.</summary>
internal sealed class JobDesk
{
    private const string NewestFirst = "-createdAt";

    private static readonly string[] Sorts = ["createdAt", NewestFirst, "runAt", "-runAt"];

    /// <summary>Held by a process, whose lease still runs.</summary>
    private static readonly Sql IsRunning = Sql.Raw("(j.leased_until is not null and j.leased_until >= now())");

    private readonly Db _db;
    private readonly Subscriptions _subscriptions;
    private readonly TimeProvider _clock;

    /// <summary>Made by the container.</summary>
    public JobDesk(Db db, Subscriptions subscriptions, TimeProvider clock) => (_db, _subscriptions, _clock) = (db, subscriptions, clock);

    public async Task<Page<JobRow>> List(ListJobs.Query query, CancellationToken ct)
    {
        if (query.Page is not null && query.After is not null)
            throw new InvalidException("after", "page and after cannot be used together.");
        var sort = query.Sort ?? NewestFirst;
        if (Array.IndexOf(Sorts, sort) < 0)
            throw new InvalidException("sort", "must be one of createdAt, runAt.");

        // Ids count up, so by id is by age.
        var way = Sql.Raw(sort.StartsWith('-') ? "desc" : "asc");
        var order = sort.TrimStart('-') == "runAt" ? Sql.Of($"j.run_at {way}, j.id {way}") : Sql.Of($"j.id {way}");
        var where = Sql.Of($"true{After(query.After, sort)}");
        if (query.Kind is { } kind)
            where = Sql.Of($"{where} and j.kind = {kind}");
        if (query.State is { } state)
            where = Sql.Of($"{where} and {Stands(Wire.Parse<Standing>(state))}");

        var isByNumber = query.After is null;
        var page = query.Page ?? 1;
        List<Sql> statements = [$"select {Columns(whole: false)} from platform.jobs j where {where} order by {order} limit {query.Rows + 1} offset {(isByNumber ? (page - 1L) * query.Rows : 0)}"];
        if (isByNumber)
            statements.Add($"select count(*) from platform.jobs j where {where}");
        List<JobRow> rows = [];
        var total = 0L;
        await _db.ReadingPlanned(statements, async reader =>
        {
            while (await reader.ReadAsync(CancellationToken.None))
                rows.Add(Read(reader));
            if (isByNumber && await reader.NextResultAsync(CancellationToken.None) && await reader.ReadAsync(CancellationToken.None))
                total = reader.GetInt64(0);
        }, ct);

        var hasNext = rows.Count > query.Rows;
        if (hasNext)
            rows.RemoveAt(rows.Count - 1);
        var next = hasNext ? Cursor.Write(sort, rows[^1].RunAt.UtcDateTime.ToString("O", CultureInfo.InvariantCulture), rows[^1].Id) : null;
        return new(rows, isByNumber
            ? new(page, query.Rows, total, (total + query.Rows - 1) / query.Rows, hasNext, next)
            : new(Page: null, query.Rows, Total: null, TotalPages: null, hasNext, next));
    }

    public async Task<JobDetails?> Find(Guid id, CancellationToken ct) => NumberOf(id) is { } number
        ? await _db.ReadFirst($"select {Columns(whole: true)} from platform.jobs j where j.id = {number}", row => new JobDetails(Read(row), row.GetString(12)), ct)
        : null;

    /// <summary>Makes a job due now, with all its attempts; null where there is none.</summary>
    /// <exception cref="RefusedException"><c>invalid_transition</c>: a process works at it.</exception>
    public async Task<JobDetails?> Retry(Guid id, CancellationToken ct)
    {
        // Whoever held it before has lost its token with this, and writes nothing any more.
        var changed = NumberOf(id) is { } number ? await _db.Execute($"""
            update platform.jobs j set state = 'ready', attempts = 0, run_at = {_clock.GetUtcNow()}, token = null, leased_until = null
            where j.id = {number} and not {IsRunning}
            """, ct) : 0;
        var job = await Find(id, ct);
        if (changed == 0 && job is not null)
            throw Running();
        _db.WakeRunners();
        return job;
    }

    /// <summary>Forgets a job that will not be done. A timer's tick is left out, and the one after it waits instead. False where there is none.</summary>
    /// <exception cref="RefusedException"><c>invalid_transition</c>: a process works at it.</exception>
    public async Task<bool> Delete(Guid id, CancellationToken ct)
    {
        if (NumberOf(id) is not { } number)
            return false;
        var deleted = await _db.Read($"delete from platform.jobs j where j.id = {number} and not {IsRunning} returning j.kind, j.state, j.run_at",
            row => (Kind: row.GetString(0), IsReady: row.GetString(1) == JobState.Ready.Name(), RunAt: row.GetFieldValue<DateTimeOffset>(2)), ct);
        if (deleted is not [var job])
            return await Find(id, ct) is null ? false : throw Running();

        if (job.IsReady && _subscriptions.Find(job.Kind) is { Every: not null } timer)
        {
            var now = _clock.GetUtcNow();
            var next = timer.Next(job.RunAt > now ? job.RunAt : now);
            _db.Schedule(timer.Kind, new Tick(next), next, timer.KeyOf(next));
        }

        return true;
    }

    /// <summary>Every kind that this version knows or that has jobs, by name; or the one that is asked for.</summary>
    public async Task<List<JobKind>> Kinds(string? only, CancellationToken ct)
    {
        var now = _clock.GetUtcNow();
        var which = only is null ? Sql.Nothing : Sql.Of($" where j.kind = {only}");
        Dictionary<string, JobKind> kinds = new(StringComparer.Ordinal);
        await _db.ReadingPlanned(
            [
                $"""
                select j.kind,
                    count(*) filter (where j.state = 'ready' and not {IsRunning} and j.run_at <= {now}), count(*) filter (where j.state = 'ready' and not {IsRunning} and j.run_at > {now}),
                    count(*) filter (where {IsRunning}), count(*) filter (where j.state = 'dead'), min(j.run_at) filter (where j.state = 'ready' and not {IsRunning} and j.run_at <= {now})
                from platform.jobs j{which}
                group by j.kind
                """,
            ],
            async reader =>
            {
                while (await reader.ReadAsync(CancellationToken.None))
                {
                    var age = reader.IsDBNull(5) ? default(double?) : Math.Round((now - reader.GetFieldValue<DateTimeOffset>(5)).TotalSeconds, 1);
                    kinds.Add(reader.GetString(0), Of(reader.GetString(0)) with { Due = reader.GetInt64(1), Waiting = reader.GetInt64(2), Running = reader.GetInt64(3), Dead = reader.GetInt64(4), OldestDueSeconds = age });
                }
            }, ct);
        foreach (var known in _subscriptions.All.Where(known => only is null || known.Kind == only))
            kinds.TryAdd(known.Kind, Of(known.Kind));

        // In the caller's own transaction, so that whoever has just paused a kind sees it paused.
        var paused = await _db.Read($"select kind, paused_at from platform.paused_job_kinds", row => (Kind: row.GetString(0), At: row.GetFieldValue<DateTimeOffset>(1)), ct);
        foreach (var (kind, at) in paused.Where(pause => only is null || pause.Kind == only))
            kinds[kind] = kinds.GetValueOrDefault(kind, Of(kind)) with { IsPaused = true, PausedAt = at };
        // With a kind all shares of it are paused.
        foreach (var share in kinds.Keys.Where(Subscription.IsShare).ToList())
            if (paused.Find(pause => share.StartsWith($"{pause.Kind}{Subscription.ShareMark}", StringComparison.Ordinal)) is { Kind: not null } whole)
                kinds[share] = kinds[share] with { IsPaused = true, PausedAt = whole.At };
        return [.. kinds.Values.OrderBy(kind => kind.Kind, StringComparer.Ordinal)];
    }

    /// <summary>Has no process claim jobs of the kind until it is resumed. What runs goes on. Null where there is no such kind.</summary>
    public Task<JobKind?> Pause(string kind, CancellationToken ct) => Change(kind, $"insert into platform.paused_job_kinds (kind, paused_at) values ({kind}, {_clock.GetUtcNow()}) on conflict (kind) do nothing", ct);

    /// <summary>Ends a pause. Null where there is no such kind.</summary>
    public Task<JobKind?> Resume(string kind, CancellationToken ct)
    {
        _db.WakeRunners();
        return Change(kind, $"delete from platform.paused_job_kinds where kind = {kind}", ct);
    }

    private async Task<JobKind?> Change(string kind, Sql change, CancellationToken ct)
    {
        if (await Kinds(kind, ct) is not [_])
            return null;
        await _db.Execute(change, ct);
        return (await Kinds(kind, ct)).SingleOrDefault() ?? Of(kind);
    }

    private JobKind Of(string kind)
    {
        var known = _subscriptions.Find(kind);
        return new(kind, IsPaused: false, PausedAt: null, known?.Every?.TotalSeconds, IsOutside: known?.Call is not null, IsKnown: known is not null, Due: 0, Waiting: 0, Running: 0, Dead: 0, OldestDueSeconds: null);
    }

    private static RefusedException Running() => new("invalid_transition", "A process works at this job; wait until it is done or has failed.");

    private Sql Stands(Standing state)
    {
        var now = _clock.GetUtcNow();
        var isPaused = Sql.Raw("exists (select from platform.paused_job_kinds p where p.kind in (j.kind, split_part(j.kind, ':', 1)))");
        return state switch
        {
            Standing.Dead => Sql.Raw("j.state = 'dead'"),
            Standing.Running => IsRunning,
            Standing.Paused => Sql.Of($"j.state = 'ready' and not {IsRunning} and {isPaused}"),
            Standing.Ready => Sql.Of($"j.state = 'ready' and not {IsRunning} and not {isPaused} and j.run_at <= {now}"),
            _ => Sql.Of($"j.state = 'ready' and not {IsRunning} and not {isPaused} and j.run_at > {now}"),
        };
    }

    private Sql Columns(bool whole) => Sql.Of($"""
        j.id, j.kind, case when {Stands(Standing.Dead)} then 'dead' when {Stands(Standing.Running)} then 'running' when {Stands(Standing.Paused)} then 'paused' when {Stands(Standing.Ready)} then 'ready' else 'waiting' end,
        j.attempts, j.run_at, case when {IsRunning} then j.leased_until end, case when {whole} then j.last_error else split_part(j.last_error, chr(10), 1) end, j.trace_parent, j.unique_key, j.created_at,
        j.state, j.token, j.payload::text
        """);

    private static JobRow Read(NpgsqlDataReader row) => new(
        IdOf(row.GetInt64(0)), row.GetString(1), Wire.Parse<Standing>(row.GetString(2)), row.GetInt32(3), row.GetFieldValue<DateTimeOffset>(4), row.IsDBNull(5) ? null : row.GetFieldValue<DateTimeOffset>(5),
        row.IsDBNull(6) ? null : row.GetString(6), TraceOf(row.IsDBNull(7) ? null : row.GetString(7)), row.IsDBNull(8) ? null : row.GetString(8), row.GetFieldValue<DateTimeOffset>(9));

    private static Sql After(string? cursor, string sort)
    {
        if (cursor is null)
            return Sql.Nothing;
        var (value, id) = Cursor.Read(cursor, sort);
        if (NumberOf(id) is not { } number || !DateTime.TryParseExact(value, "O", CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var at) || at.Kind != DateTimeKind.Utc)
            throw new InvalidException("after", "is not a cursor of this list in this order.");
        var beyond = Sql.Raw(sort.StartsWith('-') ? "<" : ">");
        return sort.TrimStart('-') == "runAt" ? Sql.Of($" and (j.run_at, j.id) {beyond} ({new DateTimeOffset(at)}, {number})") : Sql.Of($" and j.id {beyond} {number}");
    }

    /// <summary>The trace of a W3C <c>traceparent</c>: version, trace, span, flags.</summary>
    private static string? TraceOf(string? parent) => parent?.Split('-') is [_, { Length: 32 } trace, _, _] ? trace : null;

    /// <summary>
    /// A job's number as the id that clients see. Numbers count up, which an index likes best where rows come and go by the thousand; ids of the API are UUIDs, and this
    /// is one (RFC 9562, version 7, with a time of zero).
    /// </summary>
    internal static Guid IdOf(long number) => new(0, (short)(number >> 60), (short)(0x7000 | ((number >> 48) & 0xFFF)), 0x80, 0, (byte)(number >> 40), (byte)(number >> 32), (byte)(number >> 24), (byte)(number >> 16), (byte)(number >> 8), (byte)number);

    /// <summary>The number of an id, or null where it is none of a job.</summary>
    internal static long? NumberOf(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        var number = (long)(System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]) & 0xFFFF_FFFF_FFFF) | ((long)(System.Buffers.Binary.BinaryPrimitives.ReadUInt16BigEndian(bytes[6..]) & 0xFFF) << 48);
        return IdOf(number) == id ? number : null;
    }
}
