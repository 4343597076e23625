using System.Data;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Npgsql;

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
    private List<Waiting>? _ahead;
    private NpgsqlConnection? _connection;
    private NpgsqlTransaction? _transaction;
    private HashSet<string>? _evicted;
    private bool _tracks;
    private bool _isLost;

    /// <summary>Made by the container, one a scope.</summary>
    public Db(DbContextOptions<Db> options, Database database, IEnumerable<IModule> modules, Subscriptions subscriptions, TimeProvider clock) : base(options)
    {
        _database = database;
        _modules = modules;
        _subscriptions = subscriptions;
        _clock = clock;
    }

    internal NpgsqlConnection Connection => _connection ??= _database.Hot.CreateConnection();

    /// <summary>Whether the database stopped answering while this unit of work asked. Its connection is in use until it answers or is given up, and nobody may touch it.</summary>
    internal bool IsLost => _isLost;

    internal IReadOnlyCollection<string> Evicted => _evicted ?? (IReadOnlyCollection<string>)[];

    /// <summary>Whether jobs were queued that nobody has been woken for.</summary>
    internal bool HasJobs { get; private set; }

    /// <summary>Writes one job per subscriber of <paramref name="message"/>; they run only if this unit of work commits.</summary>
    public void Publish<T>(T message) where T : notnull
    {
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

    /// <summary>Forgets cached answers with this tag, on every process, once this unit of work has committed.</summary>
    public void Evict(string tag) => (_evicted ??= new(StringComparer.Ordinal)).Add(tag);

    /// <summary>Runs a statement now and reads its rows.</summary>
    public async Task<List<T>> Read<T>(Sql sql, Func<NpgsqlDataReader, T> row, CancellationToken ct)
    {
        List<T> rows = [];
        await Reading([sql], async reader =>
        {
            while (await reader.ReadAsync(ct))
                rows.Add(row(reader));
        }, ct);
        return rows;
    }

    /// <summary>Runs a statement now and reads its first row, or the default where there is none.</summary>
    public async Task<T?> ReadFirst<T>(Sql sql, Func<NpgsqlDataReader, T> row, CancellationToken ct)
    {
        T? first = default;
        await Reading([sql], async reader =>
        {
            if (await reader.ReadAsync(ct))
                first = row(reader);
        }, ct);
        return first;
    }

    /// <summary>Runs statements now, in one round trip, and hands their results over in order; go from one to the next with <c>NextResultAsync</c>.</summary>
    public async Task Reading(IReadOnlyList<Sql> statements, Func<NpgsqlDataReader, Task> read, CancellationToken ct)
    {
        var connection = Connection;
        var opened = await Open(connection, ct);
        try
        {
            if (_ahead is null)
                await Reading(connection, statements, read, Lose, ct);
            else
                await ReadingAhead(connection, statements, read, ct);
        }
        finally
        {
            if (opened && !_isLost)
                await connection.CloseAsync();
        }
    }

    /// <summary>
    /// The same on a connection whose statements are planned with the values at hand: for lists with free filters.
    /// Outside any transaction, so it does not see what this unit of work has not committed.
    /// </summary>
    public async Task ReadingPlanned(IReadOnlyList<Sql> statements, Func<NpgsqlDataReader, Task> read, CancellationToken ct)
    {
        var connection = _database.Lists.CreateConnection();
        var isLost = false;
        try
        {
            await Open(connection, task => Give(task), ct);
            await Reading(connection, statements, read, task => Give(task), ct);
        }
        finally
        {
            if (!isLost)
                await connection.DisposeAsync();
        }

        void Give<T>(Task<T> asked)
        {
            isLost = true;
            _ = DatabaseWatch.Forget(asked, connection.DisposeAsync);
        }
    }

    /// <summary>Runs a statement now, in this unit of work, and says how many rows it touched.</summary>
    public async Task<int> Execute(Sql sql, CancellationToken ct)
    {
        var connection = Connection;
        var opened = await Open(connection, ct);
        try
        {
            var batch = connection.CreateBatch();
            batch.BatchCommands.Add(sql.ToCommand());
            var touched = await _database.Watch.Answered(batch.ExecuteNonQueryAsync(ct), Lose);
            await batch.DisposeAsync();
            return touched;
        }
        finally
        {
            if (opened && !_isLost)
                await connection.CloseAsync();
        }
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
        // PostgreSQL answers COMMIT on a failed transaction with a quiet rollback; a statement before it makes that an error.
        if (_writes.Count == 0)
            Write($"select 1");
        // An error in any statement skips the rest of the batch, so the commit is only reached when all went well.
        Write($"commit");
        // A cancelled commit may or may not have happened; one that is waited for is known.
        await FlushWrites(CancellationToken.None);
    }

    private async Task FlushWrites(CancellationToken ct)
    {
        var batch = Connection.CreateBatch();
        foreach (var sql in _writes)
            batch.BatchCommands.Add(sql.ToCommand());
        _writes.Clear();
        await _database.Watch.Answered(batch.ExecuteNonQueryAsync(ct), Lose);
        await batch.DisposeAsync();
    }

    /// <summary>Begins the transaction. Only the executor calls this.</summary>
    internal async Task Begin(CancellationToken ct)
    {
        await Open(Connection, ct);
        _transaction = await Connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, ct);
    }

    /// <summary>Ends the transaction, which is rolled back unless it was committed, and gives the connection back. Only the executor calls this.</summary>
    internal async Task Leave()
    {
        if (_isLost)
            return;
        // Not when the request ends: a next attempt takes a connection of its own, and nobody may hold two.
        if (_transaction is not null)
            await _transaction.DisposeAsync();
        _transaction = null;
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
            if (_transaction is not null)
                await _transaction.DisposeAsync();
            await _connection!.DisposeAsync();
        });
    }

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        PlatformTables.Map(modelBuilder);
        foreach (var module in _modules)
            module.Map(modelBuilder);

        foreach (var property in modelBuilder.Model.GetEntityTypes().SelectMany(entity => entity.GetProperties()))
            property.SetColumnName(WordStart().Replace(property.Name, "_${start}").ToLowerInvariant());
    }

    private async Task Reading(NpgsqlConnection connection, IReadOnlyList<Sql> statements, Func<NpgsqlDataReader, Task> read, Action<Task<NpgsqlDataReader>> abandon, CancellationToken ct)
    {
        var batch = connection.CreateBatch();
        foreach (var sql in statements)
            batch.BatchCommands.Add(sql.ToCommand());
        await using (var reader = await _database.Watch.Answered(batch.ExecuteReaderAsync(ct), abandon))
            await read(reader);
        await batch.DisposeAsync();
    }

    private Task ReadingAhead(NpgsqlConnection connection, IReadOnlyList<Sql> statements, Func<NpgsqlDataReader, Task> read, CancellationToken ct)
    {
        var ahead = _ahead!;
        _ahead = null;
        return Reading(connection, [.. ahead.Select(waiting => waiting.Sql), .. statements], async reader =>
        {
            for (var at = 0; at < ahead.Count; at++)
            {
                if (at > 0)
                    await reader.NextResultAsync(ct);
                if (!await reader.ReadAsync(ct))
                    throw new InvalidOperationException("A statement that went ahead gave no row.");
                ahead[at].Arrive(reader);
            }

            if (statements.Count > 0)
                await reader.NextResultAsync(ct);
            await read(reader);
        }, Lose, ct);
    }

    private ValueTask<bool> Open(NpgsqlConnection connection, CancellationToken ct) =>
        _isLost ? throw new DatabaseAwayException() : connection.State == ConnectionState.Open ? ValueTask.FromResult(false) : Open(connection, Lose, ct);

    private async ValueTask<bool> Open(NpgsqlConnection connection, Action<Task<bool>> abandon, CancellationToken ct)
    {
        if (_database.Watch.IsAway)
            throw new DatabaseAwayException();
        var opening = connection.OpenAsync(ct);
        if (!opening.IsCompletedSuccessfully)
            await _database.Watch.Answered(Opened(opening), abandon);
        return true;

        static async Task<bool> Opened(Task opening)
        {
            await opening;
            return true;
        }
    }

    private void Enqueue(string kind, object message, DateTimeOffset at, string? uniqueKey)
    {
        HasJobs = true;
        var payload = new Sql.JsonValue(JsonSerializer.Serialize(message, message.GetType(), Wire.Json));
        var trace = System.Diagnostics.Activity.Current?.Id;
        Write(uniqueKey is null
            ? Sql.Of($"insert into platform.jobs (kind, payload, run_at, trace_parent) values ({kind}, {payload}, {at}, {trace})")
            : Sql.Of($"insert into platform.jobs (kind, payload, run_at, trace_parent, unique_key) values ({kind}, {payload}, {at}, {trace}, {uniqueKey}) on conflict (unique_key) do nothing"));
    }

    [GeneratedRegex("(?<!^)(?<start>[A-Z])", RegexOptions.ExplicitCapture | RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex WordStart();
}
