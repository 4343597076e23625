using System.Reflection;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;

namespace Quitanda.Platform.OpenApi;

/// <summary>What an operation can answer besides its own results: the problems that its group, its body, its method and its refusals bring.</summary>
internal static class Answers
{
    /// <summary>Every problem code of an operation, by status.</summary>
    public static SortedDictionary<int, SortedSet<string>> Problems(Route route)
    {
        var codes = new SortedDictionary<int, SortedSet<string>>();
        // NUL in a target is refused whoever it is meant for.
        Add(400, "validation_failed");
        Add(503, "unavailable");
        if (route.IsApi)
            Add(429, "rate_limited");
        if (route.Accepts is not null)
        {
            Add(400, "malformed_json");
            Add(400, "unknown_field");
            Add(413, "payload_too_large");
            Add(415, "unsupported_media_type");
        }

        if (route.Streamed is { } streamed)
        {
            Add(413, "payload_too_large");
            Add(415, "unsupported_media_type");
            if (streamed.Form is not null)
                Add(400, "unknown_field");
        }

        // A token that is no good is refused where none is needed, too.
        if (!route.Metadata.OfType<IgnoresAccessToken>().Any())
        {
            Add(401, "unauthenticated");
            Add(401, "token_expired");
            if (route.IsApi)
                Add(403, KeyScope.Insufficient);
        }

        if (route.Metadata.OfType<RolesRequirement>().Any())
            Add(403, "forbidden");
        if (route.Metadata.OfType<TakesTicket>().Any())
            Add(429, OpenConnections.TooMany);
        if (route.HasPathParameter)
            Add(404, "not_found");
        if (route.Writes && route.Method is not "DELETE")
            // What a constraint of the database refused and no rule named.
            Add(409, "conflict");
        if (route.TakesIfMatch)
            Add(412, "precondition_failed");
        if (route.TakesIdempotencyKey)
        {
            Add(409, "idempotency_in_progress");
            Add(422, "idempotency_key_reused");
            if (route.UseCase?.GetCustomAttribute<AnswersSecretAttribute>() is not null)
                Add(409, "already_done");
        }

        foreach (var produced in route.Produced.Where(produced => produced.StatusCode >= 400 && !HasBody(produced)))
            Add(produced.StatusCode, Problem.DefaultCode(produced.StatusCode));
        foreach (var refuses in route.Refusals)
            Add(refuses.Status, refuses.Code);
        return codes;

        void Add(int status, string code) => (codes.TryGetValue(status, out var known) ? known : codes[status] = new(StringComparer.Ordinal)).Add(code);
    }

    /// <summary>Whether a result has a body of its own rather than the problem that stands in for an empty one.</summary>
    public static bool HasBody(IProducesResponseTypeMetadata produced) => produced.Type is { } type && type != typeof(void) && type != typeof(Problem);
}

/// <summary>A route as its metadata describes it.</summary>
internal sealed class Route
{
    public Route(string method, string path, IList<object> metadata)
    {
        (Method, Path, Metadata) = (method, path, metadata);
        Handler = metadata.OfType<MethodInfo>().FirstOrDefault();
        var declaring = Handler?.DeclaringType;
        UseCase = declaring?.IsDefined(typeof(System.Runtime.CompilerServices.CompilerGeneratedAttribute), inherit: false) == true ? null : declaring;
    }

    public string Method { get; }

    public string Path { get; }

    public IList<object> Metadata { get; }

    public MethodInfo? Handler { get; }

    /// <summary>The class named by the use case; null where the handler is a lambda.</summary>
    public Type? UseCase { get; }

    public IAcceptsMetadata? Accepts => Metadata.OfType<IAcceptsMetadata>().LastOrDefault();

    /// <summary>The body of a route that reads it itself.</summary>
    public StreamedBody? Streamed => Metadata.OfType<StreamedBody>().LastOrDefault();

    /// <summary>What its results say. The framework takes a call to the outside, which is no result, for a body.</summary>
    public IEnumerable<IProducesResponseTypeMetadata> Produced => Metadata.OfType<IProducesResponseTypeMetadata>().Where(produced => !typeof(ICallOut).IsAssignableFrom(produced.Type));

    /// <summary>In what forms a status is answered: in several where it is asked for so, such as JSON and a page. What was said last of a form holds.</summary>
    public IEnumerable<(string ContentType, Type Body)> FormsOf(int status, string otherwise) => Produced.Where(produced => produced.StatusCode == status && Answers.HasBody(produced)).Reverse()
        .SelectMany(produced => produced.ContentTypes.DefaultIfEmpty(otherwise).Select(type => (type, produced.Type!))).DistinctBy(form => form.type, StringComparer.Ordinal);

    public bool IsForAnyone => !IsApi || Metadata.OfType<IAllowAnonymous>().Any();

    public bool HasPathParameter => Path.Contains('{', StringComparison.Ordinal);

    /// <summary>Whether <see cref="UseCases"/> stands before it.</summary>
    public bool IsApi => Path.StartsWith("/api/", StringComparison.Ordinal);

    public bool Writes => IsApi && !HttpMethods.IsGet(Method) && !HttpMethods.IsHead(Method) && UseCase?.GetCustomAttribute<ReadsOnlyAttribute>() is null;

    /// <summary>Whether its answer carries a tag: one resource, one that is kept in memory, or bytes that say so.</summary>
    public bool HasTag => Metadata.OfType<PublicReads.Cached>().Any() || IsSingle || Produced.Any(produced => produced.StatusCode == StatusCodes.Status304NotModified);

    /// <summary>Whether it reads one resource.</summary>
    public bool IsSingle => IsApi && HttpMethods.IsGet(Method) && Signature.IsSingle(Handler);

    /// <summary>Whether it writes something that can be read, so that there is a version to name.</summary>
    public bool TakesIfMatch { get; private set; }

    /// <summary>Whether it answers what a read of the resource would.</summary>
    public bool AnswersResource { get; private set; }

    public bool TakesIdempotencyKey => Writes && HttpMethods.IsPost(Method);

    public IEnumerable<RefusesAttribute> Refusals =>
        (UseCase?.GetCustomAttributes<RefusesAttribute>() ?? []).Concat(Handler?.GetCustomAttributes<RefusesAttribute>() ?? []);

    /// <summary>Finds among all routes the reads of what this one writes.</summary>
    public void FindResource(IEnumerable<Route> all)
    {
        if (!Writes)
            return;
        var own = Resource.Segments(Path);
        var reads = all.Where(route => route.IsSingle).Select(route => (Route: route, Segments: Resource.Segments(route.Path))).ToList();
        var read = reads.Where(read => Resource.IsAbout(read.Segments, own)).OrderByDescending(read => read.Segments.Length).Select(read => read.Route).FirstOrDefault();
        var made = HttpMethods.IsPost(Method) ? reads.Where(read => Resource.IsMade(read.Segments, own)).Select(read => read.Route).FirstOrDefault() : null;
        var body = Signature.BodyOf(Handler);
        TakesIfMatch = read is not null;
        AnswersResource = body is not null && (body == Signature.BodyOf(read?.Handler) || body == Signature.BodyOf(made?.Handler));
    }

    /// <summary>The use case; a name given to the route goes first, for one that is reached by two.</summary>
    public string OperationId => Metadata.OfType<IEndpointNameMetadata>().LastOrDefault()?.EndpointName ?? UseCase?.Name
        ?? Method[..1] + Method[1..].ToLowerInvariant() + string.Concat(Segments.Select(segment => char.ToUpperInvariant(segment[0]) + segment[1..]));

    public string Tag => Metadata.OfType<ITagsMetadata>().LastOrDefault()?.Tags is [var tag, ..] ? tag : Segments is [var first, ..] ? char.ToUpperInvariant(first[0]) + first[1..] : "Other";

    private string[] Segments =>
        [.. Path.Split('/', StringSplitOptions.RemoveEmptyEntries).SkipWhile((segment, index) => index < 2 && segment is "api" or "v1").Select(segment => segment.Trim('{', '}')).Where(segment => segment.Length > 0)];
}
