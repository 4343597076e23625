using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Quitanda.Platform.Telemetry;

namespace Quitanda.Platform.Errors;

/// <summary>Where unexpected errors go.</summary>
public interface IErrorLog
{
    /// <summary>Remembers an error of a request or a job. Returns at once and never throws; what becomes of it is somebody else's time.</summary>
    /// <param name="error">What was thrown.</param>
    /// <param name="source"><c>request</c> or <c>job</c>.</param>
    /// <param name="useCase">What was to be done: a use case, or a job's kind.</param>
    void Capture(Exception error, string source, string useCase);
}

/// <summary>
/// Gathers errors and stores them by kind, in one statement for many, so that a storm of them costs the database little and the requests nothing.
/// </summary>
/// <remarks>Lost are those of a process that is killed in the moment, and those that come while <see cref="WaitingAtMost"/> wait; the latter are counted.</remarks>
internal sealed partial class ErrorLog(IServiceScopeFactory scopes, SentryReports reports, HouseMeter meter, TimeProvider clock, ILogger<ErrorLog> log) : BackgroundService, IErrorLog
{
    /// <summary>Errors that wait to be described.</summary>
    internal const int WaitingAtMost = 1000;

    /// <summary>Kinds of error that are held while the database is away.</summary>
    private const int KindsAtMost = 500;

    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LastPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Goodbye = TimeSpan.FromSeconds(3);

    private readonly Channel<RawError> _raw = Channel.CreateBounded<RawError>(new BoundedChannelOptions(WaitingAtMost) { FullMode = BoundedChannelFullMode.Wait });
    private readonly Dictionary<string, CapturedError> _pending = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _storing = new(1, 1);

    public void Capture(Exception error, string source, string useCase)
    {
        meter.Failed(source);
        var activity = Activity.Current;
        if (HouseMeter.Activities.HasListeners() && activity is { IsAllDataRequested: true })
        {
            activity.AddException(error);
            activity.SetTag("error.type", error.GetType().FullName);
            activity.SetStatus(ActivityStatusCode.Error);
        }

        if (!_raw.Writer.TryWrite(new(error, source, useCase, clock.GetUtcNow(), activity?.TraceId ?? default, activity?.SpanId ?? default)))
            meter.Lost(1);
    }

    /// <summary>Stores what has been captured so far.</summary>
    internal async Task Flush(CancellationToken ct)
    {
        await _storing.WaitAsync(ct);
        try
        {
            Gather();
            if (_pending.Count == 0)
                return;
            await Store([.. _pending.Values.OrderBy(error => error.Fingerprint, StringComparer.Ordinal)], ct);
            _pending.Clear();
        }
        catch (PostgresException error) when (error.SqlState.StartsWith("22", StringComparison.Ordinal) || error.SqlState.StartsWith("23", StringComparison.Ordinal))
        {
            // Something in them is refused, and will be the next time too; those that come later must not wait behind it.
            meter.Lost(_pending.Values.Sum(pending => pending.Count));
            _pending.Clear();
            throw;
        }
        finally
        {
            _storing.Release();
        }
    }

    public override void Dispose()
    {
        _storing.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var pause = Gathering;
        try
        {
            while (pause > Gathering || await _raw.Reader.WaitToReadAsync(stoppingToken))
            {
                await Task.Delay(pause, TimeProvider.System, stoppingToken);
                pause = await TryFlush(stoppingToken) ? Gathering : pause == Gathering ? FirstPause : pause * 2 > LastPause ? LastPause : pause * 2;
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The last ones are stored below.
        }

        using var limit = new CancellationTokenSource(Goodbye, TimeProvider.System);
        await TryFlush(limit.Token);
    }

    private async Task<bool> TryFlush(CancellationToken ct)
    {
        try
        {
            await Flush(ct);
            return true;
        }
        catch (Exception error) when (error is not OperationCanceledException || !ct.IsCancellationRequested)
        {
            NotStored(log, error.GetType().Name, Scrubbed.MessageOf(error));
            return false;
        }
    }

    private void Gather()
    {
        var fresh = new Dictionary<string, CapturedError>(StringComparer.Ordinal);
        // No more than there were at the beginning, or a storm would be gathered for ever.
        for (var left = WaitingAtMost; left > 0 && _raw.Reader.TryRead(out var raw); left--)
        {
            var error = CapturedError.Of(raw);
            if (!fresh.TryAdd(error.Fingerprint, error))
                fresh[error.Fingerprint].Add(error);
        }

        foreach (var error in fresh.Values)
        {
            reports.Offer(error);
            if (_pending.TryGetValue(error.Fingerprint, out var known))
                known.Add(error);
            else if (_pending.Count < KindsAtMost)
                _pending.Add(error.Fingerprint, error);
            else
                meter.Lost(error.Count);
        }
    }

    // In the order of their keys, so that two processes with the same errors wait for each other and do not deadlock.
    private async Task Store(CapturedError[] errors, CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<Db>().Execute(
            $"""
            insert into platform.errors as e (id, fingerprint, type, source, use_case, frame, message, stack, last_trace_id, count, first_seen_at, last_seen_at)
            select * from unnest(
                {errors.Select(_ => Guid.CreateVersion7()).ToArray()}, {errors.Select(error => error.Fingerprint).ToArray()}, {errors.Select(error => error.Type).ToArray()}, {errors.Select(error => error.Source).ToArray()},
                {errors.Select(error => error.UseCase).ToArray()}, {errors.Select(error => error.Frame).ToArray()}, {errors.Select(error => error.Message).ToArray()}, {errors.Select(error => error.Stack).ToArray()},
                {errors.Select(error => error.TraceId).ToArray()}, {errors.Select(error => error.Count).ToArray()}, {errors.Select(error => error.FirstSeenAt).ToArray()}, {errors.Select(error => error.LastSeenAt).ToArray()})
            on conflict (fingerprint) do update set
                count = e.count + excluded.count,
                first_seen_at = least(e.first_seen_at, excluded.first_seen_at),
                last_seen_at = greatest(e.last_seen_at, excluded.last_seen_at),
                message = case when excluded.last_seen_at >= e.last_seen_at then excluded.message else e.message end,
                stack = case when excluded.last_seen_at >= e.last_seen_at then excluded.stack else e.stack end,
                last_trace_id = case when excluded.last_seen_at >= e.last_seen_at then excluded.last_trace_id else e.last_trace_id end,
                reopened = e.reopened + case when excluded.last_seen_at > e.resolved_at then 1 else 0 end,
                resolved_at = case when excluded.last_seen_at > e.resolved_at then null else e.resolved_at end
            """, ct);
    }

    [LoggerMessage(60, LogLevel.Warning, "Errors wait to be stored: {Type}: {Reason}")]
    private static partial void NotStored(ILogger log, string type, string reason);
}
