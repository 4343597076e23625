using System.Text;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Quitanda.Platform;

/// <summary>
/// What processes tell each other: that jobs are due, which cached answers are stale, and what that is watched has changed. Sent after the commit, by one sender a process that
/// gathers for 10 ms, because a NOTIFY inside each transaction makes commits queue.
/// </summary>
public sealed partial class Signals(Database database, ResponseCache cache, Evictions evictions, ILogger<Signals> log) : BackgroundService
{
    private const string ChannelName = "quitanda";

    /// <summary>PostgreSQL takes payloads below 8,000 bytes.</summary>
    private const int PayloadAtMost = 7000;

    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(10);

    /// <summary>Instead of tags: what was evicted is more than is said here, so look at the rows.</summary>
    private const string LookAtRows = "*";

    /// <summary>Before the id of an eviction whose tags are all in the same message.</summary>
    private const char IdMark = '#';

    private static readonly Signal Jobs = new("", null);

    private readonly Channel<Signal> _out = Channel.CreateBounded<Signal>(new BoundedChannelOptions(10_000) { SingleReader = true });
    private readonly SemaphoreSlim _jobs = new(0, 1);
    private readonly Guid _self = Guid.CreateVersion7();
    private readonly TaskCompletionSource _listens = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _hasDropped;
    private Action<IReadOnlyCollection<Announcement>>? _onAnnounced;
    private Action? _onListening;

    /// <summary>Done once this process has listened for the first time.</summary>
    internal Task Listening => _listens.Task;

    /// <summary>Jobs were committed: this process's runner looks now, the others soon.</summary>
    public void JobsAreDue()
    {
        Wake();
        _out.Writer.TryWrite(Jobs);
    }

    /// <summary>Answers with these tags are stale on the other processes too.</summary>
    internal void Evict(Eviction eviction)
    {
        // With so many waiting, the others are better served by the rows.
        if (!_out.Writer.TryWrite(new(LookAtRows, eviction)))
            Volatile.Write(ref _hasDropped, true);
    }

    /// <summary>Something that is watched was changed by a commit of this process.</summary>
    public void Announce(IReadOnlyCollection<Announcement> announcements)
    {
        _onAnnounced?.Invoke(announcements);
        foreach (var announcement in announcements)
            _out.Writer.TryWrite(new(announcement.ToString(), null));
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
                await Notify($"{_self:N} {string.Join(' ', Gather())}", ct);
            }
        }
        catch (OperationCanceledException)
        {
            // The host stops; whoever waits for these finds out by looking, each second.
        }
    }

    /// <summary>As much as goes into one message; an eviction is in it with all its tags, or as a word to look at the rows.</summary>
    private HashSet<string> Gather()
    {
        var gathered = new HashSet<string>(StringComparer.Ordinal);
        var length = _self.ToString("N").Length;
        if (Interlocked.Exchange(ref _hasDropped, false))
            Add(LookAtRows);
        while (_out.Reader.TryPeek(out var next))
        {
            var whole = LengthOf(next);
            if (length + Math.Min(whole, PayloadAtMost / 2) > PayloadAtMost)
                break;
            if (next.Eviction is null || whole > PayloadAtMost / 2)
            {
                Add(next.Word);
            }
            else
            {
                Add($"{IdMark}{next.Eviction.Id:N}");
                foreach (var tag in next.Eviction.Tags)
                    Add(tag);
            }

            _out.Reader.TryRead(out _);
        }

        return gathered;

        void Add(string part) => length += gathered.Add(part) ? Encoding.UTF8.GetByteCount(part) + 1 : 0;
    }

    private static int LengthOf(Signal signal) =>
        signal.Eviction is null ? Encoding.UTF8.GetByteCount(signal.Word) + 1 : 34 + signal.Eviction.Tags.Sum(tag => Encoding.UTF8.GetByteCount(tag) + 1);

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
                evictions.StartOver();
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
        List<Guid> ids = [];
        List<string> tags = [];
        List<Announcement> announced = [];
        foreach (var part in parts.AsSpan(1))
            if (part.Length == 0)
                Wake();
            else if (part == LookAtRows)
                evictions.LookNow();
            else if (part[0] == IdMark && Guid.TryParseExact(part.AsSpan(1), "N", out var id))
                ids.Add(id);
            else if (Announcement.TryParse(part, out var announcement))
                announced.Add(announcement);
            else if (part[0] != Announcement.Mark)
                tags.Add(part);
        if (tags.Count > 0)
            evictions.Hear(ids, tags);
        if (announced.Count > 0)
            _onAnnounced?.Invoke(announced);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _jobs.Dispose();
        base.Dispose();
    }

    /// <summary>What waits to be sent.</summary>
    /// <param name="Word">What is said; of an eviction, when it is too long to be said.</param>
    /// <param name="Eviction">What is evicted; null where the word is all.</param>
    private sealed record Signal(string Word, Eviction? Eviction);

    [LoggerMessage(40, LogLevel.Warning, "Signals between processes are interrupted: {Reason}")]
    private static partial void Lost(ILogger log, string reason);
}
