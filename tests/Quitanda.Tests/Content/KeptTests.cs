using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Platform;
using Quitanda.Tests.Accounts;
using Quitanda.Tests.Catalog;

namespace Quitanda.Tests.Content;

/// <summary>What must not be kept for others, or not under every name: in a house that does not know its own address.</summary>
public sealed class KeptTests(WordyApp app) : IClassFixture<WordyApp>
{
    [Fact]
    public async Task Nothing_is_kept_under_a_host_that_anybody_names()
    {
        var author = await app.Customer();
        await author.PublishNew();
        foreach (var path in (string[])["/feed.xml", "/sitemap.xml"])
        {
            Assert.Contains("http://evil.example/", await Text(path, "evil.example"), StringComparison.Ordinal);
            var other = await Text(path, "shop.example");
            Assert.DoesNotContain("evil.example", other, StringComparison.Ordinal);
            Assert.Contains("http://shop.example/", other, StringComparison.Ordinal);
        }

        // What is new is in it at once.
        var fresh = await author.PublishNew();
        Assert.Contains(fresh.Text("slug"), await Text("/feed.xml", "shop.example"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_search_is_not_kept()
    {
        var author = await app.Customer();
        var word = Writing.NewTitle("k").Replace(" ", "", StringComparison.Ordinal);
        var post = await author.PublishNew($"Sobre {word}");
        Assert.Equal([post.Id()], (await app.Guest.Page($"posts?search={word}")).Ids());
        await (await author.Post($"/api/v1/posts/{post.Id()}/unpublish")).Body();
        Assert.Empty((await app.Guest.Page($"posts?search={word}")).Ids());
    }

    [Fact]
    public async Task What_its_author_sees_of_a_post_that_was_taken_back_nobody_else_is_shown()
    {
        var (author, other) = (await app.Customer(), await app.Customer());
        var post = (await author.PublishNew()).Id();
        await other.Say(post, "Só para quem podia ler.");
        await (await author.Post($"/api/v1/posts/{post}/unpublish")).Body();
        Assert.Single(await author.Threads(post));
        foreach (var nobody in (HttpClient[])[app.Guest, other])
            await (await nobody.Get($"/api/v1/posts/{post}/comments")).Refusal(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_post_is_kept_under_one_spelling_of_its_address()
    {
        var id = (await (await app.Customer()).PublishNew()).Id();
        var (cache, guest) = (app.Services.GetRequiredService<ResponseCache>(), app.CreateMeasuringClient());
        foreach (var path in (string[])["/api/v1/posts/{0}", "/api/v1/posts/{0}/comments?limit=20"])
        {
            await Asked(path, id.ToString());
            var kept = cache.Bytes;
            foreach (var spelled in (string[])[id.ToString("N"), id.ToString("B"), id.ToString("P"), id.ToString().ToUpperInvariant()])
                await Asked(path, spelled);
            await Asked(path.Replace("posts", "Posts", StringComparison.Ordinal), id.ToString());
            await Asked(path.Replace("=20", "=020", StringComparison.Ordinal).Replace("/v1/", "/V1/", StringComparison.Ordinal), id.ToString());
            Assert.Equal(kept, cache.Bytes);
        }

        async Task Asked(string path, string spelled)
        {
            using var answer = await guest.GetAsync(new Uri(string.Format(System.Globalization.CultureInfo.InvariantCulture, path, Uri.EscapeDataString(spelled)), UriKind.Relative), TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
    }

    private async Task<string> Text(string path, string host)
    {
        using var answer = await app.Guest.Send(HttpMethod.Get, path, json: null, ("Host", host));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }
}
