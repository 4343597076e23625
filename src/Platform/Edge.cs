using System.Buffers;
using System.ComponentModel.DataAnnotations;
using System.Diagnostics;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Quitanda.Platform.Telemetry;

namespace Quitanda.Platform;

/// <summary>Settings of the HTTP edge. Section <c>Http</c>.</summary>
public sealed record HttpSettings
{
    /// <summary>The address to listen on. <c>127.0.0.1</c> is this machine alone; <c>0.0.0.0</c> or <c>::</c> is every network.</summary>
    [Required]
    public string Address { get; init; } = "127.0.0.1";

    /// <summary>The port to listen on.</summary>
    [Range(1, 65_535)]
    public int Port { get; init; } = 8080;

    /// <summary>Bytes of a JSON body at the most; above, 413.</summary>
    [Range(1024, 100 * 1024 * 1024)]
    public int MaxBodyBytes { get; init; } = 1024 * 1024;

    /// <summary>Origins, separated by spaces, whose pages may call the API from a browser, and connect to the realtime hub. Empty allows none but the host's own.</summary>
    public string CorsOrigins { get; init; } = "";

    /// <summary>Addresses or networks (CIDR), separated by spaces, of proxies whose <c>X-Forwarded-*</c> headers are believed. Empty believes none.</summary>
    public string TrustedProxies { get; init; } = "";

    /// <summary>Whether every request is one log line. Answers from the cache, health checks and refusals by a limit never are; failures always.</summary>
    public bool LogRequests { get; init; } = true;

    /// <summary>Seconds that a request waits for a provider; after that it is answered with what is known, and a job asks again.</summary>
    [Range(1, 20)]
    public int CallOutSeconds { get; init; } = 10;

    /// <summary>How long after its first transaction a request's call to the outside is over, together with what it writes: nobody repeats it before.</summary>
    public TimeSpan CallIsOverAfter() => TimeSpan.FromSeconds(CallOutSeconds + 5);

    /// <summary>Seconds that a host told to end (SIGTERM) still answers requests while it says it is not ready, so that a balancer has stopped sending before the door closes. Ctrl-C does not wait.</summary>
    [Range(0, 300)]
    public int DrainSeconds { get; init; } = 3;

    /// <summary>Seconds that requests and jobs in flight may take to finish when the host stops.</summary>
    [Range(1, 300)]
    public int StopSeconds { get; init; } = 25;
}

/// <summary>The outermost step: request id, security headers, and one log line when the answer is done.</summary>
internal sealed partial class Edge(RequestDelegate next, Readiness readiness, IOptions<HttpSettings> settings, RequestMeter meter, ILogger<Edge> log)
{
    private const string RequestId = "X-Request-Id";
    private static readonly StringValues NoSniff = "nosniff";
    private static readonly StringValues Deny = "DENY";
    private static readonly StringValues NoReferrer = "no-referrer";
    private static readonly StringValues NoContent = "default-src 'none'; frame-ancestors 'none'";
    private static readonly StringValues SameSite = "same-origin";
    private static readonly StringValues Close = "close";
    private static readonly SearchValues<char> IdCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:/+=");

    private readonly bool _logs = settings.Value.LogRequests;

    public async Task InvokeAsync(HttpContext context)
    {
        var started = Stopwatch.GetTimestamp();
        var given = context.Request.Headers[RequestId];
        // An id that could break a log line or a header is not echoed but replaced.
        var isTheirs = given is [{ Length: > 0 and <= 128 } one] && one.AsSpan().IndexOfAnyExcept(IdCharacters) < 0;
        var id = isTheirs ? given[0]! : Activity.Current?.TraceId.ToHexString() ?? ActivityTraceId.CreateRandom().ToHexString();
        context.TraceIdentifier = id;
        if (isTheirs)
            JsonLines.Remember(id);

        var headers = context.Response.Headers;
        headers[RequestId] = id;
        headers.XContentTypeOptions = NoSniff;
        headers.XFrameOptions = Deny;
        headers["Referrer-Policy"] = NoReferrer;
        headers.ContentSecurityPolicy = NoContent;
        headers["Cross-Origin-Resource-Policy"] = SameSite;
        if (context.Request.IsHttps)
            headers.StrictTransportSecurity = "max-age=31536000; includeSubDomains";
        // The client's next request goes elsewhere, instead of meeting a door that closes.
        if (readiness.IsStopping)
            headers.Connection = Close;

        RequestSpan.Begin(context);

        meter.Began();
        try
        {
            await next(context);
        }
        finally
        {
            meter.Ended(context, started);
            RequestSpan.End(context);
        }

        var status = context.Response.StatusCode;
        if (status >= 500)
            Failed(log, context.Request.Method, RequestSpan.PathOf(context), status, Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        else if (_logs && !IsQuiet(context))
            Answered(log, context.Request.Method, RequestSpan.PathOf(context), status, Stopwatch.GetElapsedTime(started).TotalMilliseconds);
    }

    // A flood that is refused must not flood the log; the limit itself says once a window who it was.
    private static bool IsQuiet(HttpContext context) =>
        context.Response.StatusCode == StatusCodes.Status429TooManyRequests || context.Response.StatusCode < 400 && (context.GetEndpoint() is null or PublicReads.KeptEndpoint
        || context.Request.Path.StartsWithSegments("/health", StringComparison.Ordinal) || context.Request.Path.StartsWithSegments(ReadMetrics.Path, StringComparison.Ordinal) || context.Request.Path.StartsWithSegments("/openapi", StringComparison.Ordinal));

    [LoggerMessage(50, LogLevel.Information, "{Method} {Path} answered {Status} in {Milliseconds:0.0} ms")]
    private static partial void Answered(ILogger log, string method, string path, int status, double milliseconds);

    [LoggerMessage(51, LogLevel.Error, "{Method} {Path} failed with {Status} in {Milliseconds:0.0} ms")]
    private static partial void Failed(ILogger log, string method, string path, int status, double milliseconds);
}

/// <summary>HEAD is GET without its body (RFC 9110, 9.3.2): every route that answers one answers the other.</summary>
internal sealed class Heads(RequestDelegate next)
{
    /// <summary>Marks a request that is a HEAD, while its method says GET.</summary>
    public static readonly object Mark = new();

    public Task InvokeAsync(HttpContext context) => HttpMethods.IsHead(context.Request.Method) ? WithoutBody(context) : next(context);

    private async Task WithoutBody(HttpContext context)
    {
        var request = context.Request;
        context.Response.Body = Stream.Null;
        request.Method = HttpMethods.Get;
        context.Items[Mark] = Mark;
        try
        {
            await next(context);
        }
        finally
        {
            request.Method = HttpMethods.Head;
        }
    }
}

/// <summary>A JSON body, read whole once: bounded, valid UTF-8, and free of what PostgreSQL text cannot hold.</summary>
internal sealed record RequestBytes(ReadOnlyMemory<byte> Bytes);

/// <summary>Reads JSON bodies before anybody parses them, and looks at the target, so that NUL and lone surrogates end at the edge.</summary>
internal sealed class Bodies(RequestDelegate next, IOptions<HttpSettings> settings)
{
    private readonly int _atMost = settings.Value.MaxBodyBytes;

    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        if (request.Path.Value!.Contains('\0', StringComparison.Ordinal) || HasNul(request.QueryString.Value))
            return Problem.Invalid("query", "must not contain NUL.").ExecuteAsync(context);
        if (context.GetEndpoint()?.Metadata.GetMetadata<IAcceptsMetadata>() is not { } accepts || !accepts.ContentTypes.Contains("application/json", StringComparer.OrdinalIgnoreCase))
            return next(context);
        return Read(context, accepts);
    }

    private async Task Read(HttpContext context, IAcceptsMetadata accepts)
    {
        var request = context.Request;

        if (!request.HasJsonContentType() || !IsUtf8(request))
        {
            // An empty body has no type to be wrong about; it is missing.
            var isEmpty = request.ContentLength is 0 or null && !request.Headers.ContainsKey("Transfer-Encoding") && request.ContentType is null;
            var problem = isEmpty ? Problem.Of(400, "malformed_json", "A JSON body is required.") : Problem.Of(StatusCodes.Status415UnsupportedMediaType, detail: "The body must be application/json.");
            if (!isEmpty || !accepts.IsOptional)
            {
                await problem.ExecuteAsync(context);
                return;
            }
        }

        // The framework's reader trips over a charset in quotes; what it says is known by now.
        if (request.ContentType?.Contains("charset", StringComparison.OrdinalIgnoreCase) == true)
            request.ContentType = "application/json";

        if (request.ContentLength > _atMost)
        {
            await Problem.Of(StatusCodes.Status413PayloadTooLarge).ExecuteAsync(context);
            return;
        }

        var length = (int)(request.ContentLength ?? 0);
        var rented = ArrayPool<byte>.Shared.Rent(Math.Max(length, 4096));
        try
        {
            var read = 0;
            while (true)
            {
                if (read == rented.Length)
                    rented = Grow(rented);
                var more = await request.Body.ReadAsync(rented.AsMemory(read), context.RequestAborted);
                if (more == 0)
                    break;
                read += more;
                if (read > _atMost)
                {
                    await Problem.Of(StatusCodes.Status413PayloadTooLarge).ExecuteAsync(context);
                    return;
                }
            }

            if ((read > 0 || !accepts.IsOptional) && Fault(rented.AsSpan(0, read)) is { } fault)
            {
                await fault.ExecuteAsync(context);
                return;
            }

            context.Features.Set(new RequestBytes(rented.AsMemory(0, read)));
            request.Body = new MemoryStream(rented, 0, read, writable: false, publiclyVisible: true);
            await next(context);
        }
        finally
        {
            context.Features.Set<RequestBytes>(null);
            request.Body = Stream.Null;
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private static byte[] Grow(byte[] rented)
    {
        var larger = ArrayPool<byte>.Shared.Rent(rented.Length * 2);
        rented.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(rented);
        return larger;
    }

    private static Problem? Fault(ReadOnlySpan<byte> json)
    {
        if (json.IsEmpty)
            return Problem.Of(400, "malformed_json", "A JSON body is required.");
        if (!Utf8.IsValid(json))
            return Problem.Of(400, "malformed_json", "The body is not valid UTF-8.");
        if (json.Contains((byte)0))
            return Problem.Of(400, "malformed_json", "The body contains NUL.");

        // Escapes are rare; only bodies that have one are looked through, from the first backslash of any kind: the second of two begins nothing.
        return json.IndexOf("\\u"u8) < 0 ? null : FaultOfEscapes(json, json.IndexOf((byte)'\\'));
    }

    private static Problem? FaultOfEscapes(ReadOnlySpan<byte> json, int at)
    {
        var high = -1;
        for (var i = at; i < json.Length; i++)
        {
            if (json[i] != '\\')
                continue;
            if (i + 1 < json.Length && json[i + 1] != 'u')
            {
                i++;
                continue;
            }

            if (i + 6 > json.Length || !System.Buffers.Text.Utf8Parser.TryParse(json.Slice(i + 2, 4), out ushort unit, out var read, 'x') || read != 4)
                return null; // Not JSON; the parser says so, with the place.
            if (unit == 0)
                return Problem.Of(400, "validation_failed", "Text must not contain NUL.");
            // A low one must follow a high one at once, and nothing else may.
            if (char.IsLowSurrogate((char)unit) ? high != i : high >= 0)
                return Problem.Of(400, "validation_failed", "Text must not contain a lone surrogate.");
            high = char.IsHighSurrogate((char)unit) ? i + 6 : -1;
            i += 5;
        }

        return high >= 0 ? Problem.Of(400, "validation_failed", "Text must not contain a lone surrogate.") : null;
    }

    /// <summary>JSON is UTF-8 (RFC 8259). Another charset would be read as such after we looked at the bytes.</summary>
    private static bool IsUtf8(HttpRequest request) =>
        !MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || !type.Charset.HasValue || HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase);

    private static bool HasNul(string? query) => query is not null && query.Contains("%00", StringComparison.Ordinal);
}
