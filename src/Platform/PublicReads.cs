using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Primitives;

namespace Quitanda.Platform;

/// <summary>What an answer shows, said by the use case that makes it; the tags by which it is forgotten.</summary>
public sealed class Shown
{
    private readonly HashSet<string> _tags = new(StringComparer.Ordinal);

    internal IReadOnlyCollection<string> Tags => _tags;

    /// <summary>The answer shows this: <c>product:ID</c>, or a list as a whole such as <c>products</c>. No spaces.</summary>
    public void Tag(string tag) => _tags.Add(tag);
}

/// <summary>Reads that anyone may make, answered to guests and customers from the process's own finished bytes.</summary>
public static class PublicReads
{
    /// <summary>
    /// Keeps this route's 200 answers to guests and to customers, who must all be shown the same: whoever holds another role is never answered from
    /// here. <paramref name="parameters"/> are the documented query parameters: they, normalised, and the path are the key, so nobody can fill the
    /// cache by inventing others.
    /// </summary>
    public static RouteHandlerBuilder CachedForCustomers(this RouteHandlerBuilder route, params string[] parameters)
    {
        var sorted = parameters.Order(StringComparer.Ordinal).ToArray();
        KeptEndpoint? shared = null;
        return route.AddEndpointFilter(async (context, next) =>
        {
            var http = context.HttpContext;
            if (!IsGuestRead(http.Request) && !IsCustomerRead(http))
                return await next(context);

            var cache = http.RequestServices.GetRequiredService<ResponseCache>();
            var key = Key(http.Request, sorted);
            if (key is not null && cache.Find(key) is { } kept)
                return new Finished(kept);

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
        }).WithMetadata(new Cached());
    }

    /// <summary>Marks a route whose answers to guests and customers are kept.</summary>
    internal sealed class Cached;

    /// <summary>What a request that is answered from memory says it was meant for: its route, which nobody looked for.</summary>
    internal sealed class KeptEndpoint(Endpoint route) : Endpoint(requestDelegate: null, route.Metadata, route.DisplayName)
    {
        public string? Route { get; } = route.Metadata.GetMetadata<IRouteDiagnosticsMetadata>()?.Route;
    }

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

    /// <summary>The path and the documented parameters in one order, each at most once; null where one is repeated, which no key stands for.</summary>
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
            return Finished.Send(context, answer);
        }
    }

    /// <summary>Answers customers from memory, once it is known who they are and that they may still call, before their request is bound to a use case.</summary>
    internal sealed class OfCustomers(RequestDelegate next, ResponseCache cache)
    {
        public Task InvokeAsync(HttpContext context)
        {
            if (context.GetEndpoint()?.Metadata.GetMetadata<Cached>() is null || !IsCustomerRead(context) || Find(cache, context.Request) is not { } answer)
                return next(context);
            context.SetEndpoint(answer.Endpoint);
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
            var known = context.Request.Headers.IfNoneMatch;
            if (known.Count > 0 && Matches(known, form.ETag))
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
