using System.Net;
using Quitanda.Platform;
using Quitanda.Tests.Accounts;
using Quitanda.Tests.Catalog;

namespace Quitanda.Tests.Content;

public sealed class TagTests(WordyApp app) : IClassFixture<WordyApp>
{
    [Fact]
    public async Task Names_that_read_alike_are_one_tag_as_it_was_first_written()
    {
        var author = await app.Customer();
        var word = NewWord();
        var first = await author.PublishNew(tags: [$" Pão {word} ", "C#", "C++", "C"]);
        Assert.Equal([$"Pão {word}", "C#", "C++", "C"], first.GetProperty("tags").EnumerateArray().Select(tag => tag.Text("name")), StringComparer.Ordinal);
        var second = await author.PublishNew(tags: [$"PAO-{word}", $"pão {word}"]);
        Assert.Equal($"Pão {word}", Assert.Single(second.GetProperty("tags").EnumerateArray().ToList()).Text("name"));

        Assert.Equal([second.Id(), first.Id()], (await app.Guest.Page($"posts?tag=pao-{word}")).Ids().OrderBy(id => id == first.Id()));
        Assert.Equal(2, (await Shown(word)).Count);
        await author.Write(tags: [$"pao {word}"]);
        Assert.Equal(2, (await Shown(word)).Count);
        await (await author.Post($"/api/v1/posts/{second.Id()}/archive")).Body();
        Assert.Equal(1, (await Shown(word)).Count);
        await (await author.Patch($"/api/v1/posts/{first.Id()}", new { tags = (string[])[] })).Body();
        Assert.Empty((await app.Guest.Page($"tags?search=pao {word}")).Rows());
        Assert.Equal("validation_failed", await (await author.Patch($"/api/v1/posts/{first.Id()}", new { tags = (string[])["!!!"] })).Refusal(HttpStatusCode.BadRequest));
        Assert.Equal("forbidden", await (await app.Guest.Get("/api/v1/tags?all=true")).Refusal(HttpStatusCode.Forbidden));
    }

    [Fact]
    public async Task A_renamed_tag_is_found_by_both_names_and_posts_by_the_new_one()
    {
        var (author, moderator) = (await app.Customer(), app.As(await app.Insert(Roles.Moderator | Roles.Customer)));
        var (old, now) = (NewWord(), NewWord());
        var post = await author.PublishNew(tags: [old]);
        Assert.Equal(old, (await app.Guest.PostOf(post.Id())).GetProperty("tags")[0].Text("name"));
        var tag = await (await moderator.Patch($"/api/v1/tags/{(await Shown(old)).Id}", new { name = now })).Body();
        Assert.Equal((now, now), (tag.Text("name"), tag.Text("slug")));
        Assert.Equal(now, (await app.Guest.PostOf(post.Id())).GetProperty("tags")[0].Text("name"));
        foreach (var slug in (string[])[old, now])
        {
            Assert.Equal([post.Id()], (await app.Guest.Page($"posts?tag={slug}")).Ids());
            Assert.Equal(tag.Id(), (await (await app.Guest.Get($"/api/v1/tags/{slug}")).Body()).Id());
        }

        Assert.Equal([post.Id()], (await app.Guest.Page($"posts?search={now}")).Ids());
        Assert.Empty((await app.Guest.Page($"posts?search={old}")).Ids());
        // Who still writes the old name means the same.
        Assert.Equal(now, (await author.PublishNew(tags: [old])).GetProperty("tags")[0].Text("name"));
        var other = NewWord();
        await author.PublishNew(tags: [other]);
        Assert.Equal("tag_exists", await (await moderator.Patch($"/api/v1/tags/{tag.Id()}", new { name = other })).Refusal(HttpStatusCode.Conflict));
        Assert.Equal(old, (await (await moderator.Patch($"/api/v1/tags/{tag.Id()}", new { name = old })).Body()).Text("slug"));
        Assert.Equal(2, (await app.Guest.Page($"posts?tag={now}")).Ids().Count);
    }

    [Fact]
    public async Task Two_tags_become_one_with_the_posts_of_both_whatever_is_written_meanwhile()
    {
        var (author, moderator) = (await app.Customer(), app.As(await app.Insert(Roles.Moderator | Roles.Customer)));
        var (gone, stays) = (NewWord(), NewWord());
        var (one, two, both) = (await author.PublishNew(tags: [gone]), await author.PublishNew(tags: [stays]), await author.PublishNew(tags: [gone, stays]));
        var (goneId, staysId) = ((await Shown(gone)).Id, (await Shown(stays)).Id);
        var drafts = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => author.Write(tags: [gone])));
        var writing = Task.WhenAll(drafts.Select(draft => author.Publish(draft.Id())).Concat(Enumerable.Range(0, 6).Select(_ => author.PublishNew(tags: [gone]))));
        var merged = await (await moderator.Post($"/api/v1/tags/{goneId}/merge", new { into = staysId })).Body();
        var written = await writing;

        Assert.Equal(staysId, merged.Id());
        var posts = written.Select(post => post.Id()).Concat([one.Id(), two.Id(), both.Id()]).Order().ToList();
        foreach (var slug in (string[])[gone, stays])
            Assert.Equal(posts, (await app.Guest.Page($"posts?tag={slug}&limit=100")).Ids().Order());
        Assert.Equal(posts.Count, (await Shown(stays)).Count);
        Assert.Equal(stays, Assert.Single((await app.Guest.PostOf(both.Id())).GetProperty("tags").EnumerateArray().ToList()).Text("name"));
        Assert.Equal("validation_failed", await (await moderator.Post($"/api/v1/tags/{staysId}/merge", new { into = staysId })).Refusal(HttpStatusCode.BadRequest));
        await (await author.Post($"/api/v1/tags/{staysId}/merge", new { into = goneId })).Refusal(HttpStatusCode.Forbidden);
    }

    private static string NewWord() => Writing.NewTitle("t").Replace(" ", "", StringComparison.Ordinal);

    private async Task<(Guid Id, long Count)> Shown(string word)
    {
        var tag = (await app.Guest.Page("tags?limit=100&sort=-name")).Rows().Concat((await app.Guest.Page("tags?limit=100")).Rows()).First(row => row.Text("slug").EndsWith(word, StringComparison.Ordinal));
        return (tag.Id(), tag.GetProperty("postCount").GetInt64());
    }
}
