using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace Quitanda.Platform;

/// <summary>Settings of the general limit on requests. Section <c>Limits</c>.</summary>
public sealed record LimitSettings
{
    /// <summary>Requests to the API that a caller may make in a minute, in each process: a user, or an address where nobody is signed in. 0 is no limit.</summary>
    [Range(0, 1_000_000_000)]
    public int RequestsPerMinute { get; init; } = 6000;

    /// <summary>Callers that a process counts for at the most; with more of them in a minute, all counts begin again.</summary>
    [Range(1000, 10_000_000)]
    public int CallersKept { get; init; } = 100_000;
}

/// <summary>Requests below a path that the general limit leaves alone: of machines that all come from a few addresses, and prove themselves with each request.</summary>
/// <param name="Prefix">How the path begins.</param>
public sealed record Uncounted(string Prefix);

/// <summary>
/// The general limit: every request to the API is counted once, for its user or else for its address, in this process's memory. No lock, and nothing
/// allocated but for a caller who is new.
/// </summary>
public sealed partial class Limits(IOptions<LimitSettings> settings, TimeProvider clock, ILogger<Limits> log, IEnumerable<Uncounted> uncounted)
{
    internal const string LimitHeader = "RateLimit-Limit";
    internal const string RemainingHeader = "RateLimit-Remaining";
    internal const string ResetHeader = "RateLimit-Reset";

    private const int WindowSeconds = 60;

    private readonly int _limit = settings.Value.RequestsPerMinute;
    private readonly string[] _uncounted = [.. uncounted.Select(path => path.Prefix)];
    private readonly int _callersKept = settings.Value.CallersKept;
    private readonly StringValues _limitText = settings.Value.RequestsPerMinute.ToString(CultureInfo.InvariantCulture);
    private readonly long _window = WindowSeconds * clock.TimestampFrequency;
    private ConcurrentDictionary<CallerKey, Tally> _tallies = new();

    /// <summary>
    /// Counts this request for its caller as known so far, and says so in the answer's headers. Gives the 429 where the caller has had enough.
    /// An authentication handler that refuses what it was shown asks this first: whoever guesses is counted by address.
    /// </summary>
    public Problem? Count(HttpContext context) =>
        Counts(context) ? Count(context, CallerKey.Of(context)) : null;

    private bool Counts(HttpContext context) => _limit != 0 && IsApi(context.Request) && !_uncounted.Any(prefix => context.Request.Path.Value!.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));

    private Problem? Count(HttpContext context, CallerKey key)
    {
        var timestamp = clock.GetTimestamp();
        var window = timestamp / _window;
        var count = TallyOf(key).Take((uint)window, (uint)_limit);
        var left = (int)(((window + 1) * _window - timestamp + clock.TimestampFrequency - 1) / clock.TimestampFrequency);
        Tell(context.Response.Headers, _limitText, (int)(_limit - Math.Min(count, (uint)_limit)), left);
        if (count <= (uint)_limit)
            return null;
        // Once a window: the refusals themselves are not logged, since whoever floods us would flood the log.
        if (count == (uint)_limit + 1 && log.IsEnabled(LogLevel.Warning))
            Reached(log, key.Describe(context), _limit, left);
        return TooMany(context, left);
    }

    /// <summary>Whether a request counts at all: what lies beside the API, such as health and documents, does not.</summary>
    internal static bool IsApi(HttpRequest request) => request.Path.Value!.StartsWith("/api/", StringComparison.OrdinalIgnoreCase);

    /// <summary>Says where the caller stands, in the headers that clients go by.</summary>
    internal static void Tell(IHeaderDictionary headers, StringValues limit, int remaining, int seconds)
    {
        headers[LimitHeader] = limit;
        headers[RemainingHeader] = Numbers.Text(remaining);
        headers[ResetHeader] = Numbers.Text(seconds);
    }

    /// <summary>The refusal, and when to come again.</summary>
    internal static Problem TooMany(HttpContext context, int seconds)
    {
        context.Response.Headers.RetryAfter = Numbers.Text(seconds);
        return Problem.Of(StatusCodes.Status429TooManyRequests, detail: $"There were too many requests; try again in {seconds} s.");
    }

    private Tally TallyOf(CallerKey key)
    {
        var tallies = _tallies;
        if (tallies.TryGetValue(key, out var tally))
            return tally;
        // Nobody is refused for the crowd: with too many callers everyone begins anew.
        if (tallies.Count >= _callersKept)
            _tallies = tallies = new();
        return tallies.GetOrAdd(key, static _ => new());
    }

    [LoggerMessage(55, LogLevel.Warning, "{Who} has made {Limit} requests in a minute; refused for {Seconds} s")]
    private static partial void Reached(ILogger log, string who, int limit, int seconds);

    /// <summary>Guests are counted before the cache of public answers, which they are answered from.</summary>
    internal sealed class OfGuests(RequestDelegate next, Limits limits)
    {
        // Not asked who it is: the framework would make a principal for nobody, which is most of what this step would cost.
        public Task InvokeAsync(HttpContext context) =>
            limits.Counts(context) && !ShowsSomething(context.Request) && limits.Count(context, CallerKey.Of(context.Connection.RemoteIpAddress)) is { } refused
                ? refused.ExecuteAsync(context) : next(context);
    }

    /// <summary>Whoever shows a token or a key is counted once it is known whose it is.</summary>
    internal sealed class OfCallers(RequestDelegate next, Limits limits)
    {
        public Task InvokeAsync(HttpContext context) =>
            ShowsSomething(context.Request) && limits.Count(context) is { } refused ? refused.ExecuteAsync(context) : next(context);
    }

    private static bool ShowsSomething(HttpRequest request) => request.Headers.Authorization.Count > 0 || request.Headers.ContainsKey(KeyScope.Header);

    /// <summary>The requests of one caller in the window that they last came in, both in one number.</summary>
    private sealed class Tally
    {
        private long _windowAndCount;

        /// <summary>How many there are with this one; one above the limit is as far as it counts.</summary>
        public uint Take(uint window, uint limit)
        {
            while (true)
            {
                var seen = Volatile.Read(ref _windowAndCount);
                if ((uint)(seen >> 32) >= window && seen != 0)
                {
                    if ((uint)seen > limit)
                        return (uint)seen + 1;
                    if (Interlocked.CompareExchange(ref _windowAndCount, seen + 1, seen) == seen)
                        return (uint)seen + 1;
                }
                else if (Interlocked.CompareExchange(ref _windowAndCount, ((long)window << 32) | 1, seen) == seen)
                {
                    return 1;
                }
            }
        }
    }

    /// <summary>Small numbers as text, made once.</summary>
    private static class Numbers
    {
        private static readonly string?[] Known = new string?[10_001];

        public static string Text(int number) => (uint)number >= (uint)Known.Length ? Make(number) : Known[number] ??= Make(number);

        private static string Make(int number) => number.ToString(CultureInfo.InvariantCulture);
    }
}

/// <summary>Whom something is counted for: a user, or an address; of IPv6 the first half, which is what one household gets.</summary>
internal readonly record struct CallerKey(ulong First, ulong Second, bool IsUser)
{
    /// <summary>A guest counts by address: tokens are to be had for nothing.</summary>
    public static CallerKey Of(HttpContext context) => Caller.Of(context) is { IsGuest: false } caller ? Of(caller) : Of(context.Connection.RemoteIpAddress);

    private static CallerKey Of(Caller caller)
    {
        Span<byte> bytes = stackalloc byte[16];
        caller.Id.TryWriteBytes(bytes);
        return new(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]), true);
    }

    public static CallerKey Of(IPAddress? address)
    {
        Span<byte> bytes = stackalloc byte[16];
        if (address is null || !address.TryWriteBytes(bytes, out var length))
            return default;
        if (length == 4)
            return new(0, BinaryPrimitives.ReadUInt32BigEndian(bytes), false);
        return address.IsIPv4MappedToIPv6 ? new(0, BinaryPrimitives.ReadUInt32BigEndian(bytes[12..]), false) : new(BinaryPrimitives.ReadUInt64BigEndian(bytes), 0, false);
    }

    // Salted by the process, so that nobody can choose addresses that fall together.
    public override int GetHashCode() => HashCode.Combine(First, Second);

    public string Describe(HttpContext context) => IsUser ? $"User {Caller.Of(context)!.Id}" : $"Address {context.Connection.RemoteIpAddress}";
}
