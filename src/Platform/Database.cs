using System.ComponentModel.DataAnnotations;
using Npgsql;

namespace Quitanda.Platform;

/// <summary>Settings of the connection to PostgreSQL. Section <c>Database</c>.</summary>
public sealed record DatabaseSettings
{
    /// <summary>Connections a process keeps at the most on its hot paths. About 8 a core is right; more gained nothing when measured.</summary>
    [Range(2, 500)]
    public int PoolSize { get; init; } = 16;

    /// <summary>Connections a process keeps at the most for lists with free filters, whose plans depend on the values.</summary>
    [Range(1, 500)]
    public int ListPoolSize { get; init; } = 4;

    /// <summary>Connections a process keeps at the most for searches. Few of them plan their long statements seldom; about 2 a core is right.</summary>
    [Range(1, 500)]
    public int SearchPoolSize { get; init; } = 4;

    /// <summary>Seconds after which the server ends a statement of ours.</summary>
    [Range(1, 600)]
    public int StatementTimeoutSeconds { get; init; } = 15;

    /// <summary>Seconds that a statement waits for a row or table lock.</summary>
    [Range(1, 600)]
    public int LockTimeoutSeconds { get; init; } = 10;

    /// <summary>Milliseconds above which a statement is logged, with its text and without its values. 0 logs none.</summary>
    [Range(0, 600_000)]
    public int SlowMilliseconds { get; init; } = 500;

    /// <summary>
    /// Seconds without an answer, after the second and a half that a statement is waited for before anybody asks, until the database counts as away. With 2, whoever waits hears of it within five seconds.
    /// </summary>
    [Range(1, 60)]
    public int AwaySeconds { get; init; } = 2;

    /// <summary>Seconds to wait for a connection, from the pool or to the server.</summary>
    [Range(1, 60)]
    public int ConnectTimeoutSeconds { get; init; } = 4;
}

/// <summary>
/// The ways to the database. A generic plan halves the cost of a joined statement but cannot look at a parameter's value,
/// so statements whose best plan depends on one go another way; and searches go one of their own.
/// </summary>
public sealed class Database : IAsyncDisposable
{
    private const string OnePlan = "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off";

    private readonly NpgsqlDataSource _unpooled;

    /// <summary>Opens the pools lazily: nothing is connected until something is asked.</summary>
    public Database(string connectionString, DatabaseSettings settings)
    {
        // Measurements name their pool; one without a name is named by its whole connection string.
        _unpooled = new NpgsqlDataSourceBuilder(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false, KeepAlive = 15, ApplicationName = "quitanda", CommandTimeout = 0 }.ConnectionString) { Name = "unpooled" }.Build();
        Watch = new(connectionString, settings.AwaySeconds);
        // A plan that was made while its table was empty reads the whole table, and is kept while the table grows: hot statements all have their index.
        Hot = Build(connectionString, settings, "hot", settings.PoolSize, OnePlan);
        Lists = Build(connectionString, settings, "lists", settings.ListPoolSize, "-c plan_cache_mode=auto");
        Searches = Build(connectionString, settings, "searches", settings.SearchPoolSize, OnePlan);
    }

    /// <summary>For statements with one good plan: prepared once a connection, planned once.</summary>
    public NpgsqlDataSource Hot { get; }

    /// <summary>For lists with free filters: planned with the values at hand.</summary>
    public NpgsqlDataSource Lists { get; }

    /// <summary>
    /// For searches, whose long statements take as long to plan as to run: prepared once a connection, planned once, and on few connections. All of a pool have their turn, so among
    /// many of them a search would meet one that has not planned it yet again and again.
    /// </summary>
    public NpgsqlDataSource Searches { get; }

    /// <summary>Knows whether the server is there at all.</summary>
    internal DatabaseWatch Watch { get; }

    /// <summary>
    /// Runs a statement on a hot connection, outside of any unit of work, and hands its result over: for what a process keeps in memory or counts
    /// on its way to a use case.
    /// </summary>
    /// <exception cref="NpgsqlException">Also where the database does not answer.</exception>
    public Task Reading(Sql statement, Func<NpgsqlDataReader, Task> read, CancellationToken ct) => Reading(Hot, [statement], read, ct);

    internal async Task Reading(NpgsqlDataSource source, IReadOnlyList<Sql> statements, Func<NpgsqlDataReader, Task> read, CancellationToken ct)
    {
        var connection = source.CreateConnection();
        var isLost = false;
        try
        {
            await Open(connection, task => Give(task), ct);
            var batch = connection.CreateBatch();
            foreach (var sql in statements)
                batch.BatchCommands.Add(sql.ToCommand());
            ct.ThrowIfCancellationRequested();
            // See Db.Reading: a statement on its way is not cancelled.
            await using (var reader = await Watch.Answered(batch.ExecuteReaderAsync(CancellationToken.None), task => Give(task)))
                await read(reader);
            await batch.DisposeAsync();
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

    /// <summary>Opens a connection, if there is a database to open it to.</summary>
    internal async ValueTask<bool> Open(NpgsqlConnection connection, Action<Task<bool>> abandon, CancellationToken ct)
    {
        if (Watch.IsAway)
            throw new DatabaseAwayException();
        var opening = connection.OpenAsync(ct);
        if (!opening.IsCompletedSuccessfully)
            await Watch.Answered(Opened(opening), abandon);
        return true;

        static async Task<bool> Opened(Task opening)
        {
            await opening;
            return true;
        }
    }

    /// <summary>A connection of its own, outside the pools, for what holds one for good: listening, and migrations.</summary>
    public NpgsqlConnection CreateUnpooled() => _unpooled.CreateConnection();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Hot.DisposeAsync();
        await Lists.DisposeAsync();
        await Searches.DisposeAsync();
        await _unpooled.DisposeAsync();
    }

    /// <summary>Reads a <c>postgres://</c> address as hosting providers give it, or an Npgsql connection string as it is.</summary>
    /// <exception cref="FormatException">It is neither.</exception>
    public static string Parse(string address)
    {
        if (!address.StartsWith("postgres://", StringComparison.Ordinal) && !address.StartsWith("postgresql://", StringComparison.Ordinal))
            return new NpgsqlConnectionStringBuilder(address).ConnectionString;

        var uri = new Uri(address);
        var user = uri.UserInfo.Split(':', 2);
        var builder = new NpgsqlConnectionStringBuilder
        {
            Host = uri.Host,
            Port = uri.Port > 0 ? uri.Port : 5432,
            Database = Uri.UnescapeDataString(uri.AbsolutePath.TrimStart('/')),
            Username = Uri.UnescapeDataString(user[0]),
            Password = user.Length > 1 ? Uri.UnescapeDataString(user[1]) : null,
        };
        foreach (var pair in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=', 2)))
        {
            var value = pair.Length > 1 ? Uri.UnescapeDataString(pair[1]) : "";
            switch (pair[0])
            {
                case "sslmode": builder.SslMode = Enum.Parse<SslMode>(value.Replace("-", "", StringComparison.Ordinal), ignoreCase: true); break;
                case "host": builder.Host = value; break;
                case "application_name": builder.ApplicationName = value; break;
                default: throw new FormatException($"The database address has a parameter that is not known: {pair[0]}.");
            }
        }

        return builder.ConnectionString;
    }

    private static NpgsqlDataSource Build(string connectionString, DatabaseSettings settings, string name, int size, string plans)
    {
        var builder = new NpgsqlConnectionStringBuilder(connectionString)
        {
            MaxPoolSize = size,
            MaxAutoPrepare = 256,
            AutoPrepareMinUsages = 2,
            // We leave no session state behind, so there is nothing to discard between uses.
            NoResetOnClose = true,
            Timeout = settings.ConnectTimeoutSeconds,
            CommandTimeout = settings.StatementTimeoutSeconds + 5,
            ApplicationName = "quitanda",
        };
        builder.Options = string.Join(' ', builder.Options,
            plans,
            // Statements here take milliseconds and read few rows: compiling one, or starting workers for it, takes longer than that, and the planner, who guesses how many rows there are, does both now and then.
            "-c jit=off -c max_parallel_workers_per_gather=0",
            $"-c statement_timeout={settings.StatementTimeoutSeconds}s",
            $"-c lock_timeout={settings.LockTimeoutSeconds}s",
            "-c idle_in_transaction_session_timeout=60s",
            @"-c default_transaction_isolation=read\ committed",
            "-c timezone=UTC").Trim();
        return new NpgsqlDataSourceBuilder(builder.ConnectionString) { Name = name }
            .ConfigureTracing(tracing => tracing.EnableFirstResponseEvent(false))
            .Build();
    }
}
