using Microsoft.Extensions.DependencyInjection;
using Quitanda.Content.Views;
using Quitanda.Platform;
using Quitanda.Tests.Accounts;
using Quitanda.Tests.Catalog;

namespace Quitanda.Tests.Content;

public sealed class ViewTests(WordyApp app) : IClassFixture<WordyApp>
{
    [Fact]
    public async Task Every_reading_counts_from_memory_too_and_a_read_writes_nothing()
    {
        var (author, reader, moderator) = (await app.Customer(), await app.Customer(), app.As(await app.Insert(Roles.Moderator | Roles.Customer)));
        var post = await author.PublishNew();
        var path = $"/api/v1/posts/{post.Id()}";

        // Anew, from memory, by its slug, as somebody, and as one who has it already: five.
        var tag = (await app.Guest.Get(path)).Headers.ETag!;
        await app.Guest.PostOf(post.Id());
        await app.Guest.PostOf(post.Text("slug"));
        await reader.PostOf(post.Id());
        await app.Guest.GetUnless(path, tag);
        // Neither of these is one: who looks after it, a HEAD, a program, what is only listed, and what is not there.
        await author.PostOf(post.Id());
        await moderator.PostOf(post.Id());
        foreach (var head in (string[])[path, path + "?x=1", $"/api/v1/posts/{post.Text("slug")}?y=1"])
            await app.Guest.SendAsync(new(HttpMethod.Head, head), TestContext.Current.CancellationToken);
        await reader.SendAsync(new(HttpMethod.Head, path), TestContext.Current.CancellationToken);
        foreach (var program in (string[])["Googlebot/2.1", "curl/8.1", "Mozilla/5.0 (compatible; bingbot/2.0)"])
            await app.Guest.Send(HttpMethod.Get, path, json: null, ("User-Agent", program));
        await app.Guest.Page("posts");
        await app.Guest.Get($"/api/v1/posts/{Guid.CreateVersion7()}");
        await author.SendIf(HttpMethod.Patch, path, await author.TagOf(path), new { commentsOpen = true });

        Assert.Equal(0, await app.Scalar<long>($"select view_count from content.posts where id = {post.Id()}"));
        await Flush(app.Services);
        Assert.Equal(5, await app.Scalar<long>($"select view_count from content.posts where id = {post.Id()}"));
        await Flush(app.Services);
        Assert.Equal(5, (await author.PostOf(post.Id())).GetProperty("viewCount").GetInt64());
        // A minute later at the latest everybody sees it.
        app.Clock.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(5, (await app.Guest.PostOf(post.Id())).GetProperty("viewCount").GetInt64());
    }

    [Fact]
    public async Task Two_processes_count_together_and_one_that_stops_loses_nothing()
    {
        await using var other = await app.StartBeside();
        var author = await app.Customer();
        var posts = new List<Guid>();
        for (var number = 0; number < 3; number++)
            posts.Add((await author.PublishNew()).Id());
        var there = other.ClientFor(app.Guest);
        await Task.WhenAll(Enumerable.Range(0, 60).Select(number => (number % 2 == 0 ? app.Guest : there).Get($"/api/v1/posts/{posts[number % 3]}")));
        await Task.WhenAll(Flush(app.Services), Flush(other.Services));
        await Task.WhenAll(Enumerable.Range(0, 30).Select(number => there.Get($"/api/v1/posts/{posts[number % 3]}")));
        await other.StopAsync(TestContext.Current.CancellationToken);
        foreach (var post in posts)
            Assert.Equal(30, await app.Scalar<long>($"select view_count from content.posts where id = {post}"));
        Assert.Equal(posts.Order(), (await app.Guest.Page("posts?sort=-viewCount&limit=3")).Ids().Order());
    }

    [Fact]
    public async Task Views_are_written_down_every_few_seconds_without_being_asked()
    {
        await using var soon = await app.StartBeside(("Content:ViewSeconds", "1"));
        var post = (await (await app.Customer()).PublishNew()).Id();
        await soon.ClientFor(app.Guest).PostOf(post);
        await Eventually.Happens(async () => await app.Scalar<long>($"select view_count from content.posts where id = {post}") == 1, "The writing down of a view");
    }

    private static Task Flush(IServiceProvider services) => services.GetRequiredService<PostViews>().Flush(TestContext.Current.CancellationToken);
}
