using Npgsql;

namespace Quitanda.Platform;

/// <summary>What a private PostgreSQL needs to know to start.</summary>
public sealed record LocalPostgresOptions
{
    /// <summary>The host's data folder; it is made when missing. The cluster lives in it, or beside it when another user must own it and cannot enter.</summary>
    public required string DataFolder { get; init; }

    /// <summary>False turns off fsync, synchronous_commit and full_page_writes, and keeps the buffers small: for tests only, since a crash of the machine then loses the cluster.</summary>
    public bool Durable { get; init; } = true;

    /// <summary>How many may be connected at once. A process has about thirty connections at the most.</summary>
    public int Clients { get; init; } = 100;

    /// <summary>Takes one line of progress for a person.</summary>
    public Action<string> Say { get; init; } = static _ => { };
}

/// <summary>
/// The private PostgreSQL a host starts when no connection string is given. It never listens to the network and never runs as
/// root. Any number of hosts share one data folder: the first starts the server, the others adopt it, the last to leave stops it.
/// A host that is killed leaves it running, and the next one adopts it.
/// </summary>
public sealed class LocalPostgres : IAsyncDisposable
{
    internal const string DatabaseName = "quitanda";
    private const string Superuser = "postgres";

    private readonly PostgresHome _home;
    private readonly PostgresServer _server;
    private readonly Action<string> _say;
    private FileStream? _presence;

    private LocalPostgres(PostgresHome home, PostgresServer server, FileStream presence, string connectionString, Action<string> say)
    {
        _home = home;
        _server = server;
        _presence = presence;
        _say = say;
        ConnectionString = connectionString;
    }

    /// <summary>For Npgsql: the database <c>quitanda</c>, as its owner, who may create databases and is no superuser.</summary>
    public string ConnectionString { get; }

    /// <summary>
    /// Adopts the running server or starts one; makes the cluster and the database when they are missing. Waits up to 120 s for other
    /// hosts that are starting or leaving, and up to 60 s for the server.
    /// </summary>
    /// <exception cref="PostgresMissingException">No PostgreSQL 15 or later is installed; the message has the command to run.</exception>
    /// <exception cref="PostgresFailedException">It could not be started; the message names the log file and its last lines.</exception>
    public static async Task<LocalPostgres> Start(LocalPostgresOptions options, CancellationToken ct)
    {
        try
        {
            var home = await PostgresHome.Open(options.DataFolder, ct);
            using var turn = await HostLocks.TakeTurn(home, ct);
            var presence = HostLocks.Join(home);
            var server = new PostgresServer(home, options);
            try
            {
                var password = home.Password();
                var isNew = await server.EnsureCluster(password, ct);
                var endpoint = await server.EnsureRunning(ct);
                if (isNew)
                {
                    await CreateDatabase(endpoint, password, home, ct);
                }

                var connectionString = await EnsureDatabase(endpoint, password, home, ct);
                return new LocalPostgres(home, server, presence, connectionString, options.Say);
            }
            catch (PostgresFailedException failure) when (failure.StillStarting)
            {
                // A recovery that outlasts the time limit must be allowed to end, or no later start would ever see it finished.
                await presence.DisposeAsync();
                throw;
            }
            catch
            {
                await Leave(home, server, presence, options.Say);
                throw;
            }
        }
        catch (UnauthorizedAccessException denied)
        {
            throw new PostgresFailedException(
                $"The data folder {options.DataFolder} belongs to another user ({denied.Message}). Run as that user, or choose another folder with --data.", denied);
        }
    }

    /// <summary>Leaves. The last host to leave stops the server (fast mode, up to 30 s); a failure to stop is said, not thrown.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _presence, null) is not { } presence)
        {
            return;
        }

        try
        {
            using var turn = await HostLocks.TakeTurn(_home, CancellationToken.None);
            await Leave(_home, _server, presence, _say);
        }
        catch (PostgresFailedException failure)
        {
            await presence.DisposeAsync();
            _say(failure.Message);
        }
    }

    private static async Task Leave(PostgresHome home, PostgresServer server, FileStream presence, Action<string> say)
    {
        await presence.DisposeAsync();
        await using var alone = await HostLocks.TryBeAlone(home);
        if (alone is null)
        {
            return;
        }

        try
        {
            await server.Stop();
        }
        catch (Exception failure) when (failure is PostgresFailedException or PostgresMissingException)
        {
            say(failure.Message);
        }
    }

    private static async Task<string> EnsureDatabase(PostgresEndpoint endpoint, string password, PostgresHome home, CancellationToken ct)
    {
        var wanted = endpoint.ConnectionString(DatabaseName, password, DatabaseName);
        try
        {
            await using var connection = await Connect(wanted.ConnectionString, ct);
            return wanted.ConnectionString;
        }
        catch (PostgresException missing) when (missing.SqlState is
            PostgresErrorCodes.InvalidCatalogName or PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification)
        {
            // The host that made the cluster was killed before it came to this.
            await CreateDatabase(endpoint, password, home, ct);
            await using var connection = await Connect(wanted.ConnectionString, ct);
            return wanted.ConnectionString;
        }
        catch (NpgsqlException failure)
        {
            throw new PostgresFailedException($"The private PostgreSQL runs and does not answer ({failure.Message}).{home.LogTail()}", failure);
        }
    }

    private static async Task CreateDatabase(PostgresEndpoint endpoint, string password, PostgresHome home, CancellationToken ct)
    {
        try
        {
            await using var connection = await Connect(endpoint.ConnectionString(Superuser, password, "postgres").ConnectionString, ct);
            // The server quotes the password itself, since a role's password cannot be a parameter.
            await using (var role = new NpgsqlCommand(
                """
                select format(case when exists (select from pg_roles where rolname = $1)
                                   then 'alter role %I login createdb password %L' else 'create role %I login createdb password %L' end, $1, $2)
                """, connection))
            {
                role.Parameters.Add(new() { Value = DatabaseName });
                role.Parameters.Add(new() { Value = password });
                var statement = (string)(await role.ExecuteScalarAsync(ct))!;
                await Execute(connection, statement, ct);
            }

            await using var exists = new NpgsqlCommand("select exists (select from pg_database where datname = $1)", connection);
            exists.Parameters.Add(new() { Value = DatabaseName });
            if (!(bool)(await exists.ExecuteScalarAsync(ct))!)
            {
                await Execute(connection, $"create database {DatabaseName} owner {DatabaseName}", ct);
            }
        }
        catch (PostgresException refused) when (refused.SqlState == PostgresErrorCodes.InvalidPassword)
        {
            throw new PostgresFailedException($"The password in {home.PasswordFile} is not the one its cluster in {home.Cluster} was made with. Restore that file.", refused);
        }
    }

    private static async Task<NpgsqlConnection> Connect(string connectionString, CancellationToken ct)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        try
        {
            await connection.OpenAsync(ct);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private static async Task Execute(NpgsqlConnection connection, string statement, CancellationToken ct)
    {
#pragma warning disable CA2100 // The statement was quoted by the server or is a constant.
        await using var command = new NpgsqlCommand(statement, connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(ct);
    }
}
