using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Quitanda.Platform.Telemetry;

/// <summary>Sends traces, metrics and logs by OTLP where an address is configured. Where none is, not even the code for it is loaded.</summary>
internal sealed class Otlp(IOptions<TelemetrySettings> settings, IConfiguration configuration, ILoggerFactory logs) : IHostedService, IDisposable
{
    private OtlpExport? _export;

    /// <summary>What is sent, by the names of OpenTelemetry's variables.</summary>
    internal static IEnumerable<string> Signals { get; } = ["TRACES", "METRICS", "LOGS"];

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (IsConfigured)
            Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // With the host's services rather than when it stops, so that the last requests are told of too.
    public void Dispose() => _export?.Dispose();

    private bool IsConfigured => !bool.TrueString.Equals(configuration["OTEL_SDK_DISABLED"], StringComparison.OrdinalIgnoreCase)
        && (settings.Value.OtlpEndpoint.Length > 0 || !string.IsNullOrEmpty(configuration["OTEL_EXPORTER_OTLP_ENDPOINT"])
            || Signals.Any(signal => !string.IsNullOrEmpty(configuration[$"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT"])));

    // A method of its own: the runtime loads what a method names when it is first compiled.
    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    [SuppressMessage("Reliability", "CA2000", Justification = "Disposed with this.")]
    private void Start() => _export = new OtlpExport(settings.Value, configuration, logs);
}
