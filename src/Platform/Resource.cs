using System.Buffers.Binary;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Quitanda.Platform;

/// <summary>
/// What a writing route is about, found from the routes alone: the single resource whose path is the route's own or the longest beginning of it,
/// and, where the route makes something, how that is read afterwards.
/// </summary>
internal sealed class Resource
{
    private const string AnyValue = "{}";

    private readonly RouteEndpoint? _read;
    private readonly (string Read, string Write)[] _parameters;
    private readonly Roles _readers;

    private Resource(RouteEndpoint write, RouteEndpoint? read, RouteEndpoint? made)
    {
        _read = read;
        Makes = made is not null;
        _readers = RolesOf(read);
        var segments = Segments(write.RoutePattern);
        var named = made ?? read;
        _parameters = read is null ? [] : [.. Parameters(read.RoutePattern).Zip(Parameters(write.RoutePattern))];
        IsCallersOwn = segments is ["api", "v1", "users", "me", ..];
        Type = named is null ? segments.Length > 2 ? segments[2] : "" : TypeOf(Segments(named.RoutePattern));
        AnswersIt = named is not null && Signature.BodyOf(HandlerOf(write)) == Signature.BodyOf(HandlerOf(named));
        // Whatever everyone may do who signs up is nobody's office.
        IsByRole = RolesOf(write) is var roles && roles != Roles.None && !roles.HasFlag(Roles.Customer);
    }

    /// <summary>Its collection, as in its path: <c>products</c>.</summary>
    public string Type { get; }

    /// <summary>Whether it can be read, so that there is a version to compare with.</summary>
    public bool IsReadable => _read is not null;

    /// <summary>Whether the route is below <c>/users/me</c>.</summary>
    public bool IsCallersOwn { get; }

    /// <summary>Whether the route's success is what a read of the resource, or of what was made, would answer.</summary>
    public bool AnswersIt { get; }

    /// <summary>Whether the route makes something that can be read by itself.</summary>
    public bool Makes { get; }

    /// <summary>Whether one calls the route by a role only.</summary>
    public bool IsByRole { get; }

    /// <summary>The resource of a writing route.</summary>
    public static Resource Of(RouteEndpoint write, IEnumerable<Endpoint> all)
    {
        var segments = Segments(write.RoutePattern);
        var reads = all.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods.Contains(HttpMethods.Get, StringComparer.Ordinal) == true && Signature.IsSingle(HandlerOf(endpoint)))
            .Select(endpoint => (Endpoint: endpoint, Segments: Segments(endpoint.RoutePattern))).ToList();
        var read = reads.Where(read => IsAbout(read.Segments, segments)).OrderByDescending(read => read.Segments.Length).Select(read => read.Endpoint).FirstOrDefault();
        var made = write.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods.Contains(HttpMethods.Post, StringComparer.Ordinal) == true
            ? reads.Where(read => IsMade(read.Segments, segments) && Signature.BodyOf(HandlerOf(read.Endpoint)) == Signature.BodyOf(HandlerOf(write))).Select(read => read.Endpoint).FirstOrDefault()
            : null;
        return new(write, read, made);
    }

    /// <summary>Whether a read's path, in segments, is a writing route's own or a beginning of it. What is fixed in one is fixed in the other: <c>/products/prices</c> is no product.</summary>
    public static bool IsAbout(string[] read, string[] write) => read.Length <= write.Length && read.AsSpan().SequenceEqual(write.AsSpan(0, read.Length));

    /// <summary>Whether a read's path is that of something made at a writing route's.</summary>
    public static bool IsMade(string[] read, string[] write) => read.Length == write.Length + 1 && read[^1] == AnyValue && read.AsSpan(0, write.Length).SequenceEqual(write);

    /// <summary>The segments of a path of the API's document.</summary>
    public static string[] Segments(string path) => [.. path.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(segment => segment.StartsWith('{') ? AnyValue : segment.ToLowerInvariant())];

    /// <summary>Whether the caller may read it at all: a version one may not see cannot be named.</summary>
    public bool MayBeReadBy(Caller? caller) => _readers == Roles.None || caller?.Is(_readers) == true;

    /// <summary>
    /// The resource as this caller sees it now, by a request of our own to its read, in the scope and so in the transaction of the write.
    /// Null where it is not there for this caller.
    /// </summary>
    public async Task<Rendition?> Render(HttpContext http, IServiceProvider provider)
    {
        if (_read?.RequestDelegate is not { } ask || !MayBeReadBy(Caller.Of(http)))
            return null;
        var wanted = new Rendition.Wanted();
        var asked = new DefaultHttpContext { RequestServices = provider, User = http.User, TraceIdentifier = http.TraceIdentifier, RequestAborted = http.RequestAborted };
        asked.Request.Method = HttpMethods.Get;
        asked.Request.Path = PathOf(http);
        // Who asks decides what is shown; and whoever signs in by a header is no guest, whose answers are kept.
        foreach (var header in http.Request.Headers)
            if (header.Key.Equals("Authorization", StringComparison.OrdinalIgnoreCase) || header.Key.StartsWith("X-", StringComparison.OrdinalIgnoreCase))
                asked.Request.Headers[header.Key] = header.Value;
        foreach (var (read, write) in _parameters)
            asked.Request.RouteValues[read] = http.Request.RouteValues[write];
        asked.Response.Body = Stream.Null;
        asked.Features.Set(wanted);
        asked.SetEndpoint(_read);
        await ask(asked);
        return wanted.Rendition;
    }

    /// <summary>The id in the path, or the caller's where the resource is the caller; null for what there is one of, and for what is only being made.</summary>
    public string? IdIn(HttpContext http) => Makes ? null
        : _parameters is [.., var last] ? http.Request.RouteValues[last.Write]?.ToString()
        : IsCallersOwn ? Caller.Of(http)?.Id.ToString() : null;

    /// <summary>A number for the resource that its writers can lock.</summary>
    public long LockOf(HttpContext http)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes("resource " + PathOf(http).ToLowerInvariant()), hash);
        return BinaryPrimitives.ReadInt64LittleEndian(hash);
    }

    private static string[] Segments(RoutePattern pattern) =>
        [.. pattern.PathSegments.Select(segment => segment.Parts is [RoutePatternLiteralPart literal] ? literal.Content.ToLowerInvariant() : AnyValue)];

    private static IEnumerable<string> Parameters(RoutePattern pattern) =>
        pattern.PathSegments.SelectMany(segment => segment.Parts).OfType<RoutePatternParameterPart>().Select(parameter => parameter.Name);

    private static MethodInfo? HandlerOf(Endpoint endpoint) => endpoint.Metadata.GetMetadata<MethodInfo>();

    private static Roles RolesOf(Endpoint? endpoint) => endpoint?.Metadata.GetMetadata<RolesRequirement>()?.Roles ?? Roles.None;

    /// <summary>The last fixed word; somebody's own account is one of the accounts.</summary>
    private static string TypeOf(string[] segments) => segments is [.. var before, "me"] ? before[^1] : segments.Last(segment => segment != AnyValue);

    /// <summary>The part of this request's path that is the resource's.</summary>
    private string PathOf(HttpContext http) =>
        "/" + string.Join('/', http.Request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries).Take(_read!.RoutePattern.PathSegments.Count));
}
