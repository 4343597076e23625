using System.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Quitanda.Platform.Errors;

namespace Quitanda.Platform.Telemetry;

/// <summary>OpenTelemetry's own providers, set up. The standard <c>OTEL_*</c> variables say what our settings do not.</summary>
internal sealed class OtlpExport : IDisposable
{
    /// <summary>What the last of everything may take to be sent at the end.</summary>
    private const int GoodbyeMilliseconds = 3000;

    private readonly TelemetrySettings _settings;
    private readonly IConfiguration _configuration;
    private readonly TracerProvider? _traces;
    private readonly MeterProvider? _metrics;
    private readonly ActivityListener? _scrubbing;

    public OtlpExport(TelemetrySettings settings, IConfiguration configuration, ILoggerFactory logs)
    {
        (_settings, _configuration) = (settings, configuration);
        var instance = Guid.CreateVersion7().ToString();
        if (IsSent("TRACES"))
        {
            // Heard before an exception is added to a span: what is there already, is not written by the framework.
            _scrubbing = new ActivityListener { ShouldListenTo = source => source.Name == "Npgsql" || source.Name == "Microsoft.AspNetCore" || Collector.IsWanted(source.Name), ExceptionRecorder = Scrub };
            ActivitySource.AddActivityListener(_scrubbing);
            var traces = Sdk.CreateTracerProviderBuilder().ConfigureServices(Configured).ConfigureResource(resource => Describe(resource, instance))
                .AddSource("Microsoft.AspNetCore", "Npgsql", HouseMeter.Name, HouseMeter.Name + ".*")
                .AddProcessor(new WithoutMessages());
            if (string.IsNullOrEmpty(configuration["OTEL_TRACES_SAMPLER"]))
                traces.SetSampler(new Chosen(settings.TraceRatio));
            _traces = traces.AddOtlpExporter(options => Address(options, "traces")).Build();
        }

        if (IsSent("METRICS"))
            _metrics = Sdk.CreateMeterProviderBuilder().ConfigureServices(Configured).ConfigureResource(resource => Describe(resource, instance))
                .AddMeter([HouseMeter.Name, HouseMeter.Name + ".*", .. Collector.Meters, "Microsoft.AspNetCore.Hosting"])
                .AddOtlpExporter(options => Address(options, "metrics")).Build();

        if (IsSent("LOGS"))
            logs.AddProvider(new Forwarding(LoggerFactory.Create(inner => inner.SetMinimumLevel(LogLevel.Trace).AddOpenTelemetry(options =>
            {
                options.IncludeFormattedMessage = true;
                var resource = ResourceBuilder.CreateDefault();
                Describe(resource, instance);
                options.SetResourceBuilder(resource);
                options.AddProcessor(new WithoutExceptions());
                options.AddOtlpExporter(exporter => Address(exporter, "logs"));
            }).Services.AddSingleton(configuration))));
    }

    public void Dispose()
    {
        // At once: each may have to wait for a collector that is gone. The logs go with the factory that has them.
        Parallel.Invoke(
            () => _traces?.Shutdown(GoodbyeMilliseconds),
            () => _metrics?.Shutdown(GoodbyeMilliseconds));
        _traces?.Dispose();
        _metrics?.Dispose();
        _scrubbing?.Dispose();
    }

    private bool IsSent(string signal) => !"none".Equals(_configuration[$"OTEL_{signal}_EXPORTER"], StringComparison.OrdinalIgnoreCase)
        && (_settings.OtlpEndpoint.Length > 0 || !string.IsNullOrEmpty(_configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]) || !string.IsNullOrEmpty(_configuration[$"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT"]));

    private void Configured(IServiceCollection services) => services.AddSingleton(_configuration);

    private void Describe(ResourceBuilder resource, string instance)
    {
        // The standard variables go before what we would say.
        if (string.IsNullOrEmpty(_configuration["OTEL_SERVICE_NAME"]) && _configuration["OTEL_RESOURCE_ATTRIBUTES"]?.Contains("service.name", StringComparison.Ordinal) != true)
            resource.AddService("quitanda", serviceVersion: Health.Version, autoGenerateServiceInstanceId: false, serviceInstanceId: instance);
        else
            resource.AddAttributes([new("service.version", Health.Version), new("service.instance.id", instance)]);
        resource.AddAttributes([new("deployment.environment.name", _settings.Environment)]);
    }

    private void Address(OtlpExporterOptions options, string signal)
    {
        if (_settings.OtlpEndpoint.Length == 0)
            return;
        var isHttp = _settings.OtlpProtocol == "http/protobuf";
        options.Protocol = isHttp ? OtlpExportProtocol.HttpProtobuf : OtlpExportProtocol.Grpc;
        // An address given in code is taken as it is, so what the specification adds to a base address is added here.
        options.Endpoint = new Uri(isHttp ? $"{_settings.OtlpEndpoint.TrimEnd('/')}/v1/{signal}" : _settings.OtlpEndpoint);
        if (_settings.OtlpHeaders.Length > 0)
            options.Headers = _settings.OtlpHeaders;
    }

    private static void Scrub(Activity activity, Exception exception, ref TagList tags)
    {
        tags.Add("exception.type", exception.GetType().FullName);
        tags.Add("exception.message", Scrubbed.MessageOf(exception));
        tags.Add("exception.stacktrace", Scrubbed.StackOf(exception));
    }

    /// <summary>New traces by their ratio, and none of what begins with a statement: those are our own looks at the queue, each second.</summary>
    private sealed class Chosen(double ratio) : Sampler
    {
        private readonly ParentBasedSampler _inner = new(new TraceIdRatioBasedSampler(ratio));

        public override SamplingResult ShouldSample(in SamplingParameters samplingParameters) =>
            samplingParameters is { Kind: ActivityKind.Client, ParentContext.TraceId: var parent } && parent == default ? new(SamplingDecision.Drop) : _inner.ShouldSample(samplingParameters);
    }

    /// <summary>A span's status in words may be an exception's message.</summary>
    private sealed class WithoutMessages : BaseProcessor<Activity>
    {
        public override void OnEnd(Activity data)
        {
            if (data.StatusDescription is { Length: > 0 } description)
                data.SetStatus(data.Status, Scrubbed.Text(description));
        }
    }

    /// <summary>A log record's exception, said without what is personal in it.</summary>
    private sealed class WithoutExceptions : BaseProcessor<LogRecord>
    {
        public override void OnEnd(LogRecord data)
        {
            if (data.Exception is not { } exception)
                return;
            data.Exception = null;
            data.Attributes =
            [
                .. data.Attributes ?? [],
                new("exception.type", exception.GetType().FullName),
                new("exception.message", Scrubbed.MessageOf(exception)),
                new("exception.stacktrace", Scrubbed.StackOf(exception)),
            ];
        }
    }

    /// <summary>Gives the host's log lines to OpenTelemetry's, and ends them together.</summary>
    private sealed class Forwarding(ILoggerFactory inner) : ILoggerProvider
    {
        public ILogger CreateLogger(string categoryName) => inner.CreateLogger(categoryName);

        public void Dispose() => inner.Dispose();
    }
}
