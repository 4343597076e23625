using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Quitanda.Platform;

namespace Quitanda.Notifications.Webhooks;

/// <summary>What became of webhooks in this process, and how many wait over all processes, as measures of the meter <c>Quitanda</c>.</summary>
internal sealed partial class WebhookMeters : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(15);

    private readonly IServiceScopeFactory _scopes;
    private readonly ILogger<WebhookMeters> _log;
    private readonly Counter<long> _delivered;
    private readonly Counter<long> _failed;
    private readonly Counter<long> _givenUp;
    private readonly Histogram<double> _duration;
    private readonly ObservableGauge<long> _waiting;
    private long? _waits;

    public WebhookMeters(IMeterFactory meters, IServiceScopeFactory scopes, ILogger<WebhookMeters> log)
    {
        (_scopes, _log) = (scopes, log);
        var meter = meters.Create("Quitanda");
        _delivered = meter.CreateCounter<long>("quitanda.webhooks.delivered", "{delivery}", "Webhooks that got through in this process.");
        _failed = meter.CreateCounter<long>("quitanda.webhooks.failed", "{attempt}", "Attempts at webhooks that failed in this process, by error.");
        _givenUp = meter.CreateCounter<long>("quitanda.webhooks.given_up", "{delivery}", "Webhooks whose last attempt failed in this process.");
        _duration = meter.CreateHistogram<double>("quitanda.webhooks.duration", "s", "How long endpoints took to answer, well or not.");
        _waiting = meter.CreateObservableGauge("quitanda.webhooks.waiting", Waiting, "{delivery}", "Webhooks that are to be tried, now or later, over all processes.");
    }

    /// <summary>An attempt was made.</summary>
    public void Tried(AttemptOutcome outcome)
    {
        if (outcome.Error is { } error)
            _failed.Add(1, new KeyValuePair<string, object?>("error", error.Name()));
        else
            _delivered.Add(1);
        _duration.Record(outcome.DurationMs / 1000.0);
    }

    /// <summary>A delivery is not tried any more.</summary>
    public void GaveUp() => _givenUp.Add(1);

    /// <inheritdoc/>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        // Nothing yet, so that the first is a rise and not a new series.
        _delivered.Add(0);
        _givenUp.Add(0);
        return base.StartAsync(cancellationToken);
    }

    /// <summary>Asks how many wait.</summary>
    internal async Task Look(CancellationToken ct)
    {
        await using var scope = _scopes.CreateAsyncScope();
        _waits = await scope.ServiceProvider.GetRequiredService<Db>().ReadFirst(
            $"select count(*) from notifications.webhook_deliveries d join notifications.webhook_endpoints w on w.id = d.endpoint_id where d.status = 'waiting' and {Endpoint.IsOpen}", row => row.GetInt64(0), ct);
    }

    /// <inheritdoc/>
    /// <remarks>However often somebody reads the gauge, the database is asked every few seconds, and not at all while nobody does.</remarks>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(Period, TimeProvider.System, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                if (_waiting.Enabled)
                    await Look(stoppingToken);
            }
            catch (Exception error) when (!stoppingToken.IsCancellationRequested)
            {
                // What is not known is not said.
                _waits = null;
                NotKnown(_log, error.Message);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private IEnumerable<Measurement<long>> Waiting() => _waits is { } waits ? [new(waits)] : [];

    [LoggerMessage(90, LogLevel.Warning, "How many webhooks wait is not known: {Reason}")]
    private static partial void NotKnown(ILogger log, string reason);
}
