using System.Threading.Channels;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Quitanda.Platform;

/// <summary>What the realtime hub tells of one kind of thing: how it stands now, to its owner and to those who run the shop.</summary>
public interface IRealtimeSource
{
    /// <summary>The kind that <see cref="Announcement.Kind"/> names.</summary>
    string Kind { get; }

    /// <summary>The message's name, in camelCase: <c>orderChanged</c>.</summary>
    string Message { get; }

    /// <summary>Who hears of everybody's, and admins with them; null for what is its owner's and nobody else's.</summary>
    Roles? ForAllOf { get; }

    /// <summary>Reads how these things stand, in one statement. What has gone is left out.</summary>
    Task<List<RealtimeNews>> Read(Db db, Guid[] ids, CancellationToken ct);
}

/// <summary>How one thing stands now.</summary>
/// <param name="Owner">Whose it is.</param>
/// <param name="Body">What is sent.</param>
public sealed record RealtimeNews(Guid Owner, object Body);

/// <summary>The hub at <c>/realtime</c>. It has no methods: a client listens, and changes things through the API.</summary>
internal sealed class RealtimeHub(Realtime realtime) : Hub
{
    public override Task OnConnectedAsync()
    {
        realtime.Join(Context);
        return Task.CompletedTask;
    }

    public override Task OnDisconnectedAsync(Exception? exception)
    {
        realtime.Leave(Context.ConnectionId);
        return Task.CompletedTask;
    }
}

/// <summary>
/// Everybody who is connected to this process's hub. What is announced, by whichever process, is read once and handed to those whom it
/// concerns; where nobody here is concerned, nothing is read.
/// </summary>
internal sealed partial class Realtime : BackgroundService
{
    /// <summary>Tells clients that they may have missed something and should read again what they show.</summary>
    public const string Resync = "resync";

    /// <summary>Things that one statement reads.</summary>
    private const int ThingsAtOnce = 500;

    /// <summary>Changed things that may wait to be read; past that, clients are told to read for themselves.</summary>
    private const int WaitingAtMost = 10_000;

    /// <summary>Stands for everything, when there is too much of it.</summary>
    private static readonly Announcement Everything = new("", Guid.Empty, Guid.Empty);

    private readonly IServiceScopeFactory _scopes;
    private readonly IHubContext<RealtimeHub> _hub;
    private readonly Dictionary<string, IRealtimeSource> _sources;
    private readonly int _queueLength;
    private readonly ILogger _log;
    private readonly Dictionary<string, Member> _members = new(StringComparer.Ordinal);
    private readonly Dictionary<Guid, List<Member>> _byUser = [];
    private readonly Pending<Announcement> _changed = new();
    private readonly Lock _lock = new();
    private Roles _rolesHere;

    public Realtime(IServiceScopeFactory scopes, IHubContext<RealtimeHub> hub, Signals signals, IEnumerable<IRealtimeSource> sources, IOptions<StreamSettings> settings, ILogger<Realtime> log)
    {
        (_scopes, _hub, _queueLength, _log) = (scopes, hub, settings.Value.QueueLength, log);
        _sources = sources.ToDictionary(source => source.Kind, StringComparer.Ordinal);
        signals.OnAnnounced(Hear, again: TellAllToReadAgain);
    }

    public void Join(HubCallerContext context)
    {
        var connection = (OpenConnection)context.GetHttpContext()!.Items[typeof(OpenConnection)]!;
        var member = new Member(context, connection, _queueLength);
        lock (_lock)
        {
            _members.Add(member.Id, member);
            (_byUser.TryGetValue(member.Caller.Id, out var own) ? own : _byUser[member.Caller.Id] = []).Add(member);
            _rolesHere |= member.Caller.Roles;
        }

        // A client that reads slowly keeps only its own messages waiting.
        _ = member.Send(_hub);
    }

    public void Leave(string id)
    {
        lock (_lock)
        {
            if (!_members.Remove(id, out var member))
                return;
            member.Dispose();
            var own = _byUser[member.Caller.Id];
            own.Remove(member);
            if (own.Count == 0)
                _byUser.Remove(member.Caller.Id);
            _rolesHere = _members.Values.Aggregate(Roles.None, (roles, other) => roles | other.Caller.Roles);
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
            foreach (var ofKind in (await _changed.Take(stoppingToken)).GroupBy(changed => changed.Kind, StringComparer.Ordinal))
                foreach (var changed in ofKind.Chunk(ThingsAtOnce))
                    await Tell(ofKind.Key, changed, stoppingToken);
    }

    private void Hear(IReadOnlyCollection<Announcement> announcements)
    {
        foreach (var announcement in announcements)
        {
            if (!_sources.TryGetValue(announcement.Kind, out var source))
                continue;
            bool isOfInterest;
            lock (_lock)
                isOfInterest = HearsAll(_rolesHere, source) || _byUser.ContainsKey(announcement.Owner);
            if (isOfInterest)
                _changed.Add(_changed.Count < WaitingAtMost ? announcement : Everything);
        }
    }

    private async Task Tell(string kind, Announcement[] changed, CancellationToken ct)
    {
        if (kind == Everything.Kind)
        {
            TellAllToReadAgain();
            return;
        }

        var source = _sources[kind];
        List<RealtimeNews> news;
        try
        {
            await using var scope = _scopes.CreateAsyncScope();
            news = await source.Read(scope.ServiceProvider.GetRequiredService<Db>(), [.. changed.Select(announcement => announcement.Id)], ct);
        }
        catch (Exception error) when (!ct.IsCancellationRequested)
        {
            // The database may be away for a while; what changed is read when it is back.
            NotRead(_log, source.Kind, error.Message);
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, ct);
            _changed.Add(changed);
            return;
        }

        lock (_lock)
            foreach (var one in news)
                foreach (var member in Concerned(source, one.Owner))
                    // Whom the row names, not whom the signal did.
                    if (member.Caller.Id == one.Owner || HearsAll(member.Caller.Roles, source))
                        member.Queue(source.Message, [one.Body]);
    }

    private static bool HearsAll(Roles roles, IRealtimeSource source) => source.ForAllOf is { } all && (roles & (all | Roles.Admin)) != Roles.None;

    private IEnumerable<Member> Concerned(IRealtimeSource source, Guid owner) => HearsAll(_rolesHere, source)
        ? _members.Values
        : _byUser.GetValueOrDefault(owner, []);

    /// <summary>Whatever was said while nobody listened is not known here, and messages are not kept.</summary>
    private void TellAllToReadAgain()
    {
        lock (_lock)
            foreach (var member in _members.Values)
                member.Queue(Resync, []);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _changed.Dispose();
        base.Dispose();
    }

    /// <summary>One connected client and what waits for it.</summary>
    private sealed class Member : IDisposable
    {
        private readonly HubCallerContext _context;
        private readonly Channel<(string Name, object[] Arguments)> _queue;
        private readonly CancellationTokenRegistration _ending;

        public Member(HubCallerContext context, OpenConnection connection, int queueLength)
        {
            (_context, Caller) = (context, connection.Caller);
            _queue = Channel.CreateBounded<(string, object[])>(new BoundedChannelOptions(queueLength) { SingleReader = true });
            _ending = connection.Ended.Register(Close);
        }

        public string Id => _context.ConnectionId;

        public Caller Caller { get; }

        public void Queue(string name, object[] arguments)
        {
            // Messages say how things stand, not what happened: a client that lost some comes again and reads.
            if (!_queue.Writer.TryWrite((name, arguments)))
                Close();
        }

        public async Task Send(IHubContext<RealtimeHub> hub)
        {
            try
            {
                await foreach (var (name, arguments) in _queue.Reader.ReadAllAsync(_context.ConnectionAborted))
                    await hub.Clients.Client(Id).SendCoreAsync(name, arguments, _context.ConnectionAborted);
            }
            catch (OperationCanceledException)
            {
                // The client has gone.
            }
        }

        public void Dispose()
        {
            _queue.Writer.TryComplete();
            _ending.Unregister();
        }

        /// <summary>Closes it in such a way that a client may come again, which it will if it has a ticket.</summary>
        private void Close() => _context.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
    }

    [LoggerMessage(72, LogLevel.Warning, "What the hub tells of {Kind} cannot be read: {Reason}")]
    private static partial void NotRead(ILogger log, string kind, string reason);
}
