using System.Net.Sockets;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Quitanda.Platform;

/// <summary>What one commit made stale: a row of that commit, and a message after it.</summary>
internal sealed record Eviction(Guid Id, IReadOnlyCollection<string> Tags);

/// <summary>
/// Evictions as every process learns of them. A message is the quick way, and may be lost with the process that should have sent it; the row cannot,
/// and is read within about a second.
/// </summary>
/// <remarks>
/// Transactions commit in another order than their ids, so the place where a look ended is not a number but its snapshot: the next one reads exactly
/// the rows which that snapshot could not see, and each is read once.
/// </remarks>
public sealed partial class Evictions(Database database, ResponseCache cache, ILogger<Evictions> log) : BackgroundService
{
    /// <summary>How long a row is kept: much longer than anything lives that it could make stale.</summary>
    internal static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(5);

    /// <summary>Messages remembered between two looks; past that their rows are heeded as well, which only costs a fill.</summary>
    private const int HeardAtMost = 10_000;

    /// <summary>A look that takes longer is given up, so that a connection nobody answers on does not stop the looking.</summary>
    private const int LookSeconds = 5;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly SemaphoreSlim _looking = new(1, 1);
    private readonly Lock _lock = new();
    private HashSet<Guid> _heard = [];
    private string? _seen;
    private bool _isLost;

    /// <summary>Forgets what commits made stale, here and at once; their rows are then known.</summary>
    internal void Hear(IReadOnlyCollection<Guid> ids, IReadOnlyCollection<string> tags)
    {
        cache.Evict(tags);
        lock (_lock)
        {
            if (_heard.Count >= HeardAtMost)
                _heard.Clear();
            _heard.UnionWith(ids);
        }
    }

    /// <summary>A message could not say everything: the rows are read now.</summary>
    internal void LookNow()
    {
        lock (_lock)
            if (_wake.CurrentCount == 0)
                _wake.Release();
    }

    /// <summary>Reads every row there is at the next look. For when the database may be another than before, whose transactions have other numbers.</summary>
    internal void StartOver()
    {
        lock (_lock)
            _seen = null;
        LookNow();
    }

    /// <summary>Reads the rows that the last look could not see, and forgets what they make stale.</summary>
    internal async Task CatchUp(CancellationToken ct)
    {
        await _looking.WaitAsync(ct);
        try
        {
            string? seen;
            HashSet<Guid> heard;
            lock (_lock)
            {
                // A row that this look is the first to see was committed after the last one began: what was heard before then cannot be among them.
                (seen, heard) = (_seen, _heard);
                _heard = [];
            }

            List<(Guid Id, string[] Tags)> rows = [];
            string now;
            try
            {
                now = await Look(seen, rows, ct);
            }
            catch
            {
                lock (_lock)
                    _heard.UnionWith(heard);
                throw;
            }

            var stale = new HashSet<string>(StringComparer.Ordinal);
            lock (_lock)
            {
                foreach (var (id, tags) in rows)
                    if (!heard.Contains(id) && !_heard.Contains(id))
                        stale.UnionWith(tags);
                if (_seen == seen)
                    _seen = now;
            }

            if (stale.Count > 0)
                cache.Evict(stale);
        }
        finally
        {
            _looking.Release();
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
            try
            {
                await CatchUp(stoppingToken);
                _isLost = false;
                await _wake.WaitAsync(Pause, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error) when (error is NpgsqlException or TimeoutException or SocketException or OperationCanceledException)
            {
                // What is kept lives 60 s at the most, whether or not anybody can be asked.
                if (!_isLost)
                    Lost(log, error.Message);
                _isLost = true;
                await Task.Delay(Pause, TimeProvider.System, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
    }

    private async Task<string> Look(string? seen, List<(Guid Id, string[] Tags)> rows, CancellationToken ct)
    {
        // One statement, so the snapshot that it tells is the one it reads by.
        await using var command = database.Hot.CreateCommand("""
            select pg_current_snapshot()::text, e.id, e.tags
            from (select $1::pg_snapshot as seen) last
            left join platform.evictions e
                on e.xid >= coalesce(pg_snapshot_xmin(last.seen), '0'::xid8) and (last.seen is null or not pg_visible_in_snapshot(e.xid, last.seen))
            """);
        command.CommandTimeout = LookSeconds;
        command.Parameters.Add(new NpgsqlParameter<string?> { TypedValue = seen, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var now = "";
        while (await reader.ReadAsync(ct))
        {
            now = reader.GetString(0);
            if (!reader.IsDBNull(1))
                rows.Add((reader.GetGuid(1), reader.GetFieldValue<string[]>(2)));
        }

        return now;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _wake.Dispose();
        _looking.Dispose();
        base.Dispose();
    }

    [LoggerMessage(45, LogLevel.Warning, "Evictions cannot be read: {Reason}")]
    private static partial void Lost(ILogger log, string reason);
}

/// <summary>Deletes the rows of evictions that every process has long read, or has nothing left from before.</summary>
internal sealed class ForgetEvictions(Db db) : IHandle<Tick>
{
    public Task Handle(Tick message, CancellationToken ct) => db.Execute($"delete from platform.evictions where created_at < {message.At - Evictions.KeptFor}", ct);
}
