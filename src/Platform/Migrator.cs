using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace Quitanda.Platform;

/// <summary>Applies each module's embedded <c>Migrations/NNNN_name.sql</c>, in order, once, whichever process gets the lock first.</summary>
public static class Migrator
{
    private const long LockKey = 0x5155_4954; // "QUIT"

    /// <summary>Applies what is missing and says what it applied.</summary>
    /// <exception cref="InvalidOperationException">A file was edited after it was applied. Files that only a newer version knows are left alone: it may be rolling out beside this one.</exception>
    public static async Task<IReadOnlyList<string>> Migrate(Database database, IEnumerable<Assembly> modules, CancellationToken ct)
    {
        var files = modules.SelectMany(Files).ToList();
        await using var connection = database.CreateUnpooled();
        await connection.OpenAsync(ct);
        // One look without the lock: in nearly every start there is nothing to do.
        if (await IsCurrent(connection, files, ct))
            return [];

        await Execute(connection, $"select pg_advisory_lock({LockKey})", ct); // Released when the connection closes.
        await Execute(connection, """
            create schema if not exists platform;
            create table if not exists platform.migrations (
                module text not null, name text not null, sha256 text not null, applied_at timestamptz not null default now(),
                primary key (module, name))
            """, ct);

        List<string> applied = [];
        var journal = await Journal(connection, ct);
        foreach (var file in files)
            if (!journal.TryGetValue(file.Key, out var hash))
            {
                await Apply(connection, file, ct);
                applied.Add(file.Key);
            }
            else if (hash != file.Hash)
                throw new InvalidOperationException($"{file.Key} was edited after it was applied. Add a new file instead.");
        return applied;
    }

    /// <summary>Whether every file of <paramref name="modules"/> has been applied.</summary>
    public static async Task<bool> IsCurrent(Database database, IEnumerable<Assembly> modules, CancellationToken ct)
    {
        await using var connection = await database.Hot.OpenConnectionAsync(ct);
        return await IsCurrent(connection, [.. modules.SelectMany(Files)], ct);
    }

    private static async Task<bool> IsCurrent(NpgsqlConnection connection, List<File> files, CancellationToken ct)
    {
        try
        {
            var journal = await Journal(connection, ct);
            return files.TrueForAll(file => journal.TryGetValue(file.Key, out var hash) && hash == file.Hash);
        }
        catch (PostgresException error) when (error.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName)
        {
            return false;
        }
    }

    private static async Task<Dictionary<string, string>> Journal(NpgsqlConnection connection, CancellationToken ct)
    {
        Dictionary<string, string> journal = new(StringComparer.Ordinal);
        await using var command = new NpgsqlCommand("select module || '/' || name, sha256 from platform.migrations", connection);
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
            journal.Add(reader.GetString(0), reader.GetString(1));
        return journal;
    }

    private static async Task Apply(NpgsqlConnection connection, File file, CancellationToken ct)
    {
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await Execute(connection, file.Sql, ct);
        await using var record = new NpgsqlCommand("insert into platform.migrations (module, name, sha256) values ($1, $2, $3)", connection)
        {
            Parameters = { new() { Value = file.Module }, new() { Value = file.Name }, new() { Value = file.Hash } },
        };
        await record.ExecuteNonQueryAsync(ct);
        await transaction.CommitAsync(ct);
    }

    private static async Task Execute(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
#pragma warning disable CA2100 // The text is an embedded file of our own.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(ct);
    }

    private static IEnumerable<File> Files(Assembly module)
    {
        foreach (var name in module.GetManifestResourceNames().Where(name => name.EndsWith(".sql", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(module.GetManifestResourceStream(name)!);
            var sql = reader.ReadToEnd();
            yield return new(module.GetName().Name!, name, sql, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(sql))));
        }
    }

    private sealed record File(string Module, string Name, string Sql, string Hash)
    {
        public string Key => $"{Module}/{Name}";
    }
}
