using System.ComponentModel.DataAnnotations;
using System.Net;

namespace Quitanda.Platform.Telemetry;

/// <summary>Settings of traces, metrics and errors. Section <c>Telemetry</c>.</summary>
public sealed record TelemetrySettings : IValidatableObject
{
    /// <summary>Where traces, metrics and logs are sent by OTLP. Empty sends none, unless the standard <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set.</summary>
    [StringLength(500)]
    public string OtlpEndpoint { get; init; } = "";

    /// <summary>How they are sent to <see cref="OtlpEndpoint"/>.</summary>
    [AllowedValues("http/protobuf", "grpc")]
    public string OtlpProtocol { get; init; } = "http/protobuf";

    /// <summary>Headers sent along to <see cref="OtlpEndpoint"/>, such as <c>api-key=SECRET</c>; several are separated by commas.</summary>
    [StringLength(4000)]
    public string OtlpHeaders { get; init; } = "";

    /// <summary>The part of new traces that is kept. One that a caller began is kept if the caller keeps it.</summary>
    [Range(0.0, 1.0)]
    public double TraceRatio { get; init; } = 1;

    /// <summary>Whether <c>/metrics</c> is there, and anything counted for it.</summary>
    public bool Metrics { get; init; } = true;

    /// <summary>What a reader of <c>/metrics</c> must send as <c>Authorization: Bearer</c>. Empty asks for none and lets in <see cref="MetricsNetworks"/>.</summary>
    [StringLength(1000)]
    public string MetricsToken { get; init; } = "";

    /// <summary>Networks (CIDR), separated by spaces, that may read <c>/metrics</c> where no token is set.</summary>
    [StringLength(4000)]
    public string MetricsNetworks { get; init; } = "127.0.0.0/8 ::1/128 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 fc00::/7 fe80::/10";

    /// <summary>Series that an instrument has on <c>/metrics</c> at the most; what comes later is counted together, in one.</summary>
    [Range(10, 100_000)]
    public int SeriesAtMost { get; init; } = 1000;

    /// <summary>Days that an error is kept after it was last seen.</summary>
    [Range(1, 3650)]
    public int ErrorDays { get; init; } = 90;

    /// <summary>Where errors are reported to: the DSN of any server that speaks Sentry's protocol. Empty reports none.</summary>
    [StringLength(500)]
    public string SentryDsn { get; init; } = "";

    /// <summary>Reports a minute to <see cref="SentryDsn"/> at the most; the others are only kept here.</summary>
    [Range(1, 10_000)]
    public int SentryPerMinute { get; init; } = 60;

    /// <summary>Seconds that a report may take.</summary>
    [Range(1, 60)]
    public int SentryTimeoutSeconds { get; init; } = 10;

    /// <summary>What this installation is called in traces and reports, such as <c>production</c>.</summary>
    [StringLength(100, MinimumLength = 1)]
    public string Environment { get; init; } = "production";

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (OtlpEndpoint.Length > 0 && !(Uri.TryCreate(OtlpEndpoint, UriKind.Absolute, out var endpoint) && endpoint.Scheme is "http" or "https"))
            yield return new("Telemetry:OtlpEndpoint is not an http or https address.", [nameof(OtlpEndpoint)]);
        if (OtlpHeaders.Length > 0 && OtlpHeaders.Split(',').Any(header => header.IndexOf('=', StringComparison.Ordinal) < 1))
            // The value may hold a secret, so it is not repeated.
            yield return new("Telemetry:OtlpHeaders is not a list of name=value.", [nameof(OtlpHeaders)]);
        if (SentryDsn.Length > 0 && Errors.SentryAddress.Parse(SentryDsn) is null)
            yield return new("Telemetry:SentryDsn is not a DSN (https://KEY@HOST/PROJECT).", [nameof(SentryDsn)]);
        foreach (var network in Networks(MetricsNetworks).Where(network => network.Parsed is null))
            yield return new($"Telemetry:MetricsNetworks has '{network.Text}', which is not a network.", [nameof(MetricsNetworks)]);
    }

    /// <summary>Which settings there are, and nothing of their values, of which some are secret.</summary>
    public override string ToString() => nameof(TelemetrySettings);

    internal static IEnumerable<(string Text, IPNetwork? Parsed)> Networks(string list) =>
        list.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(text => (text, IPNetwork.TryParse(text, out var network) ? network : (IPNetwork?)null));
}
