using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Quitanda.Content.Markup;
using Quitanda.Platform;

namespace Quitanda.Content.Posts;

/// <summary>Makes HTML of posts, by what is set of the site.</summary>
internal sealed class PostText(IOptions<ContentSettings> settings)
{
    private readonly Sanitizer _sanitizer = Sanitizer.ForPosts(HostOf(settings.Value.PostUrl));

    /// <inheritdoc cref="Rendered.Of"/>
    public Rendered Render(string markdown) => Rendered.Of(markdown, _sanitizer, "content");

    /// <summary>Makes HTML of a request's Markdown, before there is a transaction.</summary>
    public static Rendered Render(IServiceProvider services, string markdown) => services.GetRequiredService<PostText>().Render(markdown);

    private static string? HostOf(string template) => template.Length == 0 ? null : new Uri(PageAddressAttribute.Fill(template, Guid.Empty, "x")).Host;
}

/// <summary>Holds plain text to having something in it, and to one line.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
internal sealed class LineAttribute() : ValidationAttribute("{0} must have something in it, and no line breaks or controls.")
{
    public override bool IsValid(object? value) => value is not string text || (!string.IsNullOrWhiteSpace(text) && !text.Any(char.IsControl));
}
