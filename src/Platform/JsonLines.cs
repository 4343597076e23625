using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Quitanda.Platform;

/// <summary>One log entry, one line of JSON: time, level, category, message, its named values, and the request and trace it belongs to.</summary>
/// <remarks>The framework's own formatter writes the same through scopes, at several times the cost, and with its own request id instead of the client's.</remarks>
internal sealed class JsonLines(TimeProvider clock) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "json-lines";

    private const string RequestIdTag = "quitanda.request_id";
    private static readonly JsonWriterOptions Options = new() { Encoder = Wire.Json.Encoder, SkipValidation = true };

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _line;

    /// <summary>Remembers the request id where every log line of the request finds it.</summary>
    public static void Remember(string requestId) => Activity.Current?.SetCustomProperty(RequestIdTag, requestId);

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var line = _line ??= new(1024);
        line.ResetWrittenCount();
        using (var json = new Utf8JsonWriter(line, Options))
            Write(json, logEntry);
        textWriter.WriteLine(Encoding.UTF8.GetString(line.WrittenSpan));
    }

    private void Write<TState>(Utf8JsonWriter json, in LogEntry<TState> entry)
    {
        json.WriteStartObject();
        json.WriteString("at", clock.GetUtcNow().UtcDateTime);
        json.WriteString("level", Level(entry.LogLevel));
        json.WriteString("category", entry.Category);
        json.WriteString("message", entry.Formatter(entry.State, entry.Exception));
        if (Activity.Current is { } activity)
        {
            json.WriteString("traceId", activity.TraceId.ToHexString());
            json.WriteString("spanId", activity.SpanId.ToHexString());
            if (RequestId(activity) is { } requestId)
                json.WriteString("requestId", requestId);
        }

        if (entry.State is IReadOnlyList<KeyValuePair<string, object?>> values)
            foreach (var (name, value) in values)
                if (name != "{OriginalFormat}")
                    Value(json, JsonNamingPolicy.CamelCase.ConvertName(name), value);
        if (entry.Exception is { } exception)
            json.WriteString("exception", exception.ToString());
        json.WriteEndObject();
    }

    private static void Value(Utf8JsonWriter json, string name, object? value)
    {
        switch (value)
        {
            case null: json.WriteNull(name); break;
            case bool flag: json.WriteBoolean(name, flag); break;
            case int number: json.WriteNumber(name, number); break;
            case long number: json.WriteNumber(name, number); break;
            case double number when double.IsFinite(number): json.WriteNumber(name, Math.Round(number, 3)); break;
            default: json.WriteString(name, Convert.ToString(value, CultureInfo.InvariantCulture)); break;
        }
    }

    private static string? RequestId(Activity activity)
    {
        for (var current = activity; current is not null; current = current.Parent)
            if (current.GetCustomProperty(RequestIdTag) is string requestId)
                return requestId;
        return null;
    }

    private static string Level(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warning",
        LogLevel.Error => "error",
        _ => "critical",
    };
}

/// <summary>How a host logs.</summary>
public static class LogSetup
{
    /// <summary>Logs lines of JSON to standard error; standard output is for people.</summary>
    public static ILoggingBuilder AddJsonLines(this ILoggingBuilder logging)
    {
        logging.AddConsole(console => console.FormatterName = JsonLines.FormatterName);
        logging.AddConsoleFormatter<JsonLines, ConsoleFormatterOptions>();
        logging.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        return logging;
    }
}
