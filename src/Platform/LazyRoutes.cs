using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Quitanda.Platform;

/// <summary>
/// Maps the routes of a group as the framework does, but makes the code of each when it is first called. The framework makes that of all at the first request, by compiling
/// an expression for each, which is a good part of the time until a host answers. These are found before the framework's own, since they take the group and not any builder.
/// </summary>
public static class LazyRoutes
{
    private static readonly string[] Get = [HttpMethods.Get];
    private static readonly string[] Post = [HttpMethods.Post];
    private static readonly string[] Put = [HttpMethods.Put];
    private static readonly string[] Patch = [HttpMethods.Patch];
    private static readonly string[] Delete = [HttpMethods.Delete];

    /// <summary>Maps a GET.</summary>
    public static RouteHandlerBuilder MapGet(this RouteGroupBuilder group, string pattern, Delegate handler) => Map(group, pattern, handler, Get);

    /// <summary>Maps a POST.</summary>
    public static RouteHandlerBuilder MapPost(this RouteGroupBuilder group, string pattern, Delegate handler) => Map(group, pattern, handler, Post);

    /// <summary>Maps a PUT.</summary>
    public static RouteHandlerBuilder MapPut(this RouteGroupBuilder group, string pattern, Delegate handler) => Map(group, pattern, handler, Put);

    /// <summary>Maps a PATCH.</summary>
    public static RouteHandlerBuilder MapPatch(this RouteGroupBuilder group, string pattern, Delegate handler) => Map(group, pattern, handler, Patch);

    /// <summary>Maps a DELETE.</summary>
    public static RouteHandlerBuilder MapDelete(this RouteGroupBuilder group, string pattern, Delegate handler) => Map(group, pattern, handler, Delete);

    private static RouteHandlerBuilder Map(RouteGroupBuilder group, string pattern, Delegate handler, string[] methods) =>
        RouteHandlerServices.Map(group, pattern, handler, methods, RequestDelegateFactory.InferMetadata, Later);

    private static RequestDelegateResult Later(Delegate handler, RequestDelegateFactoryOptions options, RequestDelegateMetadataResult? inferred)
    {
        var made = new Lazy<RequestDelegate>(() => RequestDelegateFactory.Create(handler, options, inferred).RequestDelegate);
        return new(http => made.Value(http), [.. options.EndpointBuilder!.Metadata]);
    }
}
