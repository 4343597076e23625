using System.Data;
using Npgsql;

namespace Quitanda.Platform;

/// <content>Statements by hand, each in as few round trips as can be.</content>
/// <remarks>
/// A caller who goes away ends what has not been sent yet, and what waits for a connection; never a statement on its way. To cancel one, the
/// driver opens another connection, and blocks a thread of the pool until the server has answered there: a hundred clients who
/// leave at once would stop everybody else for seconds. What is on its way ends by itself, in milliseconds or by the statement timeout.
/// </remarks>
public sealed partial class Db
{
    /// <summary>Runs a statement now and reads its rows.</summary>
    public async Task<List<T>> Read<T>(Sql sql, Func<NpgsqlDataReader, T> row, CancellationToken ct)
    {
        List<T> rows = [];
        await Reading([sql], async reader =>
        {
            while (await reader.ReadAsync(CancellationToken.None))
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
            if (await reader.ReadAsync(CancellationToken.None))
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
                await Reading(Batch(statements), read, Lose, ct);
            else
                await ReadingAhead(statements, read, ct);
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
        using (_slow.Of(statements))
            await _database.Reading(_database.Lists, statements, read, ct);
    }

    /// <summary>The same for searches, on connections of their own that plan each once (<see cref="Database.Searches"/>).</summary>
    public async Task ReadingRanked(IReadOnlyList<Sql> statements, Func<NpgsqlDataReader, Task> read, CancellationToken ct)
    {
        using (_slow.Of(statements))
            await _database.Reading(_database.Searches, statements, read, ct);
    }

    /// <summary>
    /// From here to the end of its transaction, statements are planned with the values and the tables as they are: for thousands of rows at once, where what was planned while there were few
    /// compares each with each. Planning takes a millisecond, which such a statement can spare.
    /// </summary>
    /// <remarks>Outside of a transaction it ends with its own round trip, and goes before another statement there.</remarks>
    public static Sql PlannedAnew() => Sql.Of($"select set_config('plan_cache_mode', 'force_custom_plan', true)");

    /// <summary>Runs a statement now, in this unit of work, and says how many rows it touched.</summary>
    public async Task<int> Execute(Sql sql, CancellationToken ct)
    {
        var connection = Connection;
        var opened = await Open(connection, ct);
        try
        {
            return await Send(Batch([sql]), ct);
        }
        finally
        {
            if (opened && !_isLost)
                await connection.CloseAsync();
        }
    }

    private async Task Reading(NpgsqlBatch statements, Func<NpgsqlDataReader, Task> read, Action<Task<NpgsqlDataReader>> abandon, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        // Their text is gone once they are disposed.
        using (_slow.Of(statements))
        await using (var reader = await _database.Watch.Answered(statements.ExecuteReaderAsync(CancellationToken.None), abandon))
            await read(reader);
        await statements.DisposeAsync();
    }

    private Task ReadingAhead(IReadOnlyList<Sql> statements, Func<NpgsqlDataReader, Task> read, CancellationToken ct)
    {
        var ahead = _ahead!;
        _ahead = null;
        return Reading(Batch([.. ahead.Select(waiting => waiting.Sql), .. statements]), async reader =>
        {
            for (var at = 0; at < ahead.Count; at++)
            {
                if (at > 0)
                    await reader.NextResultAsync(CancellationToken.None);
                if (!await reader.ReadAsync(CancellationToken.None))
                    throw new InvalidOperationException("A statement that went ahead gave no row.");
                ahead[at].Arrive(reader);
            }

            if (statements.Count > 0)
                await reader.NextResultAsync(CancellationToken.None);
            await read(reader);
        }, Lose, ct);
    }

    private ValueTask<bool> Open(NpgsqlConnection connection, CancellationToken ct) =>
        _isLost ? throw new DatabaseAwayException() : connection.State == ConnectionState.Open ? ValueTask.FromResult(false) : _database.Open(connection, Lose, ct);
}
