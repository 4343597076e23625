using System.Runtime.CompilerServices;
using Npgsql;
using Quitanda.Platform;

namespace Quitanda.MovingIn.Sources;

/// <summary>
/// Another system's database, as it was at one moment: one connection, one transaction that can only read. What it holds is read piece by piece, so it may be of any size.
/// </summary>
internal sealed class SourceDatabase : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;
    private List<SourceTable> _tables = [];

    private SourceDatabase(NpgsqlConnection connection) => _connection = connection;

    /// <summary>All that may be read.</summary>
    public IReadOnlyList<SourceTable> Tables => _tables;

    /// <summary>Opens it.</summary>
    /// <exception cref="RefusedException">It does not answer, or lets nobody in.</exception>
    public static async Task<SourceDatabase> Open(string address, CancellationToken ct)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(Parse(address)) { Pooling = false, KeepAlive = 15, CommandTimeout = 0, ApplicationName = "quitanda import", IncludeErrorDetail = false }.ConnectionString);
        var source = new SourceDatabase(connection);
        try
        {
            await connection.OpenAsync(ct);
            await source.Execute("begin isolation level repeatable read, read only", ct);
            // As we read them, whatever the server and its users prefer.
            await source.Execute("set local datestyle = 'ISO, YMD'; set local timezone = 'UTC'; set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0; set local extra_float_digits = 1", ct);
            source._tables = await source.Look(ct);
            return source;
        }
        catch (NpgsqlException error)
        {
            await source.DisposeAsync();
            // What the driver says names hosts and users; never a password.
            throw new RefusedException("source_unreachable", $"The database to import from cannot be read: {error.Message}");
        }
        catch
        {
            await source.DisposeAsync();
            throw;
        }
    }

    /// <summary>The first of some tables that is there; of several schemas the public one comes first.</summary>
    public SourceTable? Find(string[] names) =>
        names.Select(name => _tables.FirstOrDefault(table => SourceTable.Singular(table.Name) == SourceTable.Singular(name))).FirstOrDefault(table => table is not null);

    /// <summary>One number.</summary>
    public async Task<long> Number(string sql, CancellationToken ct)
    {
        await using var command = Command(sql);
        return (long)(await command.ExecuteScalarAsync(ct))!;
    }

    /// <summary>All rows of a query, so many at a time.</summary>
    public async IAsyncEnumerable<List<string?[]>> Read(SourceQuery query, int atOnce, [EnumeratorCancellation] CancellationToken ct)
    {
        // One may be open still, of an attempt that is repeated.
        await Execute("close all", ct);
        await Execute($"declare source_rows no scroll cursor for {query.Everything}", ct);
        while (await Rows(Command($"fetch forward {atOnce} from source_rows"), query.Width, ct) is { Count: > 0 } rows)
            yield return rows;
        await Execute("close source_rows", ct);
    }

    /// <summary>The rows of a query whose field is one of some.</summary>
    public async Task<List<string?[]>> Read(SourceQuery query, string field, string[] values, CancellationToken ct)
    {
        if (values.Length == 0)
            return [];
        var command = Command(query.Where(field));
        command.Parameters.Add(new() { Value = values });
        return await Rows(command, query.Width, ct);
    }

    /// <summary>The rows of a statement, all of it texts.</summary>
    public Task<List<string?[]>> Read(string sql, int width, CancellationToken ct) => Rows(Command(sql), width, ct);

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private static string Parse(string address)
    {
        try
        {
            return Database.Parse(address);
        }
        catch (Exception error) when (error is FormatException or ArgumentException)
        {
            // The value may hold a password, so it is not repeated.
            throw new RefusedException("source_invalid", "The address to import from is neither a postgres:// address nor a connection string.");
        }
    }

    private async Task<List<SourceTable>> Look(CancellationToken ct)
    {
        const string Columns = """
            select n.nspname, c.relname, a.attname, format_type(a.atttypid, null), (t.typcategory = 'A')::text
            from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid join pg_type t on t.oid = a.atttypid
            where c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relispartition and a.attnum > 0 and not a.attisdropped
                and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg\_%' and has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select')
            order by n.nspname <> 'public', n.nspname, c.relname, a.attnum
            """;
        return [.. (await Rows(Command(Columns), 5, ct)).GroupBy(row => (Schema: row[0]!, Table: row[1]!))
            .Select(group => new SourceTable(group.Key.Schema, group.Key.Table, [.. group.Select(row => new SourceColumn(row[2]!, row[3]!, row[4] == "true"))]))];
    }

    private static async Task<List<string?[]>> Rows(NpgsqlCommand command, int width, CancellationToken ct)
    {
        List<string?[]> rows = [];
        await using (command)
        await using (var reader = await command.ExecuteReaderAsync(ct))
            while (await reader.ReadAsync(ct))
            {
                var row = new string?[width];
                for (var at = 0; at < width; at++)
                    row[at] = reader.IsDBNull(at) ? null : reader.GetString(at);
                rows.Add(row);
            }

        return rows;
    }

    private async Task Execute(string sql, CancellationToken ct)
    {
        await using var command = Command(sql);
        await command.ExecuteNonQueryAsync(ct);
    }

    private NpgsqlCommand Command(string sql)
    {
#pragma warning disable CA2100 // Names of tables and columns are quoted as they were found; every value is a parameter.
        return new NpgsqlCommand(sql, _connection);
#pragma warning restore CA2100
    }
}
