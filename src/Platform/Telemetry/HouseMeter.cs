using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Quitanda.Platform.Telemetry;

/// <summary>The house's own meter and activity source, and the instruments that belong to no module.</summary>
internal sealed class HouseMeter
{
    public const string Name = "Quitanda";

    /// <summary>Spans of our own. Nobody pays for them while nobody listens.</summary>
    public static readonly ActivitySource Activities = new(Name);

    private readonly Counter<long> _errors;
    private readonly Counter<long> _errorsLost;
    private readonly Counter<long> _reports;
    private readonly Counter<long> _slowStatements;

    public HouseMeter(IMeterFactory factory, RequestMeter requests, ResponseCache cache)
    {
        var meter = factory.Create(Name, Health.Version);
        var started = Stopwatch.GetTimestamp();
        _errors = meter.CreateCounter<long>("quitanda.errors", "{error}", "Unexpected errors of requests and jobs.");
        _errorsLost = meter.CreateCounter<long>("quitanda.errors.lost", "{error}", "Unexpected errors that could not be kept, because too many came at once or the database was away too long.");
        _reports = meter.CreateCounter<long>("quitanda.errors.reports", "{report}", "Reports of errors to the configured Sentry-compatible server, by outcome.");
        _slowStatements = meter.CreateCounter<long>("quitanda.db.slow_statements", "{statement}", "Statements that took longer than Database:SlowMilliseconds.");
        meter.CreateObservableUpDownCounter("quitanda.requests.active", () => requests.Active, "{request}", "Requests that are being answered.");
        meter.CreateObservableCounter("quitanda.cache.hits", () => cache.Hits, "{read}", "Public reads answered from memory.");
        meter.CreateObservableCounter("quitanda.cache.misses", () => cache.Misses, "{read}", "Public reads that had to ask the database.");
        meter.CreateObservableGauge("quitanda.cache.size", () => cache.Bytes, "By", "Bytes of finished answers in memory.");
        meter.CreateObservableCounter("quitanda.logs.lost", () => RotatingFile.Lost, "{write}", "Writes to the log file that failed.");
        meter.CreateObservableGauge("quitanda.process.uptime", () => Stopwatch.GetElapsedTime(started).TotalSeconds, "s", "Time since this process began to serve.");
        meter.CreateObservableGauge("quitanda.build.info", () => new Measurement<int>(1, new("version", Health.Version), new KeyValuePair<string, object?>("runtime", Environment.Version.ToString())), description: "Which build this is; always 1.");
    }

    /// <summary>Says nothing of what may never happen, so that the first time is a rise and not a new series.</summary>
    public void Begin()
    {
        _errors.Add(0, Source("request"));
        _errors.Add(0, Source("job"));
        _errorsLost.Add(0);
        _slowStatements.Add(0);
    }

    /// <summary>An error of a <c>request</c> or a <c>job</c>.</summary>
    public void Failed(string source) => _errors.Add(1, Source(source));

    /// <summary>Errors that nobody will hear of again.</summary>
    public void Lost(long count) => _errorsLost.Add(count);

    /// <summary>A report that was <c>sent</c>, <c>refused</c>, <c>failed</c> or <c>skipped</c>.</summary>
    public void Reported(string outcome) => _reports.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    /// <summary>A statement that took long.</summary>
    public void Slow() => _slowStatements.Add(1);

    private static KeyValuePair<string, object?> Source(string source) => new("source", source);
}
