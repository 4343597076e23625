using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Options;
using Quitanda.Platform;

namespace Quitanda.Accounts.OAuth;

/// <summary>Where people come back to: pages of the front end and of nobody else.</summary>
internal sealed class FrontEnd(IOptions<AccountSettings> settings)
{
    /// <summary>The page that waits for them, and no other: one that leads elsewhere would take the code along.</summary>
    private const string Page = "/oauth";

    /// <summary>The front end's own address; null where none is configured, and so no provider either.</summary>
    public Uri? Home { get; } = settings.Value.PagesUrl.Length > 0 ? new(settings.Value.PagesUrl) : null;

    /// <summary>Refuses what is no page of the front end, given by its path or by its whole address.</summary>
    /// <exception cref="InvalidException">It is somebody else's.</exception>
    public void RequireOwn(string? returnTo)
    {
        if (returnTo is not null && !IsOwn(returnTo))
            throw new InvalidException("returnTo", "must be a page of the front end, such as /checkout.");
    }

    /// <summary>The way back with what came of it. Behind the #, a code gets into no server's log and into no Referer header.</summary>
    public Redirection To(string? returnTo, string provider, string name, string value)
    {
        var then = returnTo is null ? "" : $"&returnTo={Uri.EscapeDataString(new Uri(Home!, returnTo).AbsoluteUri)}";
        return new($"{settings.Value.PagesUrl}{Page}#{name}={Uri.EscapeDataString(value)}&provider={provider}{then}");
    }

    private bool IsOwn(string returnTo)
    {
        // Browsers take a backslash for a slash, and leave out what is not visible: what they would read otherwise than we do is refused.
        if (Home is null || returnTo.Length == 0 || returnTo.Any(character => character is <= ' ' or >= '\x7f' or '\\' or '#'))
            return false;
        if (returnTo.StartsWith("//", StringComparison.Ordinal) || (returnTo[0] != '/' && !returnTo.Contains("://", StringComparison.Ordinal)))
            return false;
        return Uri.TryCreate(Home, returnTo, out var page) && page.UserInfo.Length == 0
            && Uri.Compare(page, Home, UriComponents.SchemeAndServer, UriFormat.UriEscaped, StringComparison.OrdinalIgnoreCase) == 0;
    }
}

/// <summary>Leads a browser elsewhere. Nobody keeps such an answer.</summary>
/// <param name="to">Where to.</param>
internal sealed class Redirection(string to) : IResult, IEndpointMetadataProvider, IStatusCodeHttpResult
{
    /// <summary>What else is said to the browser.</summary>
    public Action<HttpResponse>? Also { get; init; }

    int? IStatusCodeHttpResult.StatusCode => StatusCodes.Status302Found;

    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) => builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status302Found));

    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.Headers.CacheControl = "no-store";
        Also?.Invoke(httpContext.Response);
        httpContext.Response.Redirect(to);
        return Task.CompletedTask;
    }
}
