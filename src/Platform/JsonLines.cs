using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Quitanda.Platform;

/// <summary>One log entry, one line of JSON: time, level, category, message, its named values, and the request and trace it belongs to.</summary>
/// <remarks>
/// The framework's console logger wakes a thread of its own for each line, which cost a tenth of the processor under load. Here lines gather
/// for a moment and go out together; errors go at once. What is lost by a sudden death is that moment.
/// </remarks>
internal sealed class JsonLines : ILoggerProvider
{
    private const string RequestIdTag = "quitanda.request_id";

    /// <summary>How long a line may wait for others.</summary>
    private const int GatheringMilliseconds = 50;

    /// <summary>Bytes that may wait: past that, whoever logs also writes, so a slow reader slows us down instead of filling our memory.</summary>
    private const int WaitingAtMost = 256 * 1024;

    private static readonly JsonWriterOptions Options = new() { Encoder = Wire.Json.Encoder, SkipValidation = true };

    /// <summary>The names of values as they are written, for each name that a message has: those are written in our own code, so there are few.</summary>
    private static readonly ConcurrentDictionary<string, JsonEncodedText> Names = new(StringComparer.Ordinal);

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _line;

    [ThreadStatic]
    private static Utf8JsonWriter? _json;

    private readonly TimeProvider _clock;
    private readonly Stream _output;
    private readonly RotatingFile? _file;
    private readonly Timer _timer;
    private readonly Lock _gathering = new();
    private readonly Lock _writing = new();
    private ArrayBufferWriter<byte> _waiting = new(16 * 1024);
    private ArrayBufferWriter<byte> _going = new(16 * 1024);
    private bool _isTimed;

    public JsonLines(TimeProvider clock, IOptions<LogSettings> settings)
        : this(clock, Console.OpenStandardError(), settings.Value.File is { Length: > 0 } path ? RotatingFile.Open(path, settings.Value.FileMegaBytes * 1024L * 1024, settings.Value.FilesKept, clock) : null) { }

    internal JsonLines(TimeProvider clock, Stream output, RotatingFile? file = null)
    {
        (_clock, _output, _file) = (clock, output, file);
        _timer = new(_ => Flush(), null, Timeout.Infinite, Timeout.Infinite);
    }

    /// <summary>Remembers a client's own request id where every log line of the request finds it; one that we made is the trace's id.</summary>
    public static void Remember(string requestId) => Activity.Current?.SetCustomProperty(RequestIdTag, requestId);

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void Dispose()
    {
        _timer.Dispose();
        Flush();
        _output.Dispose();
        _file?.Dispose();
    }

    private void Add(ReadOnlySpan<byte> line, bool atOnce)
    {
        lock (_gathering)
        {
            _waiting.Write(line);
            atOnce |= _waiting.WrittenCount > WaitingAtMost;
            if (!atOnce && !_isTimed)
            {
                _isTimed = true;
                _timer.Change(GatheringMilliseconds, Timeout.Infinite);
            }
        }

        if (atOnce)
            Flush();
    }

    /// <summary>Writes what waits.</summary>
    internal void Flush()
    {
        lock (_writing)
        {
            lock (_gathering)
            {
                (_waiting, _going) = (_going, _waiting);
                _isTimed = false;
            }

            try
            {
                _output.Write(_going.WrittenSpan);
                _output.Flush();
            }
            catch (Exception error) when (error is IOException or ObjectDisposedException)
            {
                // Nobody reads the log any more; that is no reason to stop serving.
            }

            _file?.Write(_going.WrittenSpan);
            _going.ResetWrittenCount();
        }
    }

    private void Write<TState>(Utf8JsonWriter json, string category, LogLevel level, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        json.WriteStartObject();
        json.WriteString("at", _clock.GetUtcNow().UtcDateTime);
        json.WriteString("level", Level(level));
        json.WriteString("category", category);
        json.WriteString("message", formatter(state, exception));
        if (Activity.Current is { } activity)
        {
            var traceId = activity.TraceId.ToHexString();
            json.WriteString("traceId", traceId);
            json.WriteString("spanId", activity.SpanId.ToHexString());
            json.WriteString("requestId", RequestId(activity) ?? traceId);
        }

        if (state is IReadOnlyList<KeyValuePair<string, object?>> values)
            for (var at = 0; at < values.Count; at++)
                if (values[at] is var (name, value) && name != "{OriginalFormat}")
                    Value(json, Names.GetOrAdd(name, static name => JsonEncodedText.Encode(JsonNamingPolicy.CamelCase.ConvertName(name), Options.Encoder)), value);
        if (exception is not null)
            json.WriteString("exception", exception.ToString());
        json.WriteEndObject();
    }

    private static void Value(Utf8JsonWriter json, JsonEncodedText name, object? value)
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

    private sealed class Logger(JsonLines lines, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var line = _line ??= new(1024);
            line.ResetWrittenCount();
            var json = _json ??= new(line, Options);
            // Also after a line that could not be finished, because a value's own text threw.
            json.Reset(line);
            lines.Write(json, category, logLevel, state, exception, formatter);
            json.Flush();
            line.Write("\n"u8);
            lines.Add(line.WrittenSpan, atOnce: logLevel >= LogLevel.Error);
        }
    }
}
