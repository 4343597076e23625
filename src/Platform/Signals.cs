using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Quitanda.Platform;

/// <summary>
/// What processes tell each other: that jobs are due, which cached answers are stale, and what that is watched has changed. Sent after the commit, by one sender a process that
/// gathers for 10 ms, because a NOTIFY inside each transaction makes commits queue.
/// </summary>
public sealed partial class Signals(Database database, ResponseCache cache, ILogger<Signals> log) : BackgroundService
{
    private const string ChannelName = "quitanda";

    /// <summary>PostgreSQL takes payloads below 8,000 bytes.</summary>
    private const int PayloadAtMost = 7000;

    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(10);

    private readonly Channel<string> _out = Channel.CreateBounded<string>(new BoundedChannelOptions(10_000) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly SemaphoreSlim _jobs = new(0, 1);
    private readonly Guid _self = Guid.CreateVersion7();
    private readonly TaskCompletionSource _listens = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Action<IReadOnlyCollection<Announcement>>? _onAnnounced;
    private Action? _onListening;

    /// <summary>Done once this process has listened for the first time.</summary>
    internal Task Listening => _listens.Task;

    /// <summary>Jobs were committed: this process's runner looks now, the others soon.</summary>
    public void JobsAreDue()
    {
        Wake();
        _out.Writer.TryWrite("");
    }

    /// <summary>Answers with these tags are stale on the other processes too.</summary>
    public void Evict(IEnumerable<string> tags)
    {
        foreach (var tag in tags)
            _out.Writer.TryWrite(tag);
    }

    /// <summary>Something that is watched was changed by a commit of this process.</summary>
    public void Announce(IReadOnlyCollection<Announcement> announcements)
    {
        _onAnnounced?.Invoke(announcements);
        foreach (var announcement in announcements)
            _out.Writer.TryWrite(announcement.ToString());
    }

    /// <summary>
    /// Hands over what was announced, by whichever process. <paramref name="again"/> is called whenever this process begins to listen: what was
    /// said before is not known. Called before the host starts.
    /// </summary>
    internal void OnAnnounced(Action<IReadOnlyCollection<Announcement>> hear, Action again)
    {
        _onAnnounced += hear;
        _onListening += again;
    }

    /// <summary>Waits until jobs are said to be due, or for <paramref name="atMost"/>.</summary>
    public Task WaitForJobs(TimeSpan atMost, CancellationToken ct) => _jobs.WaitAsync(atMost, ct);

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(Send(stoppingToken), Listen(stoppingToken));

    private void Wake()
    {
        try
        {
            if (_jobs.CurrentCount == 0)
                _jobs.Release();
        }
        catch (SemaphoreFullException)
        {
            // Somebody else woke the runner in between, which is all that was wanted.
        }
    }

    private async Task Send(CancellationToken ct)
    {
        try
        {
            while (await _out.Reader.WaitToReadAsync(ct))
            {
                await Task.Delay(Gathering, TimeProvider.System, ct);
                var gathered = new HashSet<string>(StringComparer.Ordinal);
                var length = 0;
                while (length < PayloadAtMost - 300 && _out.Reader.TryRead(out var signal))
                    if (gathered.Add(signal))
                        length += signal.Length + 1;
                await Notify($"{_self:N} {string.Join(' ', gathered)}", ct);
            }
        }
        catch (OperationCanceledException)
        {
            // The host stops; whoever waits for these finds out by looking, each second.
        }
    }

    private async Task Notify(string payload, CancellationToken ct)
    {
        try
        {
            await using var command = database.Hot.CreateCommand("select pg_notify($1, $2)");
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = ChannelName });
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = payload });
            await command.ExecuteNonQueryAsync(ct);
        }
        catch (NpgsqlException error)
        {
            Lost(log, error.Message);
        }
    }

    private async Task Listen(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            try
            {
                await using var connection = database.CreateUnpooled();
                connection.Notification += (_, notification) => Hear(notification.Payload);
                await connection.OpenAsync(ct);
                await using (var listen = new NpgsqlCommand($"listen {ChannelName}", connection))
                    await listen.ExecuteNonQueryAsync(ct);
                // What was said while nobody listened is not known, so nothing kept can be trusted.
                cache.Clear();
                _onListening?.Invoke();
                _listens.TrySetResult();
                while (true)
                    await connection.WaitAsync(ct);
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                Lost(log, error.Message);
                await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private void Hear(string payload)
    {
        var parts = payload.Split(' ');
        if (parts[0] == _self.ToString("N"))
            return;
        if (parts.Skip(1).Any(part => part.Length == 0))
            Wake();
        var announced = new List<Announcement>();
        foreach (var part in parts)
            if (Announcement.TryParse(part, out var announcement))
                announced.Add(announcement);
        if (announced.Count > 0)
            _onAnnounced?.Invoke(announced);
        var tags = parts.Skip(1).Where(part => part.Length > 0 && part[0] != Announcement.Mark).ToArray();
        if (tags.Length > 0)
            cache.Evict(tags);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _jobs.Dispose();
        base.Dispose();
    }

    [LoggerMessage(40, LogLevel.Warning, "Signals between processes are interrupted: {Reason}")]
    private static partial void Lost(ILogger log, string reason);
}
