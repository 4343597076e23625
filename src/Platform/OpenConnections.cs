using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Quitanda.Platform;

/// <summary>Says which callers still are who they were. Connections that stay open ask again and again; requests ask by themselves.</summary>
public interface ICallers
{
    /// <summary>For each caller in turn, whether they may go on: an active user whose rights and session are what they were.</summary>
    Task<bool[]> MayGoOn(IReadOnlyList<Caller> callers, CancellationToken ct);
}

/// <summary>
/// Every connection that outlives its request, by caller: how many there may be, when they end with their caller's token, session or
/// account, and that they end at once when the process stops.
/// </summary>
internal sealed partial class OpenConnections : BackgroundService
{
    /// <summary>How long a connection goes on while nobody can say whether its caller may: with a tick and two checks that are not answered, its end comes within a minute.</summary>
    private static readonly TimeSpan UnvouchedAtMost = TimeSpan.FromSeconds(48);

    /// <summary>How long one check may take, its answer included: it is waited for before anything ends.</summary>
    private static readonly TimeSpan CheckAtMost = TimeSpan.FromSeconds(5);

    /// <summary>How long a process that stops waits for its connections to end by themselves.</summary>
    private static readonly TimeSpan FarewellAtMost = TimeSpan.FromSeconds(2);

    private readonly IServiceScopeFactory _scopes;
    private readonly StreamSettings _settings;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly HashSet<OpenConnection> _open = [];
    private readonly Dictionary<Guid, int> _ofCaller = [];
    private readonly Lock _lock = new();
    private bool _isStopping;

    public OpenConnections(IServiceScopeFactory scopes, IHostApplicationLifetime lifetime, IOptions<StreamSettings> settings, TimeProvider clock, ILogger<OpenConnections> log)
    {
        (_scopes, _settings, _clock, _log) = (scopes, settings.Value, clock, log);
        lifetime.ApplicationStopping.Register(Stop);
    }

    /// <summary>How many are open.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _open.Count;
        }
    }

    /// <summary>Opens one for a caller, or says why not. Disposing it closes it.</summary>
    public OpenConnection? Open(Caller caller, out Problem? refusal)
    {
        refusal = null;
        lock (_lock)
        {
            _ofCaller.TryGetValue(caller.Id, out var count);
            if (_isStopping)
                refusal = Problem.Of(503, detail: "This process is stopping; another one will answer.");
            else if (count >= _settings.PerCaller)
                refusal = Problem.Of(429, TooMany, $"There may be {_settings.PerCaller} open streams at a time; close one first.");
            else if (_open.Count >= _settings.PerProcess)
                refusal = Problem.Of(429, TooMany, "There are too many open streams; try again in a while.");
            if (refusal is not null)
                return null;

            var connection = new OpenConnection(this, caller, _clock.GetTimestamp());
            _ofCaller[caller.Id] = count + 1;
            _open.Add(connection);
            return connection;
        }
    }

    /// <summary>The code of a refusal because of too many.</summary>
    public const string TooMany = "too_many_streams";

    internal void Close(OpenConnection connection)
    {
        lock (_lock)
        {
            if (!_open.Remove(connection))
                return;
            var id = connection.Caller.Id;
            if (_ofCaller[id] == 1)
                _ofCaller.Remove(id);
            else
                _ofCaller[id]--;
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var ticks = new PeriodicTimer(TimeSpan.FromSeconds(1), TimeProvider.System);
        var checkedAt = _clock.GetTimestamp();
        while (await ticks.WaitForNextTickAsync(stoppingToken))
        {
            var open = All();
            if (open.Length == 0)
                continue;
            foreach (var connection in open)
                if (connection.Caller.GoodUntil <= _clock.GetUtcNow())
                    connection.End();

            // Asked first and ended afterwards, by the time from before: a process that stood still for a minute finds out whether its callers may go on, and ends none of them for its own sake.
            var at = _clock.GetTimestamp();
            if (_clock.GetElapsedTime(checkedAt, at) >= TimeSpan.FromSeconds(_settings.CallerCheckSeconds))
            {
                checkedAt = at;
                await Check(open, at, stoppingToken);
            }

            foreach (var connection in open)
                if (_clock.GetElapsedTime(connection.VouchedAt, at) > UnvouchedAtMost)
                    connection.End();
        }
    }

    private async Task Check(OpenConnection[] open, long at, CancellationToken ct)
    {
        try
        {
            var callers = open.Select(connection => connection.Caller).Distinct().ToArray();
            var mayGoOn = await MayGoOn(callers, ct).WaitAsync(CheckAtMost, TimeProvider.System, ct);
            var good = callers.Where((_, index) => mayGoOn[index]).ToHashSet();
            foreach (var connection in open)
                if (good.Contains(connection.Caller))
                    connection.VouchedAt = at;
                else
                    connection.End();
        }
        catch (Exception error) when (!ct.IsCancellationRequested)
        {
            // Not knowing is not a no, for a while.
            NotChecked(_log, error.Message);
        }
        catch (OperationCanceledException)
        {
            // The process stops, and with it every connection.
        }
    }

    private async Task<bool[]> MayGoOn(Caller[] callers, CancellationToken ct)
    {
        await using var scope = _scopes.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<ICallers>().MayGoOn(callers, ct);
    }

    private OpenConnection[] All()
    {
        lock (_lock)
            return [.. _open];
    }

    private void Stop()
    {
        lock (_lock)
            _isStopping = true;
        foreach (var connection in All())
            connection.End();
        // The framework comes next and cuts what is left without a word; who is told to come again does so at once.
        SpinWait.SpinUntil(() => Count == 0, FarewellAtMost);
    }

    [LoggerMessage(70, LogLevel.Warning, "Who may keep a connection open cannot be looked up: {Reason}")]
    private static partial void NotChecked(ILogger log, string reason);
}

/// <summary>One connection that outlives its request.</summary>
internal sealed class OpenConnection(OpenConnections all, Caller caller, long openedAt) : IDisposable
{
    private readonly CancellationTokenSource _end = new();
    private long _vouchedAt = openedAt;

    public Caller Caller { get; } = caller;

    /// <summary>Set when it must end from this side.</summary>
    public CancellationToken Ended => _end.Token;

    /// <summary>When its caller was last known to be good.</summary>
    public long VouchedAt
    {
        get => Interlocked.Read(ref _vouchedAt);
        set => Interlocked.Exchange(ref _vouchedAt, value);
    }

    /// <summary>Asks it to end.</summary>
    public void End()
    {
        try
        {
            _end.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It ended by itself in the meantime.
        }
    }

    public void Dispose()
    {
        all.Close(this);
        _end.Dispose();
    }
}
