using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Quitanda.Platform;

/// <summary>A single resource as one caller sees it at one moment: the value, the finished bytes and their tag.</summary>
internal sealed class Rendition(object value, Answer answer) : IResult
{
    public object Value { get; } = value;

    public byte[] Body => answer.Body;

    public string Tag { get; } = EntityTags.Of(answer.Body);

    /// <summary>Finishes what a read answered, so that it has its tag; anything but a whole 200 goes on as it is.</summary>
    public static async ValueTask<object?> Of(HttpContext http, object? result)
    {
        if (Value200(result) is not { } value)
            return result;
        var rendition = new Rendition(value, await Answer.Capture(http, (IResult)result!));
        if (http.Features.Get<Wanted>() is not { } wanted)
            return rendition;
        wanted.Rendition = rendition;
        return TypedResults.Empty;
    }

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var headers = httpContext.Response.Headers;
        headers.ETag = Tag;
        // One caller's own view: nobody else's cache keeps it, and that caller's asks each time.
        headers.CacheControl = "private, no-cache";
        if (!EntityTags.IsKnown(httpContext.Request.Headers.IfNoneMatch, Tag))
            return answer.ExecuteAsync(httpContext);
        httpContext.Response.StatusCode = StatusCodes.Status304NotModified;
        return Task.CompletedTask;
    }

    private static object? Value200(object? result) => (result is INestedHttpResult nested ? nested.Result : result) switch
    {
        IValueHttpResult { Value: { } value } inner when inner is IStatusCodeHttpResult { StatusCode: null or StatusCodes.Status200OK } => value,
        _ => null,
    };

    /// <summary>Set on a request of our own making: the rendition is for us and is not sent.</summary>
    internal sealed class Wanted
    {
        public Rendition? Rendition { get; set; }
    }
}

/// <summary>What a handler's signature says of its answer.</summary>
internal static class Signature
{
    /// <summary>The type of the body of a success; null where the signature does not say.</summary>
    public static Type? BodyOf(MethodInfo? handler) => handler is null ? null : BodyOf(handler.ReturnType);

    /// <summary>Whether a read answers one resource: a record of ours, not a page of them.</summary>
    public static bool IsSingle(MethodInfo? handler) =>
        BodyOf(handler) is { } body && OwnTypes.Has(body) && !(body.IsGenericType && body.GetGenericTypeDefinition() == typeof(Page<>));

    private static Type? BodyOf(Type type)
    {
        if (!type.IsGenericType)
            return null;
        var definition = type.GetGenericTypeDefinition();
        var arguments = type.GetGenericArguments();
        if (definition == typeof(Ok<>) || definition == typeof(Created<>) || definition == typeof(Accepted<>))
            return arguments[0];
        if (definition == typeof(Task<>) || definition == typeof(ValueTask<>) || definition == typeof(CallOut<>))
            return BodyOf(arguments[0]);
        return type.IsAssignableTo(typeof(INestedHttpResult)) ? arguments.Select(BodyOf).FirstOrDefault(body => body is not null) : null;
    }
}
