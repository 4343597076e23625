using System.Diagnostics;
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
public sealed partial class JobRunner(
    IServiceScopeFactory scopes, Executor executor, Subscriptions subscriptions, Signals signals, IErrorLog errors, IOptions<JobSettings> settings, TimeProvider clock, ILogger<JobRunner> log)
    : BackgroundService
{
    /// <summary>Jobs claimed at once.</summary>
    private const int BatchSize = 50;

    /// <summary>How long a claimed job is this process's own; longer than a handler may run.</summary>
    private const int LeaseSeconds = 35;

    /// <summary>How long a claimed job may wait here for its turn: what is left of the lease must cover the handler.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(LeaseSeconds) - Subscriptions.HandlerLimit;

    private static readonly ActivitySource Activities = new("Quitanda.Jobs");

    /// <summary>A claimed job that did not begin within this time is given back.</summary>
    internal TimeSpan StartsWithin { get; set; } = Patience;

    /// <summary>Claims due jobs once and runs them; says how many it claimed.</summary>
    public async Task<int> RunDue(CancellationToken ct)
    {
        var jobs = await Claim(ct);
        // Handlers finish what they began when the host stops; the host's own time-out bounds them.
        await Parallel.ForEachAsync(jobs, new ParallelOptions { MaxDegreeOfParallelism = settings.Value.Runners, CancellationToken = CancellationToken.None },
            async (job, _) => await Run(job, ct));
        return jobs.Count;
    }

    /// <summary>Makes sure each timer has its next tick. Any number of processes may ask: the tick's key is unique.</summary>
    public Task EnsureTimers(CancellationToken ct) => executor.Run(provider =>
    {
        var db = provider.GetRequiredService<Db>();
        foreach (var timer in subscriptions.All.Where(subscription => subscription.Every is not null))
            ScheduleNext(db, timer);
        return Task.CompletedTask;
    }, ct);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!settings.Value.Enabled)
            return;

        var timersEnsured = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (!timersEnsured)
                    await EnsureTimers(stoppingToken);
                timersEnsured = true;
                if (await RunDue(stoppingToken) < BatchSize)
                    await signals.WaitForJobs(TimeSpan.FromSeconds(settings.Value.PollSeconds), stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                // The database may be away for a while; the runner outlives that.
                NoClaim(log, error.Message);
                await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task<List<Claimed>> Claim(CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<Db>();
        var now = clock.GetUtcNow();
        var token = Guid.CreateVersion7();
        var claimed = Stopwatch.GetTimestamp();
        return await db.Read($"""
            update platform.jobs j
            set attempts = j.attempts + 1, token = {token}, leased_until = now() + make_interval(secs => {LeaseSeconds})
            from (
                select id from platform.jobs
                where state = 'ready' and run_at <= {now} and (leased_until is null or leased_until < now())
                order by run_at, id
                limit {BatchSize}
                for update skip locked) due
            where j.id = due.id
            returning j.id, j.kind, j.payload::text, j.attempts, j.run_at, j.trace_parent
            """,
            row => new Claimed(row.GetInt64(0), token, row.GetString(1), row.GetString(2), row.GetInt32(3), row.GetFieldValue<DateTimeOffset>(4), row.IsDBNull(5) ? null : row.GetString(5), claimed), ct);
    }

    private async Task Run(Claimed job, CancellationToken ct)
    {
        // Also where nobody collects traces: the job's log lines carry the trace of the request that made it.
        using var activity = Activities.StartActivity(job.Kind, ActivityKind.Consumer, job.TraceParent) ?? Follow(job);
        try
        {
            // An attempt that killed its process never came to count its failure; the claim did.
            if (job.Attempts > settings.Value.Attempts)
                throw new InvalidOperationException("The process ended during the last attempt.");
            var subscription = subscriptions.Find(job.Kind) ?? throw new InvalidOperationException($"Nobody takes jobs of kind {job.Kind}.");
            // Given back, so that no other process takes for abandoned, and counts as an attempt, what only waited behind slow ones.
            if (ct.IsCancellationRequested || Stopwatch.GetElapsedTime(job.ClaimedAt) > StartsWithin)
            {
                await GiveBack(job);
                return;
            }

            using var limit = new CancellationTokenSource(Subscriptions.HandlerLimit, TimeProvider.System);
            await Work(job, subscription, limit.Token);
        }
        catch (Exception error)
        {
            await Fail(job, error);
        }
    }

    private static Activity Follow(Claimed job)
    {
        var activity = new Activity(job.Kind);
        if (job.TraceParent is not null)
            activity.SetParentId(job.TraceParent);
        return activity.Start();
    }

    private async Task Work(Claimed job, Subscription subscription, CancellationToken ct)
    {
        object? outcome = null;
        if (subscription.Call is { } call)
        {
            await using var scope = scopes.CreateAsyncScope();
            outcome = await call(scope.ServiceProvider, job.Payload, ct);
        }

        await executor.Run(async provider =>
        {
            var db = provider.GetRequiredService<Db>();
            // First, so that nobody can claim the job while this transaction lives, whatever its lease says.
            if (await db.Execute($"delete from platform.jobs where id = {job.Id} and token = {job.Token}", ct) == 0)
                return;
            await subscription.Run(provider, job.Payload, outcome, ct);
            if (subscription.Every is not null)
                ScheduleNext(db, subscription);
        }, ct);
    }

    private void ScheduleNext(Db db, Subscription timer)
    {
        var period = timer.Every!.Value;
        var now = clock.GetUtcNow();
        var next = new DateTimeOffset((now.Ticks / period.Ticks + 1) * period.Ticks, TimeSpan.Zero);
        db.Schedule(timer.Kind, new Tick(next), next, $"{timer.Kind}@{next:O}");
    }

    private Task<int> GiveBack(Claimed job) => executor.Run(provider => provider.GetRequiredService<Db>().Execute(
        $"update platform.jobs set attempts = attempts - 1, token = null, leased_until = null where id = {job.Id} and token = {job.Token}", CancellationToken.None), CancellationToken.None);

    private async Task Fail(Claimed job, Exception error)
    {
        var isDead = error is PermanentFailureException || job.Attempts >= settings.Value.Attempts;
        Failed(log, error, job.Kind, job.Id, job.Attempts, isDead);
        errors.Capture(error, "job", job.Kind);
        try
        {
            var again = clock.GetUtcNow() + BackOff(job.Attempts);
            var reason = error.ToString() is { Length: > 4000 } text ? text[..4000] : error.ToString();
            await executor.Run(async provider =>
            {
                var db = provider.GetRequiredService<Db>();
                var isOurs = await db.Execute($"""
                    update platform.jobs
                    set state = case when {isDead} then 'dead' else 'ready' end, run_at = {again}, last_error = {reason.Replace("\0", "", StringComparison.Ordinal)}, token = null, leased_until = null
                    where id = {job.Id} and token = {job.Token}
                    """, CancellationToken.None) > 0;
                // A tick that died takes no next one with it.
                if (isOurs && isDead && subscriptions.Find(job.Kind) is { Every: not null } timer)
                    ScheduleNext(db, timer);
            }, CancellationToken.None);
        }
        catch (Exception second)
        {
            // The lease runs out by itself and the job comes again.
            NoClaim(log, second.Message);
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

    private sealed record Claimed(long Id, Guid Token, string Kind, string Payload, int Attempts, DateTimeOffset RunAt, string? TraceParent, long ClaimedAt);

    [LoggerMessage(30, LogLevel.Warning, "Job {Kind} {Id} failed at attempt {Attempt}; dead: {IsDead}")]
    private static partial void Failed(ILogger log, Exception error, string kind, long id, int attempt, bool isDead);

    [LoggerMessage(31, LogLevel.Warning, "The job queue cannot be reached: {Reason}")]
    private static partial void NoClaim(ILogger log, string reason);
}
