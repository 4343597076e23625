using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Quitanda.Platform.Errors;

namespace Quitanda.Platform;

/// <summary>
/// Takes due jobs and runs them. A claim is a short transaction of its own that counts the attempt, so a handler that kills the process is
/// counted too; the handler's transaction deletes the job by its token, so its effects and the job's end are one commit.
/// </summary>
public sealed partial class JobRunner : BackgroundService
{
    private static readonly TimeSpan TimersEvery = TimeSpan.FromMinutes(1);

    /// <summary>How long a host that has just started leaves its processors to its first answers: a backlog of jobs would make them wait for the compiler.</summary>
    private static readonly TimeSpan AfterStart = TimeSpan.FromSeconds(1);

    private static readonly ActivitySource Activities = new("Quitanda.Jobs");

    private readonly IServiceScopeFactory _scopes;
    private readonly Executor _executor;
    private readonly Subscriptions _subscriptions;
    private readonly Signals _signals;
    private readonly JobMeters _meters;
    private readonly IErrorLog _errors;
    private readonly IOptions<JobSettings> _settings;
    private readonly TimeProvider _clock;
    private readonly ILogger<JobRunner> _log;
    private readonly int _leaseSeconds;
    private readonly TimeSpan _handlerLimit;
    private readonly JobLane _inside;
    private readonly JobLane _outside;
    private readonly JobLane _named;
    private readonly Channel<bool> _attention = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private volatile bool _moreIsDue;

    /// <summary>Made by the container.</summary>
    public JobRunner(
        IServiceScopeFactory scopes, Executor executor, Subscriptions subscriptions, Signals signals, JobMeters meters, IErrorLog errors, IOptions<JobSettings> settings, TimeProvider clock,
        ILogger<JobRunner> log)
    {
        (_scopes, _executor, _subscriptions, _signals, _meters, _errors, _settings, _clock, _log) = (scopes, executor, subscriptions, signals, meters, errors, settings, clock, log);
        // A claimed job is this process's own for longer than a handler may run, so that no two ever run it at once; it may wait here for its turn for the difference.
        (_leaseSeconds, _handlerLimit) = (settings.Value.TrySeconds * 7 / 5, TimeSpan.FromSeconds(settings.Value.TrySeconds));
        StartsWithin = TimeSpan.FromSeconds(_leaseSeconds) - _handlerLimit;
        (_inside, _outside, _named) = (new(settings.Value.Runners), new(settings.Value.OutsideRunners), new(settings.Value.NamedRunners, kind => _subscriptions.Find(kind)?.AtOnce));
    }

    /// <summary>A claimed job that did not begin within this time is given back.</summary>
    internal TimeSpan StartsWithin { get; set; }

    /// <summary>Claims due jobs once and runs them; says how many it claimed.</summary>
    public async Task<int> RunDue(CancellationToken ct)
    {
        var jobs = await Claim(_ => JobLane.BatchSize, ct);
        await Task.WhenAll(jobs.Select(job => Begin(job, ct)));
        return jobs.Count;
    }

    /// <summary>Makes sure each timer has a tick that waits. Any number of processes may ask: a tick's key is unique, and where one waits, none is added.</summary>
    public Task EnsureTimers(CancellationToken ct) => _executor.Run(provider =>
    {
        var db = provider.GetRequiredService<Db>();
        foreach (var timer in _subscriptions.All.Where(subscription => subscription.Every is not null))
        {
            var next = timer.Next(_clock.GetUtcNow());
            db.Write($"""
                insert into platform.jobs (kind, payload, run_at, unique_key)
                select {timer.Kind}, {Sql.Json(new Tick(next))}, {next}, {timer.KeyOf(next)}
                where not exists (select from platform.jobs where kind = {timer.Kind} and state = 'ready')
                on conflict (unique_key) do nothing
                """);
        }

        return Task.CompletedTask;
    }, ct);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!_settings.Value.Enabled)
            return;

        var woken = Hear(stoppingToken);
        await Task.Delay(AfterStart, TimeProvider.System, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var (timersAt, hasTimers) = (0L, false);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (!hasTimers || Stopwatch.GetElapsedTime(timersAt) > TimersEvery)
                {
                    await EnsureTimers(stoppingToken);
                    (timersAt, hasTimers) = (Stopwatch.GetTimestamp(), true);
                }

                // Each job goes its own way from here: a slow one holds its own place, and the next claim fills the others.
                var jobs = await Claim(lane => lane.Room, stoppingToken);
                foreach (var job in jobs)
                    _ = Begin(job, stoppingToken);
                if (jobs.Count == 0)
                    await Attention(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception error)
            {
                // The database may be away for a while; the runner outlives that.
                NoClaim(_log, error.Message);
                await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        await woken;
        // Handlers finish what they began when the host stops; the host's own time-out bounds them.
        while (_inside.Held + _outside.Held + _named.Held > 0)
            await Attention(CancellationToken.None);
    }

    /// <summary>Turns a wake-up, or the time that has come to look, into attention.</summary>
    private async Task Hear(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            await _signals.WaitForJobs(TimeSpan.FromSeconds(_settings.Value.PollSeconds), ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _attention.Writer.TryWrite(true);
        }
    }

    private async ValueTask Attention(CancellationToken ct) => await _attention.Reader.ReadAsync(ct);

    private async Task<List<Claimed>> Claim(Func<JobLane, int> room, CancellationToken ct)
    {
        var (inside, outside, named) = (room(_inside), room(_outside), room(_named));
        // Nobody looked, so there may be more.
        _moreIsDue = true;
        if (inside + outside + named == 0)
            return [];

        await using var scope = _scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<Db>();
        var now = _clock.GetUtcNow();
        var due = await JobQueue.Due(db, _subscriptions.Kinds, now, Math.Max(Math.Max(inside, outside), named) + 1, ct);
        var shares = Share(_inside, inside).Concat(Share(_outside, outside)).Concat(Share(_named, named)).ToArray();
        // A job that ends asks for attention only where that would bring another.
        _moreIsDue = due.Sum(kind => kind.Jobs) > shares.Sum(share => share.Most);
        if (shares.Length == 0)
            return [];

        var token = Guid.CreateVersion7();
        var claimed = Stopwatch.GetTimestamp();
        var jobs = await JobQueue.Claim(db, Array.ConvertAll(shares, share => share.Kind), Array.ConvertAll(shares, share => share.Most), now, token, _leaseSeconds,
            row => new Claimed(row.GetInt64(0), token, row.GetString(1), row.GetString(2), row.GetInt32(3), row.GetFieldValue<DateTimeOffset>(4), row.IsDBNull(5) ? null : row.GetString(5), row.GetFieldValue<DateTimeOffset>(6), claimed), ct);
        foreach (var job in jobs)
            LaneOf(job.Kind).Take(job.Kind);
        return jobs;

        IEnumerable<(string Kind, int Most)> Share(JobLane lane, int places) => lane.Share(due.FindAll(kind => LaneOf(kind.Kind) == lane), places);
    }

    private JobLane LaneOf(string kind) => _subscriptions.Find(kind) is not { Call: not null } known ? _inside : known.AsksNamed ? _named : _outside;

    /// <summary>Waits for a place, runs the job, and gives the place free. It never throws.</summary>
    private async Task Begin(Claimed job, CancellationToken ct)
    {
        var lane = LaneOf(job.Kind);
        await lane.Places.WaitAsync(CancellationToken.None);
        TimeSpan? took = null;
        try
        {
            took = await Run(job, ct);
        }
        finally
        {
            lane.Places.Release();
            lane.Done(job.Kind, took);
            if (ct.IsCancellationRequested || (_moreIsDue && lane.Room > 0))
                _attention.Writer.TryWrite(true);
        }
    }

    /// <summary>Runs the job and says how long that took; null where it was given back instead.</summary>
    private async Task<TimeSpan?> Run(Claimed job, CancellationToken ct)
    {
        var began = Stopwatch.GetTimestamp();
        // Also where nobody collects traces: the job's log lines carry the trace of the request that made it.
        using var activity = Activities.StartActivity(job.Kind, ActivityKind.Consumer, job.TraceParent) ?? Follow(job);
        try
        {
            // An attempt that killed its process never came to count its failure; the claim did.
            if (job.Attempts > _settings.Value.Attempts)
                throw new InvalidOperationException("The process ended during the last attempt.");
            var subscription = _subscriptions.Find(job.Kind) ?? throw new InvalidOperationException($"Nobody takes jobs of kind {job.Kind}.");
            // Given back, so that no other process takes for abandoned, and counts as an attempt, what only waited behind slow ones.
            if (ct.IsCancellationRequested || Stopwatch.GetElapsedTime(job.ClaimedAt) > StartsWithin)
            {
                await GiveBack(job);
                return null;
            }

            using var limit = new CancellationTokenSource(subscription.Limit ?? _handlerLimit, TimeProvider.System);
            if (await Work(job, subscription, limit.Token))
                _meters.Done(subscription.Kind, Stopwatch.GetElapsedTime(began));
        }
        catch (Exception error)
        {
            var isDead = error is PermanentFailureException || job.Attempts >= _settings.Value.Attempts;
            _meters.Failed(_subscriptions.Find(job.Kind)?.Kind ?? job.Kind, Stopwatch.GetElapsedTime(began), isDead);
            await Fail(job, error, isDead);
        }

        return Stopwatch.GetElapsedTime(began);
    }

    private static Activity Follow(Claimed job)
    {
        var activity = new Activity(job.Kind);
        if (job.TraceParent is not null)
            activity.SetParentId(job.TraceParent);
        return activity.Start();
    }

    /// <summary>Does the job; false where somebody else has it by now, and nothing was written.</summary>
    private async Task<bool> Work(Claimed job, Subscription subscription, CancellationToken ct)
    {
        object? outcome = null;
        if (subscription.Call is { } call)
        {
            await using var scope = _scopes.CreateAsyncScope();
            outcome = await call(scope.ServiceProvider, job.Payload, ct);
        }

        return await _executor.Run(async provider =>
        {
            var db = provider.GetRequiredService<Db>();
            // First, so that nobody can claim the job while this transaction lives, whatever its lease says.
            if (await db.Execute($"delete from platform.jobs where id = {job.Id} and token = {job.Token}", ct) == 0)
                return false;
            var current = provider.GetRequiredService<CurrentJob>();
            (current.Number, current.MadeAt) = (job.Id, job.MadeAt);
            await subscription.Run(provider, job.Payload, outcome, ct);
            if (subscription.Every is not null)
                ScheduleNext(db, subscription);
            return true;
        }, ct);
    }

    private void ScheduleNext(Db db, Subscription timer)
    {
        var next = timer.Next(_clock.GetUtcNow());
        db.Schedule(timer.Kind, new Tick(next), next, timer.KeyOf(next));
    }

    private Task<int> GiveBack(Claimed job) => _executor.Run(provider => provider.GetRequiredService<Db>().Execute(
        $"update platform.jobs set attempts = attempts - 1, token = null, leased_until = null where id = {job.Id} and token = {job.Token}", CancellationToken.None), CancellationToken.None);

    private async Task Fail(Claimed job, Exception error, bool isDead)
    {
        Failed(_log, error, job.Kind, job.Id, job.Attempts, isDead);
        _errors.Capture(error, "job", job.Kind);
        try
        {
            var again = _clock.GetUtcNow() + BackOff(job.Attempts);
            var reason = error.ToString() is { Length: > 4000 } text ? text[..4000] : error.ToString();
            await _executor.Run(async provider =>
            {
                var db = provider.GetRequiredService<Db>();
                var isOurs = await db.Execute($"""
                    update platform.jobs
                    set state = case when {isDead} then 'dead' else 'ready' end, run_at = {again}, last_error = {reason.Replace("\0", "", StringComparison.Ordinal)}, token = null, leased_until = null
                    where id = {job.Id} and token = {job.Token}
                    """, CancellationToken.None) > 0;
                // A tick that died takes no next one with it.
                if (isOurs && isDead && _subscriptions.Find(job.Kind) is { Every: not null } timer)
                    ScheduleNext(db, timer);
            }, CancellationToken.None);
        }
        catch (Exception second)
        {
            // The lease runs out by itself and the job comes again.
            NoClaim(_log, second.Message);
        }
    }

    /// <summary>2, 4, 8 s ... to an hour at the most, each give or take a quarter, so that what failed together does not come back together.</summary>
    private static TimeSpan BackOff(int attempts)
    {
#pragma warning disable CA5394 // Not a secret.
        var jitter = 0.75 + Random.Shared.NextDouble() / 2;
#pragma warning restore CA5394
        return TimeSpan.FromSeconds(Math.Min(3600, Math.Pow(2, Math.Min(attempts, 12))) * jitter);
    }

    private sealed record Claimed(long Id, Guid Token, string Kind, string Payload, int Attempts, DateTimeOffset RunAt, string? TraceParent, DateTimeOffset MadeAt, long ClaimedAt);

    [LoggerMessage(30, LogLevel.Warning, "Job {Kind} {Id} failed at attempt {Attempt}; dead: {IsDead}")]
    private static partial void Failed(ILogger log, Exception error, string kind, long id, int attempt, bool isDead);

    [LoggerMessage(31, LogLevel.Warning, "The job queue cannot be reached: {Reason}")]
    private static partial void NoClaim(ILogger log, string reason);
}
