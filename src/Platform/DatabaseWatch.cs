using Npgsql;

namespace Quitanda.Platform;

/// <summary>The database does not answer. Nobody waits for what was asked: it may be done or not, and the connection that carried it is left to itself.</summary>
internal sealed class DatabaseAwayException() : NpgsqlException("The database does not answer.", new TimeoutException());

/// <summary>
/// Tells a slow statement from a database that is away. A server that is stopped in its tracks, or behind a dead network, leaves a connection open and silent, and not
/// even a cancellation gets through: so whoever has waited for a while has a second connection ask, and gives up when that gets no answer either. While
/// all is well this costs nothing but a timer a statement.
/// </summary>
/// <param name="connectionString">The database.</param>
/// <param name="seconds">How long the second connection waits for its answer.</param>
internal sealed class DatabaseWatch(string connectionString, int seconds)
{
    /// <summary>Long for a statement; with the question after it still short for a person.</summary>
    private static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(1500);

    /// <summary>Pieces of the time that the question waits: a pause of this whole machine uses up one of them, not all.</summary>
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private readonly int _slices = (int)(TimeSpan.FromSeconds(seconds) / Slice);

    // Measurements name their source; one without a name is named by its whole connection string.
    private readonly NpgsqlDataSource _source = new NpgsqlDataSourceBuilder(new NpgsqlConnectionStringBuilder(connectionString)
    {
        Pooling = false,
        Timeout = seconds + 2,
        CommandTimeout = seconds + 2,
        ApplicationName = "quitanda-watch",
    }.ConnectionString)
    { Name = "watch" }.Build();
    private readonly Lock _lock = new();
    private Task<bool>? _asking;
    private volatile bool _isAway;

    /// <summary>Whether it is known not to answer. Whoever sees this need not try.</summary>
    public bool IsAway => _isAway;

    /// <summary>Waits for an answer for as long as there is somebody to give it.</summary>
    /// <param name="asked">What was asked of the database.</param>
    /// <param name="abandon">Takes over what nobody waits for any more.</param>
    /// <exception cref="DatabaseAwayException">There is nobody.</exception>
    public async ValueTask<T> Answered<T>(Task<T> asked, Action<Task<T>> abandon)
    {
        while (!asked.IsCompleted)
        {
            await ((Task)asked).WaitAsync(Slow, TimeProvider.System).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (asked.IsCompleted || await IsThere())
                continue;
            abandon(asked);
            throw new DatabaseAwayException();
        }

        return await asked;
    }

    /// <summary>Ends what nobody waits for any more, once it has come to an end by itself.</summary>
    public static async Task Forget<T>(Task<T> asked, Func<ValueTask> end)
    {
        try
        {
            if (await asked is IAsyncDisposable answer)
                await answer.DisposeAsync();
        }
        catch (Exception)
        {
            // Whoever asked has heard already that there is no answer.
        }

        try
        {
            await end();
        }
        catch (Exception)
        {
            // A connection that broke is closed.
        }
    }

    /// <summary>Asks once for all who want to know.</summary>
    private Task<bool> IsThere()
    {
        lock (_lock)
            return _asking ??= Ask();

        async Task<bool> Ask()
        {
            await Task.Yield();
            var isThere = await Question();
            lock (_lock)
                _asking = null;
            if (!isThere && !_isAway)
            {
                _isAway = true;
                _ = Await();
            }

            return isThere;
        }
    }

    /// <summary>Asks until there is an answer.</summary>
    private async Task Await()
    {
        do
            await Task.Delay(Pause, TimeProvider.System);
        while (!await Question());
        _isAway = false;
    }

    private async Task<bool> Question()
    {
        var question = Connect();
        for (var slice = 0; slice < _slices && !question.IsCompleted; slice++)
            await ((Task)question).WaitAsync(Slice, TimeProvider.System).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return question.IsCompleted && await question;
    }

    /// <summary>It never throws, also where nobody waits for it any more.</summary>
    private async Task<bool> Connect()
    {
        try
        {
            await using var connection = await _source.OpenConnectionAsync();
            await using var command = new NpgsqlCommand("select 1", connection);
            await command.ExecuteScalarAsync();
            return true;
        }
        catch (PostgresException error)
        {
            // A server that refuses, such as one with too many clients, is there; one that starts or stops is not yet, or not any more.
            return error.SqlState is not (PostgresErrorCodes.CannotConnectNow or PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown);
        }
        catch (Exception)
        {
            return false;
        }
    }
}
