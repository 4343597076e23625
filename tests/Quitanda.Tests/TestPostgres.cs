using Npgsql;
using Quitanda.Platform;

[assembly: AssemblyFixture(typeof(Quitanda.Tests.TestPostgres))]

namespace Quitanda.Tests;

/// <summary>One real PostgreSQL for the whole run, private and thrown away, and in it a template that is migrated once.</summary>
public sealed class TestPostgres : IAsyncLifetime
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"quitanda-tests-{Guid.CreateVersion7():N}");
    private readonly SemaphoreSlim _cloning = new(1, 1);
    private LocalPostgres? _server;
    private bool _hasTemplate;

    /// <summary>The server, as an Npgsql connection string to no database in particular.</summary>
    private string Server => _server!.ConnectionString;

    // Several classes run at once, some of them with two processes and all that a process may have of connections.
    public async ValueTask InitializeAsync() =>
        _server = await LocalPostgres.Start(new LocalPostgresOptions { DataFolder = _folder, Durable = false, Clients = 400, Say = _ => { } }, TestContext.Current.CancellationToken);

    /// <summary>A fresh database with every migration applied.</summary>
    public async Task<string> CreateDatabase()
    {
        await _cloning.WaitAsync();
        try
        {
            if (!_hasTemplate)
            {
                await Execute("create database template_quitanda");
                await QuitandaApp.Migrate(ConnectionString("template_quitanda"));
                _hasTemplate = true;
            }

            var name = $"test_{Guid.CreateVersion7():N}";
            // Copied by files: the other way goes through the buffers and the log, and takes three times as long.
            await Execute($"create database {name} template template_quitanda strategy file_copy");
            return ConnectionString(name);
        }
        finally
        {
            _cloning.Release();
        }
    }

    /// <summary>A fresh database with nothing in it at all.</summary>
    public async Task<string> CreateEmptyDatabase()
    {
        var name = $"empty_{Guid.CreateVersion7():N}";
        await Execute($"create database {name}");
        return ConnectionString(name);
    }

    /// <summary>
    /// Drops a database and whoever is still connected to it. While the server itself works in it, such as with an autovacuum, that is refused, as nobody
    /// but a superuser may end that; then it is tried again.
    /// </summary>
    public async Task DropDatabase(string connectionString)
    {
        var name = new NpgsqlConnectionStringBuilder(connectionString).Database;
        await Eventually.Happens(async () =>
        {
            try
            {
                await Execute($"drop database if exists {name} with (force)");
                return true;
            }
            catch (PostgresException refused) when (refused.SqlState is PostgresErrorCodes.InsufficientPrivilege or PostgresErrorCodes.ObjectInUse)
            {
                return false;
            }
        }, $"The end of {name}");
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        if (_server is not null)
            await _server.DisposeAsync();
        _cloning.Dispose();
        if (Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
    }

    private string ConnectionString(string database) => new NpgsqlConnectionStringBuilder(Server) { Database = database }.ConnectionString;

    private async Task Execute(string sql)
    {
        // A whole database is copied or deleted here, beside everything else that runs: no class fails because that took its time.
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(Server) { Database = "postgres", Pooling = false, Timeout = 300, CommandTimeout = 300 }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
