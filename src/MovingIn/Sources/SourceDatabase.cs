using System.Globalization;
using System.Runtime.CompilerServices;
using Npgsql;
using Quitanda.Platform;

namespace Quitanda.MovingIn.Sources;

/// <summary>
/// Another system's database, as it was at one moment: one connection, one transaction that can only read. What it holds is read piece by piece, so it may be of any size.
/// </summary>
internal sealed class SourceDatabase : IAsyncDisposable
{
    /// <summary>Rows of a table that nothing is read from which are counted one by one: a log may have a hundred million.</summary>
    private const int MostCounted = 50_000;

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
            await source.Execute("set local datestyle = 'ISO, YMD'; set local timezone = 'UTC'; set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0; set local extra_float_digits = 1; set local cursor_tuple_fraction = 1", ct);
            source._tables = await source.Look(ct);
            return source;
        }
        catch (NpgsqlException error)
        {
            await source.DisposeAsync();
            throw Unreachable(error);
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

    /// <summary>How many rows a query has.</summary>
    public async Task<long> Count(SourceQuery query, CancellationToken ct) => long.Parse((await Rows(Command(query.Count), 1, ct))[0][0]!, CultureInfo.InvariantCulture);

    /// <summary>How many rows a table has that nothing is read from: counted where they are few, else as the server last estimated. Without a number, why it has none.</summary>
    public async Task<(long? Rows, bool IsEstimate, string? Why)> CountOf(SourceTable table, CancellationToken ct)
    {
        await Execute("savepoint before_count", ct);
        try
        {
            var counted = await Fetched(Command($"select count(*)::text, (select greatest(reltuples, {MostCounted + 1})::bigint::text from pg_class where oid = $1::regclass) from (select from {table.Quoted} limit {MostCounted + 1}) first", table.Quoted), 2, ct);
            await Execute("release savepoint before_count", ct);
            var rows = long.Parse(counted[0][0]!, CultureInfo.InvariantCulture);
            return rows <= MostCounted ? (rows, false, null) : (long.Parse(counted[0][1]!, CultureInfo.InvariantCulture), true, null);
        }
        catch (PostgresException error)
        {
            // Nothing needs it. Where the connection itself is gone, the next statement says so.
            await Execute("rollback to savepoint before_count", ct);
            return (null, false, error.MessageText);
        }
        catch (NpgsqlException error)
        {
            throw Unreachable(error);
        }
    }

    /// <summary>Closes what is open still, of an attempt that is repeated.</summary>
    public Task CloseAll(CancellationToken ct) => Execute("close all", ct);

    /// <summary>All rows of a query, so many at a time.</summary>
    public async IAsyncEnumerable<List<string?[]>> Read(SourceQuery query, int atOnce, [EnumeratorCancellation] CancellationToken ct)
    {
        await Execute($"declare source_rows no scroll cursor for {query.Everything}", ct);
        while (await Fetch("source_rows", atOnce, query.Width, ct) is { Count: > 0 } rows)
            yield return rows;
        await Execute("close source_rows", ct);
    }

    /// <summary>All rows of a query that belong to those of another by a field, to be read beside those; null where there are none of the kind.</summary>
    public async Task<SourceCursor?> Open(string name, SourceQuery? query, string? field, SourceQuery parents, CancellationToken ct)
    {
        if (query is null)
            return null;
        await Execute($"declare {name} no scroll cursor for {query.Belonging(field!, parents)}", ct);
        return new(this, name, query.Width + 2);
    }

    /// <summary>The next rows of an open cursor.</summary>
    public Task<List<string?[]>> Fetch(string name, int atOnce, int width, CancellationToken ct) => Rows(Command($"fetch forward {atOnce} from {name}"), width, ct);

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
            select n.nspname, c.relname, a.attname, format_type(a.atttypid, null), (t.typcategory = 'A')::text, (c.relkind in ('v', 'm', 'f'))::text
            from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid join pg_type t on t.oid = a.atttypid
            where c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relispartition and a.attnum > 0 and not a.attisdropped
                -- What an extension brought is none of the system's.
                and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
                and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg\_%' and has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select')
            order by n.nspname <> 'public', n.nspname, c.relname, a.attnum
            """;
        return [.. (await Rows(Command(Columns), 6, ct)).GroupBy(row => (Schema: row[0]!, Table: row[1]!))
            .Select(group => new SourceTable(group.Key.Schema, group.Key.Table, [.. group.Select(row => new SourceColumn(row[2]!, row[3]!, row[4] == "true"))], group.First()[5] == "true"))];
    }

    private static Task<List<string?[]>> Rows(NpgsqlCommand command, int width, CancellationToken ct) => Told(() => Fetched(command, width, ct));

    /// <summary>A failure of the other database, told from one of the house's own, which would be somebody else's to mend.</summary>
    private static async Task<T> Told<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (NpgsqlException error)
        {
            throw Unreachable(error);
        }
    }

    private static async Task<List<string?[]>> Fetched(NpgsqlCommand command, int width, CancellationToken ct)
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

    /// <summary>What the driver says names hosts and users; never a password.</summary>
    private static RefusedException Unreachable(NpgsqlException error) => new("source_unreachable", $"The database to import from cannot be read: {error.Message}");

    private Task<int> Execute(string sql, CancellationToken ct) => Told(async () =>
    {
        await using var command = Command(sql);
        return await command.ExecuteNonQueryAsync(ct);
    });

    private NpgsqlCommand Command(string sql, params string[] values)
    {
#pragma warning disable CA2100 // Names of tables and columns are quoted as they were found; every value is a parameter.
        var command = new NpgsqlCommand(sql, _connection);
#pragma warning restore CA2100
        foreach (var value in values)
            command.Parameters.Add(new() { Value = value });
        return command;
    }
}
