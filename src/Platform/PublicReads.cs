using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Primitives;

namespace Quitanda.Platform;

/// <summary>What an answer shows, said by the use case that makes it; the tags by which it is forgotten.</summary>
public sealed class Shown
{
    private readonly HashSet<string> _tags = new(StringComparer.Ordinal);

    private bool _isForOnce;

    /// <summary>What it is forgotten by; none where it is not kept at all.</summary>
    internal IReadOnlyCollection<string> Tags => _isForOnce ? [] : _tags;

    /// <summary>The answer shows this: <c>product:ID</c>, or a list as a whole such as <c>products</c>. No spaces.</summary>
    public void Tag(string tag) => _tags.Add(tag);

    /// <summary>
    /// The answer is for this request alone: not everybody would be shown it, or there is no end to such requests. Whatever else tags it, before or after, such as whoever puts names to it.
    /// </summary>
    public void KeepNothing() => _isForOnce = true;
}

/// <summary>Reads that anyone may make, answered to guests and customers from the process's own finished bytes.</summary>
public static class PublicReads
{
    /// <summary>
    /// Keeps this route's 200 answers to guests and to customers, who must all be shown the same: whoever holds another role is never answered from
    /// here. <paramref name="parameters"/> are the documented query parameters: they, in one order, and the path are the key, each in one spelling, so
    /// nobody can fill the cache by inventing others.
    /// </summary>
    public static RouteHandlerBuilder CachedForCustomers(this RouteHandlerBuilder route, params string[] parameters) => Kept(route, forCustomers: true, parameters);

    /// <summary>The same for guests alone: whoever is signed in is shown a version of their own, which they may change by its tag.</summary>
    public static RouteHandlerBuilder CachedForGuests(this RouteHandlerBuilder route, params string[] parameters) => Kept(route, forCustomers: false, parameters);

    /// <summary>Has somebody hear of every answer that is given from memory, by what it shows: the use case does not run for it. They must be quick, and must not wait.</summary>
    public static RouteHandlerBuilder WhenKept(this RouteHandlerBuilder route, Action<HttpContext, IReadOnlyList<string>> hear) => route.WithMetadata(new Heard(hear));

    private static RouteHandlerBuilder Kept(RouteHandlerBuilder route, bool forCustomers, string[] parameters)
    {
        var sorted = parameters.Order(StringComparer.Ordinal).ToArray();
        KeptEndpoint? shared = null;
        return route.AddEndpointFilter(async (context, next) =>
        {
            var http = context.HttpContext;
            if (!IsGuestRead(http.Request) && !(forCustomers && IsCustomerRead(http)))
                return await next(context);

            var cache = http.RequestServices.GetRequiredService<ResponseCache>();
            var key = IsPlain(http) ? Key(http.Request, sorted) : null;
            if (key is not null && cache.Find(key) is { } kept)
            {
                kept.Endpoint?.Hear(http, kept);
                return new Finished(kept);
            }

            cache.Missed();
            var begun = cache.Sequence;
            var result = await next(context);
            var shown = http.RequestServices.GetRequiredService<Shown>();
            if (result is null || shown.Tags.Count == 0 || key is null)
                return result;

            var answer = await Answer.Capture(http, (IResult)result);
            if (answer.Status != StatusCodes.Status200OK)
                return answer;
            var filled = cache.Fill(key, answer.Body, answer.ContentType ?? "application/json; charset=utf-8", shown.Tags, begun);
            filled.Endpoint = shared ??= new(http.GetEndpoint()!);
            return new Finished(filled);
        }).WithMetadata(new Cached(forCustomers));
    }

    /// <summary>Marks a route whose answers are kept.</summary>
    /// <param name="ForCustomers">Whether for customers as well as for guests.</param>
    internal sealed record Cached(bool ForCustomers);

    /// <summary>Who hears of answers that are given from memory.</summary>
    internal sealed record Heard(Action<HttpContext, IReadOnlyList<string>> Hear);

    /// <summary>What a request that is answered from memory says it was meant for: its route, which nobody looked for.</summary>
    internal sealed class KeptEndpoint(Endpoint route) : Endpoint(requestDelegate: null, route.Metadata, route.DisplayName)
    {
        private readonly Heard? _heard = route.Metadata.GetMetadata<Heard>();

        public string? Route { get; } = route.Metadata.GetMetadata<IRouteDiagnosticsMetadata>()?.Route;

        public void Hear(HttpContext context, CachedAnswer answer) => _heard?.Hear(context, answer.Tags);
    }

    /// <summary>Whether nobody will see the body: a HEAD, which is answered as a GET is.</summary>
    public static bool IsHead(HttpContext context) => HttpMethods.IsHead(context.Request.Method) || context.Items.ContainsKey(Heads.Mark);

    internal static bool IsGuestRead(HttpRequest request) =>
        (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)) && request.Headers.Authorization.Count == 0 && !request.Headers.ContainsKey(KeyScope.Header);

    /// <summary>Whether the caller is known, and nobody but a customer: staff are shown more.</summary>
    private static bool IsCustomerRead(HttpContext context) => HttpMethods.IsGet(context.Request.Method) && Caller.Of(context) is { } caller && (caller.Roles & ~Roles.Customer) == Roles.None;

    /// <summary>The answer whose key is exactly the request's target.</summary>
    private static CachedAnswer? Find(ResponseCache cache, HttpRequest request)
    {
        if (request.Path.Value!.Contains('?', StringComparison.Ordinal))
            return null;
        var query = request.QueryString.Value;
        return cache.Find(string.IsNullOrEmpty(query) ? request.Path.Value : request.Path.Value + query);
    }

    /// <summary>
    /// Whether the path is written as the route is, with plain values in it. Routes are found whatever the case of their letters: were each way of writing one a key, one answer could fill the memory.
    /// </summary>
    private static bool IsPlain(HttpContext context)
    {
        if (context.GetEndpoint() is not RouteEndpoint { RoutePattern.PathSegments: var segments })
            return false;
        var rest = context.Request.Path.Value.AsSpan();
        foreach (var segment in segments)
        {
            if (rest is not ['/', ..])
                return false;
            rest = rest[1..];
            foreach (var part in segment.Parts)
            {
                var text = part switch
                {
                    RoutePatternLiteralPart literal => literal.Content,
                    RoutePatternSeparatorPart separator => separator.Content,
                    RoutePatternParameterPart parameter => context.Request.RouteValues[parameter.Name] as string,
                    _ => null,
                };
                if (text is null || !rest.StartsWith(text, StringComparison.Ordinal) || (part.IsParameter && !IsPlain(text)))
                    return false;
                rest = rest[text.Length..];
            }
        }

        return rest.IsEmpty;
    }

    /// <summary>Whether a value is written as we would write it. What reads as an id, a number or a yes can be written in many ways.</summary>
    private static bool IsPlain(string value) =>
        !(Guid.TryParse(value, out var id) && value != id.ToString())
        && !(long.TryParse(value, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) && value != number.ToString(CultureInfo.InvariantCulture))
        && !(bool.TryParse(value, out _) && value is not ("true" or "false"));

    /// <summary>The path and the documented parameters in one order, each at most once; null where one is repeated, or is not plain, which no key stands for.</summary>
    internal static string? Key(HttpRequest request, string[] sorted)
    {
        var path = request.Path.Value!;
        // An escaped question mark would make this path look like another's query.
        if (path.Contains('?', StringComparison.Ordinal))
            return null;
        if (!request.QueryString.HasValue)
            return path;
        var key = new System.Text.StringBuilder(path);
        var separator = '?';
        foreach (var name in sorted)
        {
            var values = request.Query[name];
            if (values.Count > 1)
                return null;
            if (values.Count == 0)
                continue;
            if (!IsPlain(values[0] ?? ""))
                return null;
            key.Append(separator).Append(name).Append('=').Append(Uri.EscapeDataString(values[0] ?? ""));
            separator = '&';
        }

        return key.ToString();
    }

    /// <summary>Answers from memory before routing, signing in and everything else, when the target is exactly a key.</summary>
    internal sealed class Front(RequestDelegate next, ResponseCache cache)
    {
        public Task InvokeAsync(HttpContext context)
        {
            if (!IsGuestRead(context.Request) || Find(cache, context.Request) is not { } answer)
                return next(context);
            context.SetEndpoint(answer.Endpoint);
            answer.Endpoint?.Hear(context, answer);
            return Finished.Send(context, answer);
        }
    }

    /// <summary>Answers customers from memory, once it is known who they are and that they may still call, before their request is bound to a use case.</summary>
    internal sealed class OfCustomers(RequestDelegate next, ResponseCache cache)
    {
        public Task InvokeAsync(HttpContext context)
        {
            if (context.GetEndpoint()?.Metadata.GetMetadata<Cached>() is not { ForCustomers: true } || !IsCustomerRead(context) || Find(cache, context.Request) is not { } answer)
                return next(context);
            context.SetEndpoint(answer.Endpoint);
            answer.Endpoint?.Hear(context, answer);
            return new Finished(answer).ExecuteAsync(context);
        }
    }

    /// <summary>A kept answer on its way out.</summary>
    internal sealed class Finished(CachedAnswer answer) : IResult
    {
        private static readonly StringValues ByCoding = "Accept-Encoding";

        public Task ExecuteAsync(HttpContext httpContext)
        {
            Compression.LeaveAlone(httpContext);
            return Send(httpContext, answer);
        }

        public static Task Send(HttpContext context, CachedAnswer answer)
        {
            var headers = context.Response.Headers;
            var form = answer.Plain;
            if (answer.IsCompressible)
            {
                headers.Vary = headers.Vary.Count == 0 ? ByCoding : StringValues.Concat(headers.Vary, ByCoding);
                if (context.Request.Headers.AcceptEncoding is { Count: > 0 } accepted)
                    form = answer.In(Codings.Choose(accepted));
            }

            headers.ETag = form.ETag;
            // Kept by whoever likes, asked about each time: what anyone sees is as fresh as our own memory.
            headers.CacheControl = "no-cache";
            if (Matches(context.Request.Headers.IfNoneMatch, form.ETag))
            {
                context.Response.StatusCode = StatusCodes.Status304NotModified;
                return Task.CompletedTask;
            }

            headers.ContentType = answer.ContentType;
            if (form.Coding is not null)
                headers.ContentEncoding = form.Coding;
            headers.ContentLength = form.Body.Length;
            return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.Body.WriteAsync(form.Body, context.RequestAborted).AsTask();
        }

        private static bool Matches(StringValues known, string etag)
        {
            foreach (var value in known)
                foreach (var part in (value ?? "").Split(','))
                {
                    var candidate = part.AsSpan().Trim();
                    if (candidate is "*" || candidate.SequenceEqual(etag) || (candidate.StartsWith("W/") && candidate[2..].SequenceEqual(etag)))
                        return true;
                }

            return false;
        }
    }
}
