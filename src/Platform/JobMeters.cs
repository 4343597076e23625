using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Quitanda.Platform;

/// <summary>What the jobs of this process amount to, and how far behind the queue is, as measures of the meter <c>Quitanda</c>.</summary>
public sealed partial class JobMeters : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    private readonly IServiceScopeFactory _scopes;
    private readonly Subscriptions _subscriptions;
    private readonly TimeProvider _clock;
    private readonly ILogger<JobMeters> _log;
    private readonly Counter<long> _done;
    private readonly Counter<long> _failed;
    private readonly Counter<long> _dead;
    private readonly Histogram<double> _duration;
    private readonly ObservableGauge<double> _lag;
    private double? _lagSeconds;

    /// <summary>Made by the container.</summary>
    public JobMeters(IMeterFactory meters, IServiceScopeFactory scopes, Subscriptions subscriptions, TimeProvider clock, ILogger<JobMeters> log)
    {
        (_scopes, _subscriptions, _clock, _log) = (scopes, subscriptions, clock, log);
        var meter = meters.Create("Quitanda");
        _done = meter.CreateCounter<long>("quitanda.jobs.done", "{job}", "Jobs that this process did.");
        _failed = meter.CreateCounter<long>("quitanda.jobs.failed", "{job}", "Attempts at jobs that failed in this process.");
        _dead = meter.CreateCounter<long>("quitanda.jobs.dead", "{job}", "Jobs whose last attempt failed in this process.");
        _duration = meter.CreateHistogram<double>("quitanda.jobs.duration", "s", "How long jobs ran, whether they succeeded or failed.");
        _lag = meter.CreateObservableGauge("quitanda.jobs.lag", Lag, "s", "How long the oldest due job has waited, over all processes; kinds that are paused do not count.");
    }

    /// <inheritdoc/>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        // Nothing yet, so that a kind's first dead job is a rise and not a new series.
        foreach (var subscription in _subscriptions.All)
            _dead.Add(0, new KeyValuePair<string, object?>("kind", subscription.Kind));
        return base.StartAsync(cancellationToken);
    }

    /// <summary>Asks the queue how far behind it is.</summary>
    internal async Task Look(CancellationToken ct)
    {
        await using var scope = _scopes.CreateAsyncScope();
        _lagSeconds = (await JobQueue.Lag(scope.ServiceProvider.GetRequiredService<Db>(), _subscriptions.Kinds, _clock.GetUtcNow(), ct)).TotalSeconds;
    }

    internal void Done(string kind, TimeSpan took)
    {
        _done.Add(1, new KeyValuePair<string, object?>("kind", kind));
        _duration.Record(took.TotalSeconds, new KeyValuePair<string, object?>("kind", kind));
    }

    internal void Failed(string kind, TimeSpan took, bool isDead)
    {
        _failed.Add(1, new KeyValuePair<string, object?>("kind", kind));
        if (isDead)
            _dead.Add(1, new KeyValuePair<string, object?>("kind", kind));
        _duration.Record(took.TotalSeconds, new KeyValuePair<string, object?>("kind", kind));
    }

    /// <inheritdoc/>
    /// <remarks>However often somebody reads the gauge, the queue is asked every few seconds, and not at all while nobody does.</remarks>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (_lag.Enabled)
                    await Look(stoppingToken);
            }
            catch (Exception error) when (!stoppingToken.IsCancellationRequested)
            {
                // What is not known is not said.
                _lagSeconds = null;
                NotKnown(_log, error.Message);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            await Task.Delay(Period, TimeProvider.System, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private IEnumerable<Measurement<double>> Lag() => _lagSeconds is { } seconds ? [new(seconds)] : [];

    [LoggerMessage(35, LogLevel.Warning, "How far behind the jobs are is not known: {Reason}")]
    private static partial void NotKnown(ILogger log, string reason);
}
