using System.Diagnostics.Metrics;
using System.Text;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Quitanda.Platform.Telemetry;

/// <summary>
/// Adds up what this process's meters measure, for <c>/metrics</c>. Nothing is written until somebody reads.
/// </summary>
/// <remarks>The same instruments go out by OTLP where that is configured, through OpenTelemetry's own reader; the two know nothing of each other.</remarks>
internal sealed partial class Collector : IHostedService, IDisposable
{
    /// <summary>Meters of the framework that are worth their cost. One that counts every match of a route, for example, is not.</summary>
    public static readonly string[] Meters =
    [
        "Npgsql", "System.Runtime", "System.Net.Http", "Microsoft.AspNetCore.Server.Kestrel", "Microsoft.AspNetCore.Http.Connections", "Microsoft.AspNetCore.RateLimiting",
    ];

    private readonly IMeterFactory _factory;
    private readonly HouseMeter _house;
    private readonly ILogger<Collector> _log;
    private readonly MeterListener _listener = new();
    private readonly Lock _reading = new();
    private readonly Dictionary<(string Meter, string Instrument, string? Unit, Type Type), Instrumented> _instruments = [];
    private readonly bool _isOn;
    private readonly int _seriesAtMost;

    public Collector(IMeterFactory factory, HouseMeter house, RequestMeter requests, IOptions<TelemetrySettings> settings, ILogger<Collector> log)
    {
        (_factory, _house, _log) = (factory, house, log);
        (_isOn, _seriesAtMost) = (settings.Value.Metrics, settings.Value.SeriesAtMost);
        _instruments.Add(("", "", null, typeof(RequestMeter)), requests.Duration);
        _listener.InstrumentPublished = Published;
        _listener.SetMeasurementEventCallback<double>(static (_, value, tags, state) => ((Instrumented)state!).Record(value, tags));
        _listener.SetMeasurementEventCallback<float>(static (_, value, tags, state) => ((Instrumented)state!).Record(value, tags));
        _listener.SetMeasurementEventCallback<decimal>(static (_, value, tags, state) => ((Instrumented)state!).Record((double)value, tags));
        _listener.SetMeasurementEventCallback<long>(static (_, value, tags, state) => ((Instrumented)state!).Record(value, tags));
        _listener.SetMeasurementEventCallback<int>(static (_, value, tags, state) => ((Instrumented)state!).Record(value, tags));
        _listener.SetMeasurementEventCallback<short>(static (_, value, tags, state) => ((Instrumented)state!).Record(value, tags));
        _listener.SetMeasurementEventCallback<byte>(static (_, value, tags, state) => ((Instrumented)state!).Record(value, tags));
    }

    /// <summary>Begins to listen.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (_isOn)
            _listener.Start();
        _house.Begin();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Everything measured so far, as text. Readers take turns.</summary>
    public byte[] Read(bool isOpenMetrics)
    {
        lock (_reading)
        {
            List<Instrumented> all;
            lock (_instruments)
                all = [.. _instruments.Values];
            foreach (var instrument in all.Where(instrument => instrument.IsObservable))
                instrument.Forget();
            try
            {
                _listener.RecordObservableInstruments();
            }
            catch (AggregateException error)
            {
                // What one instrument cannot tell is missing from the answer; the others are there.
                NotObserved(_log, string.Join("; ", error.Flatten().InnerExceptions.Select(inner => inner.Message)));
            }

            return Encoding.UTF8.GetBytes(Exposition.Write(all, isOpenMetrics));
        }
    }

    public void Dispose() => _listener.Dispose();

    /// <summary>Whether a meter is worth listening to.</summary>
    internal static bool IsWanted(string meter) => meter == HouseMeter.Name || meter.StartsWith(HouseMeter.Name + ".", StringComparison.Ordinal) || Meters.Contains(meter, StringComparer.Ordinal);

    private void Published(Instrument instrument, MeterListener listener)
    {
        // Another host in this process, such as a test's, has meters of the same names.
        if (!IsWanted(instrument.Meter.Name) || (instrument.Meter.Scope is IMeterFactory factory && !ReferenceEquals(factory, _factory)))
            return;
        var key = (instrument.Meter.Name, instrument.Name, instrument.Unit, instrument.GetType());
        Instrumented? known;
        lock (_instruments)
            if (!_instruments.TryGetValue(key, out known))
                _instruments.Add(key, known = new(instrument, _seriesAtMost));
        listener.EnableMeasurementEvents(instrument, known);
    }

    [LoggerMessage(70, LogLevel.Warning, "Some instruments could not be read: {Reason}")]
    private static partial void NotObserved(ILogger log, string reason);
}
