using System.Data;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Quitanda.Platform.AuditLog;

namespace Quitanda.Platform;

/// <summary>
/// The one unit of work: EF Core where the rules live, SQL by hand where it is hot, both on one connection and in one transaction.
/// Modules add their tables to it with <see cref="IModule.Map(ModelBuilder)"/>.
/// </summary>
/// <remarks>
/// Every entity type is internal to its module, so <c>Set&lt;Order&gt;()</c> compiles only inside Ordering:
/// the compiler keeps modules out of each other's tables while they still share one transaction.
/// </remarks>
public sealed partial class Db : DbContext
{
    private readonly IEnumerable<IModule> _modules;
    private readonly Subscriptions _subscriptions;
    private readonly TimeProvider _clock;
    private readonly List<Sql> _writes = [];
    private readonly Database _database;
    private readonly AuditTrail _trail;
    private List<AuditEvent>? _happened;
    private readonly SlowStatements _slow;
    private List<Waiting>? _ahead;
    private List<Sql>? _first;
    private bool _inTransaction;
    private NpgsqlConnection? _connection;
    private HashSet<string>? _evicted;
    private List<Announcement>? _announced;
    private bool _tracks;
    private bool _isLost;

    /// <summary>Made by the container, one a scope.</summary>
    internal Db(DbContextOptions<Db> options, Database database, IEnumerable<IModule> modules, Subscriptions subscriptions, AuditTrail trail, SlowStatements slow, TimeProvider clock) : base(options)
    {
        _database = database;
        _slow = slow;
        _modules = modules;
        _subscriptions = subscriptions;
        _trail = trail;
        _clock = clock;
    }

    internal NpgsqlConnection Connection => _connection ??= _database.Hot.CreateConnection();

    /// <summary>Whether the database stopped answering while this unit of work asked. Its connection is in use until it answers or is given up, and nobody may touch it.</summary>
    internal bool IsLost => _isLost;

    /// <summary>What the commit made stale, once it is sent.</summary>
    internal Eviction? Evicted { get; private set; }

    /// <summary>The request that this unit of work belongs to, for the audit log to say who and from where; null in a job.</summary>
    internal HttpContext? Request { get; set; }

    internal IReadOnlyCollection<Announcement> Announced => _announced ?? (IReadOnlyCollection<Announcement>)[];

    /// <summary>Whether jobs were queued that nobody has been woken for.</summary>
    internal bool HasJobs { get; private set; }

    /// <summary>
    /// Writes one job per subscriber of <paramref name="message"/>; they run only if this unit of work commits. A fact about something that is
    /// watched is announced as well.
    /// </summary>
    public void Publish<T>(T message) where T : notnull
    {
        if (message is IAnnounces watched)
        {
            Announce(watched.Announcement);
            if (watched.Also is { } also)
                Announce(also);
        }

        foreach (var kind in _subscriptions.KindsFor(typeof(T)))
            Enqueue(kind, message, _clock.GetUtcNow(), uniqueKey: null);
    }

    /// <summary>
    /// Writes a job of <paramref name="kind"/> due at <paramref name="at"/>. With a <paramref name="uniqueKey"/> it is a timer: however many
    /// processes ask for the same key, one job is made.
    /// </summary>
    public void Schedule<T>(string kind, T message, DateTimeOffset at, string? uniqueKey = null) where T : notnull
    {
        _subscriptions.Require(kind, typeof(T));
        Enqueue(kind, message, at, uniqueKey);
    }

    /// <summary>
    /// The same for a kind that is shared: those for one <paramref name="whose"/> take turns with those for others, as kinds do, and no more of them run at once in a process than the
    /// kind says (<see cref="Subscription.AtOnce"/>). So one who is slow holds up nobody else. There should be hundreds of shares at the most.
    /// </summary>
    public void ScheduleFor<T>(string kind, Guid whose, T message, DateTimeOffset at) where T : notnull
    {
        _subscriptions.Require(kind, typeof(T));
        Enqueue(Subscription.ShareOf(kind, whose), message, at, uniqueKey: null);
    }

    /// <summary>
    /// What the jobs of a kind were given, as a query with the one column <c>payload</c> (<c>jsonb</c>): of those that are to run, now or later, or are running, and not of dead ones. For whoever
    /// keeps a log of what is to be done: a job that died or was deleted does nothing any more, and tells nobody.
    /// </summary>
    public static Sql Queued(string kind) => Sql.Of($"select j.payload from platform.jobs j where j.state = 'ready' and j.kind = {kind}");

    /// <summary>The same of the jobs of <see cref="ScheduleFor"/> for one <paramref name="whose"/>.</summary>
    public static Sql QueuedFor(string kind, Guid whose) => Queued(Subscription.ShareOf(kind, whose));

    /// <summary>Jobs that were there before may run now: whoever runs jobs looks at once when this unit of work has committed.</summary>
    internal void WakeRunners() => HasJobs = true;

    /// <summary>Queues a statement for the one round trip that ends this unit of work, after EF Core's own changes and in the order given.</summary>
    public void Write(Sql sql) => _writes.Add(sql);

    /// <summary>
    /// Asks for one row without a round trip of its own: the statement goes out ahead of the next one that reads, whoever sends that, another
    /// module included. <paramref name="row"/> runs before that statement's own rows are read, so what it throws comes first.
    /// </summary>
    public Ahead<T> Ahead<T>(Sql sql, Func<NpgsqlDataReader, T> row)
    {
        var ahead = new Ahead<T>(this);
        (_ahead ??= []).Add(new(sql, reader => ahead.Arrive(row(reader))));
        return ahead;
    }

    /// <summary>
    /// Sends a statement that answers no row before anything else of this unit of work, in the round trip of whatever comes first. It refuses by
    /// an error, which stops what was sent behind it. Only the transaction's beginning, an idempotency key and a gate do this.
    /// </summary>
    internal void First(Sql sql) => (_first ??= []).Add(sql);

    /// <summary>Sends what must come first alone, for EF Core's commands, whose round trips are their own.</summary>
    internal async ValueTask SendFirst(CancellationToken ct)
    {
        if (_first is null)
            return;
        await Send(Batch([]), ct);
    }

    /// <summary>
    /// Writes into the audit log, with this unit of work: what happened and its row are one commit. Writes by role are there without it. It is for what
    /// concerns the safety of an account, and so must be returned and not thrown where it is answered with a refusal.
    /// </summary>
    public void Audit(AuditEvent happened) => (_happened ??= []).Add(happened);

    /// <summary>
    /// Writes into the audit log what happened to each of many resources, at once and in one statement: for a job that changes thousands of them. It says nothing about anybody, and is kept readable for ever.
    /// </summary>
    /// <param name="action">What happened.</param>
    /// <param name="actorId">Who had it done.</param>
    /// <param name="resourceType">The collection of what it happened to.</param>
    /// <param name="happened">Which of them, and what is to be known of each.</param>
    /// <param name="ct">Ends the work.</param>
    public async Task AuditEach(string action, Guid actorId, string resourceType, IReadOnlyCollection<(Guid ResourceId, IReadOnlyDictionary<string, string> Facts)> happened, CancellationToken ct)
    {
        if (happened.Count > 0)
            await Execute(AuditTrail.Each(action, actorId, resourceType, happened, _clock.GetUtcNow()), ct);
    }

    /// <summary>
    /// Ends the key of a person, with this unit of work and for good: the audit log still says what happened, when and to which id, and everything personal
    /// in it about them reads as erased, whatever is added later.
    /// </summary>
    public void Erase(Guid personId) => Write(PersonKeys.Erasing(personId, _clock.GetUtcNow()));

    /// <summary>Forgets cached answers with this tag, on every process, once this unit of work has committed.</summary>
    public void Evict(string tag) => (_evicted ??= new(StringComparer.Ordinal)).Add(tag);

    /// <summary>Tells whoever watches it, on every process, that there is something new to read, once this unit of work has committed. Costs no statement.</summary>
    public void Announce(Announcement announcement)
    {
        _announced ??= new(1);
        if (!_announced.Contains(announcement))
            _announced.Add(announcement);
    }

    /// <summary>Sends everything that is still waiting: EF Core's changes, then the queued statements in one round trip.</summary>
    public async Task Flush(CancellationToken ct)
    {
        // Asking the change tracker builds EF Core's services; a unit of work that wrote its own SQL never needs them.
        if (_tracks)
            await SaveChangesAsync(ct);
        if (_writes.Count > 0)
            await FlushWrites(ct);
    }

    /// <summary>Flushes and commits, the commit in the last statements' own round trip. Only the executor calls this.</summary>
    internal async Task FlushAndCommit(CancellationToken ct)
    {
        if (_tracks)
            await SaveChangesAsync(ct);
        if (_happened is not null)
            _writes.AddRange(await _trail.Rows(this, _happened, Request, ct));
        Evicted = _evicted is null ? null : new(Guid.CreateVersion7(), _evicted);
        _evicted = null;
        if (Evicted is not null)
            Write($"insert into platform.evictions (id, tags, created_at) values ({Evicted.Id}, {Evicted.Tags.ToArray()}, {_clock.GetUtcNow()})");
        // Nothing was asked of the database, so there is nothing to commit.
        if (!_inTransaction && _writes.Count == 0)
            return;
        // PostgreSQL answers COMMIT on a failed transaction with a quiet rollback; a statement before it makes that an error.
        if (_writes.Count == 0)
            Write($"select 1");
        // An error in any statement skips the rest of the batch, so the commit is only reached when all went well.
        Write($"commit");
        // A cancelled commit may or may not have happened; one that is waited for is known.
        await FlushWrites(CancellationToken.None);
        _inTransaction = false;
    }

    /// <summary>Undoes what was sent, if anything was. Only the executor calls this.</summary>
    internal async Task Rollback()
    {
        if (!_inTransaction || _isLost)
            return;
        _inTransaction = false;
        try
        {
            await Send(Batch(Connection, [Sql.Raw("rollback")]), CancellationToken.None);
        }
        catch (Exception error) when (error is NpgsqlException or InvalidOperationException)
        {
            // The connection is lost, and the transaction with it.
        }
    }

    private async Task FlushWrites(CancellationToken ct)
    {
        var batch = Batch(_writes);
        _writes.Clear();
        await Send(batch, ct);
    }

    private async Task<int> Send(NpgsqlBatch batch, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        int touched;
        // Its text is gone once it is disposed.
        using (_slow.Of(batch))
            touched = await _database.Watch.Answered(batch.ExecuteNonQueryAsync(CancellationToken.None), Lose);
        await batch.DisposeAsync();
        return touched;
    }

    /// <summary>Statements of this unit of work, after those that must come first.</summary>
    private NpgsqlBatch Batch(IReadOnlyList<Sql> statements)
    {
        if (_first is not { } first)
            return Batch(Connection, statements);
        _first = null;
        _inTransaction = true;
        return Batch(Connection, [.. first, .. statements]);
    }

    private static NpgsqlBatch Batch(NpgsqlConnection connection, IReadOnlyList<Sql> statements)
    {
        var batch = connection.CreateBatch();
        foreach (var sql in statements)
            batch.BatchCommands.Add(sql.ToCommand());
        return batch;
    }

    /// <summary>Begins the transaction, in the round trip of its first statement. Only the executor calls this.</summary>
    internal ValueTask<bool> Begin(IsolationLevel isolation, CancellationToken ct)
    {
        // The framework's own way sends it as a message that is answered by itself, and wakes us for that answer.
        First(Sql.Raw(isolation == IsolationLevel.Serializable ? "begin isolation level serializable" : "begin"));
        return Open(Connection, ct);
    }

    /// <summary>Gives the connection back. Only the executor calls this.</summary>
    internal async Task Leave()
    {
        if (_isLost)
            return;
        // Not when the request ends: a next attempt takes a connection of its own, and nobody may hold two.
        await Connection.CloseAsync();
    }

    /// <summary>Waits for an answer that EF Core wants, like for any other.</summary>
    internal ValueTask<T> Answered<T>(Task<T> asked) => _database.Watch.Answered(asked, Lose);

    /// <inheritdoc/>
    public override Task<int> SaveChangesAsync(bool acceptAllChangesOnSuccess, CancellationToken cancellationToken = default)
    {
        // The transaction is the executor's, and EF Core does not know of it.
        Database.AutoTransactionBehavior = AutoTransactionBehavior.Never;
        return base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>EF Core calls this before it does anything at all, so whichever way an entity came in, <see cref="Flush"/> saves it.</remarks>
    protected override void OnConfiguring(DbContextOptionsBuilder optionsBuilder) => _tracks = true;

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        if (_isLost)
            return;
        await base.DisposeAsync();
        if (_connection is not null)
            await _connection.DisposeAsync();
    }

    /// <summary>Leaves the connection to what was asked on it. Whatever comes of that, it is rolled back, unless it was the commit.</summary>
    private void Lose<T>(Task<T> asked)
    {
        _isLost = true;
        _ = DatabaseWatch.Forget(asked, async () =>
        {
            if (_inTransaction)
                await using (var batch = Batch(Connection, [Sql.Raw("rollback")]))
                    await batch.ExecuteNonQueryAsync(CancellationToken.None);
            await Connection.DisposeAsync();
        });
    }

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        PlatformTables.Map(modelBuilder);
        foreach (var module in _modules)
            module.Map(modelBuilder);
        PlatformTables.NameColumns(modelBuilder);
    }

    private void Enqueue(string kind, object message, DateTimeOffset at, string? uniqueKey)
    {
        HasJobs = true;
        var payload = new Sql.JsonValue(JsonSerializer.Serialize(message, message.GetType(), Wire.Json));
        var trace = System.Diagnostics.Activity.Current?.Id;
        // An instant is one on whatever clock it was read; the database takes those of UTC alone.
        var due = at.ToUniversalTime();
        Write(uniqueKey is null
            ? Sql.Of($"insert into platform.jobs (kind, payload, run_at, trace_parent) values ({kind}, {payload}, {due}, {trace})")
            : Sql.Of($"insert into platform.jobs (kind, payload, run_at, trace_parent, unique_key) values ({kind}, {payload}, {due}, {trace}, {uniqueKey}) on conflict (unique_key) do nothing"));
    }
}
