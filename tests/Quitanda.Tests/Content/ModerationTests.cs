using System.Net;
using Microsoft.AspNetCore.Builder;
using Quitanda.Content.Markup;
using Quitanda.Platform;
using Quitanda.Tests.Accounts;
using Quitanda.Tests.Catalog;

namespace Quitanda.Tests.Content;

/// <summary>A house where staff write, comments wait for a moderator, and nobody says too much.</summary>
public sealed class ModerationTests(ModerationTests.App app) : IClassFixture<ModerationTests.App>
{
    [Fact]
    public async Task A_comment_that_waits_is_seen_by_its_author_and_moderators_until_it_is_approved_and_again_when_it_is_changed()
    {
        var (post, reader, moderator) = (await NewPost(), await app.Customer(), app.As(await app.Insert(Roles.Moderator | Roles.Customer)));
        var comment = await reader.Say(post, "Posso?");
        Assert.Equal("pending", comment.Text("state"));
        Assert.Empty(await app.Guest.Threads(post));
        Assert.Equal(0, await reader.CommentCount(post));
        await (await app.Guest.Get(comment.Path())).Refusal(HttpStatusCode.NotFound);
        Assert.Equal("Posso?", (await (await reader.Get(comment.Path())).Body()).Text("content"));
        Assert.Contains(comment.Id(), (await moderator.Page("comments?state=pending")).Ids());
        Assert.Equal("comment_gone", await (await reader.Post($"/api/v1/posts/{post}/comments", new { content = "E aí?", parentId = comment.Id() })).Refusal(HttpStatusCode.Conflict));

        await (await moderator.Post(comment.Path() + "/approve")).Body();
        Assert.Single(await app.Guest.Threads(post));
        Assert.Equal("pending", (await (await reader.Patch(comment.Path(), new { content = "Compre aqui!" })).Body()).Text("state"));
        Assert.Empty(await app.Guest.Threads(post));
        Assert.Equal(0, await reader.CommentCount(post));
        // A moderator's own do not wait.
        Assert.Equal("shown", (await moderator.Say(post)).Text("state"));
    }

    [Fact]
    public async Task Only_those_write_posts_who_may()
    {
        Assert.Equal("forbidden", await (await (await app.Customer()).Post("/api/v1/posts", new { title = "Oi", content = "" })).Refusal(HttpStatusCode.Forbidden));
        await app.As(await app.Insert(Roles.Moderator)).Write();
    }

    [Fact]
    public async Task Whoever_writes_too_much_waits_over_all_processes()
    {
        var (post, reader) = (await NewPost(), await app.Customer());
        await using var other = await app.StartBeside(("Content:CommentsPerHour", "3"), ("Content:Writers", "staff"));
        var there = other.ClientFor(reader);
        foreach (var client in (HttpClient[])[reader, there, reader])
            await (await client.Post($"/api/v1/posts/{post}/comments", new { content = "Oi" })).Body(HttpStatusCode.Created);
        foreach (var client in (HttpClient[])[reader, there])
            Assert.Equal(HttpStatusCode.TooManyRequests, (await client.Post($"/api/v1/posts/{post}/comments", new { content = "Oi" })).StatusCode);
    }

    [Fact]
    public async Task Whoever_changes_too_much_waits_whatever_it_is_and_whosever()
    {
        var (writer, other) = (await app.Staff(), await app.Staff());
        var (post, theirs) = (await writer.Write(), (await other.PublishNew()).Id());
        var (path, comment) = ($"/api/v1/posts/{post.Id()}", await writer.Say(theirs));
        await (await writer.Patch(path, new { content = "Dois." })).Body();
        var revision = (await writer.Page($"posts/{post.Id()}/revisions")).Rows().Single().Id();
        await using var house = await app.StartBeside(("Content:ChangesPerHour", "5"), ("Content:Writers", "staff"));
        var there = house.ClientFor(writer);
        await (await there.Patch(path, new { content = "Três." })).Body();
        await (await there.Post($"{path}/publish")).Body();
        await (await there.Patch(comment.Path(), new { content = "Melhor." })).Body();
        // The fifth, with the one above. What is another's counts as well, before anything is made of the text.
        await (await there.Patch($"/api/v1/posts/{theirs}", new { content = "Meu!" })).Refusal(HttpStatusCode.NotFound);
        foreach (var answer in (HttpResponseMessage[])
        [
            await there.Patch(path, new { content = "Quatro." }), await there.Post($"{path}/publish"), await there.Patch(comment.Path(), new { content = "De novo." }),
            await there.Post($"{path}/revisions/{revision}/restore"),
        ])
            Assert.Equal(HttpStatusCode.TooManyRequests, answer.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await house.ClientFor(other).Patch($"/api/v1/posts/{theirs}", new { content = "Meu." })).StatusCode);
    }

    [Fact]
    public async Task What_is_reported_once_a_person_waits_for_a_moderator_who_resolves_it_for_all()
    {
        var (post, moderator) = (await NewPost(), app.As(await app.Insert(Roles.Moderator | Roles.Customer)));
        var (one, two) = (await app.Customer(), await app.Customer());
        var comment = await moderator.Say(post, "Duvidoso.");
        Assert.Equal(HttpStatusCode.NoContent, (await one.Post(comment.Path() + "/report", new { reason = "Ofende." })).StatusCode);
        Assert.Equal("already_reported", await (await one.Post(comment.Path() + "/report", new { reason = "De novo." })).Refusal(HttpStatusCode.Conflict));
        Assert.Equal(HttpStatusCode.NoContent, (await two.Post(comment.Path() + "/report", new { reason = "Também acho." })).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await one.Post($"/api/v1/posts/{post}/report", new { reason = "Plágio." })).StatusCode);
        foreach (var client in (HttpClient[])[one, await app.Staff()])
            await (await client.Get("/api/v1/content-reports")).Refusal(HttpStatusCode.Forbidden);

        var open = (await moderator.Page("content-reports?limit=100")).Rows().Where(report => report.GetProperty("postId").GetGuid() == post).ToList();
        Assert.Equal(["Ofende.", "Plágio.", "Também acho."], open.Select(report => report.Text("reason")).Order(StringComparer.Ordinal), StringComparer.Ordinal);
        var asked = open.First(report => !report.IsNull("commentId"));
        Assert.Equal("Duvidoso.", asked.Text("excerpt"));
        var resolved = await (await moderator.Post($"/api/v1/content-reports/{asked.Id()}/resolve", new { resolution = "upheld", note = "Ocultado." })).Body();
        Assert.Equal(("upheld", "Ocultado."), (resolved.Text("resolution"), resolved.Text("note")));
        // Both reports of the comment, and not that of the post.
        Assert.Equal("Plágio.", (await moderator.Page("content-reports?limit=100")).Rows().Single(report => report.GetProperty("postId").GetGuid() == post).Text("reason"));
        var other = app.As(await app.Insert(Roles.Moderator));
        Assert.Equal("already_resolved", await (await other.Post($"/api/v1/content-reports/{asked.Id()}/resolve", new { resolution = "dismissed" })).Refusal(HttpStatusCode.Conflict));
        await (await one.Post($"/api/v1/comments/{Guid.CreateVersion7()}/report", new { reason = "?" })).Refusal(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task What_an_earlier_version_made_is_made_anew()
    {
        var post = await NewPost();
        await (app.As(await app.Insert(Roles.Moderator))).Say(post, "*Oi*");
        await app.Execute($"update content.posts set html = 'velho', rendered_by = 0 where id = {post}");
        await app.Execute($"update content.comments set html = 'velho', rendered_by = 0 where post_id = {post}");
        Assert.Equal("velho", (await app.Guest.PostOf(post)).Text("html"));
        app.Clock.Advance(RenderAnew.Period);
        await app.WithDb(db =>
        {
            db.Schedule(RenderAnew.More, new RenderAnew.Message(Rendered.Version), app.Clock.GetUtcNow());
            return Task.FromResult(true);
        });
        await app.RunJobs();
        Assert.Equal("<p>Era uma vez.</p>", (await app.Guest.PostOf(post)).Text("html").Trim());
        Assert.Equal("<p><em>Oi</em></p>", (await app.Guest.Threads(post)).Single().GetProperty("comment").Text("html").Trim());
    }

    private async Task<Guid> NewPost() => (await (await app.Staff()).PublishNew()).Id();

    public sealed class App(TestPostgres postgres) : QuitandaApp(postgres)
    {
        protected override void Configure(WebApplicationBuilder builder)
        {
            builder.Configuration["Content:Writers"] = "staff";
            builder.Configuration["Content:ApproveComments"] = "true";
            builder.Configuration["Content:CommentsPerHour"] = "3";
        }
    }
}
