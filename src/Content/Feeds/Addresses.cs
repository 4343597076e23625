using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Quitanda.Platform;

namespace Quitanda.Content.Feeds;

/// <summary>Where pages of the site live, as feeds and site maps say it.</summary>
internal sealed class Addresses(IOptions<ContentSettings> settings)
{
    /// <summary>Whether the API's own address is a setting. Else it is whatever host a request names, and what is made with it is for that request alone.</summary>
    public bool AreKnown => settings.Value.BaseUrl.Length > 0;

    /// <summary>What stands before the API's own paths.</summary>
    public string Base(HttpContext http) => AreKnown ? settings.Value.BaseUrl : $"{http.Request.Scheme}://{http.Request.Host.ToUriComponent()}";

    /// <summary>The page of a post.</summary>
    public string Post(HttpContext http, Guid id, string slug) => Page(http, settings.Value.PostUrl, "posts", id, slug);

    /// <summary>The page of something.</summary>
    /// <param name="http">The request.</param>
    /// <param name="template">Where such pages live in the front end; empty for the API's own.</param>
    /// <param name="name">What they are called in the API's paths.</param>
    /// <param name="id">What the page shows.</param>
    /// <param name="slug">Its readable name, if it has one.</param>
    public string Page(HttpContext http, string template, string name, Guid id, string? slug) =>
        template.Length > 0 ? PageAddressAttribute.Fill(template, id, slug) : $"{Base(http)}/api/v1/{name}/{Uri.EscapeDataString(slug ?? id.ToString())}";
}
