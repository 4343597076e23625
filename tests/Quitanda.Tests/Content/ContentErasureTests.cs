using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Content;
using Quitanda.Platform;
using Quitanda.Tests.Accounts;
using Quitanda.Tests.Catalog;
using Quitanda.Tests.Files;

namespace Quitanda.Tests.Content;

public sealed class ContentErasureTests(WordyApp app) : IClassFixture<WordyApp>
{
    [Fact]
    public async Task Whoever_is_erased_leaves_published_posts_without_a_name_and_places_of_comments()
    {
        var email = People.NewEmail();
        var registered = await app.Register(email);
        var (me, other) = (app.CreateClient(registered.Text("accessToken")), await app.Customer());
        var image = (await me.Uploaded(Samples.Png(), "public")).Id();
        var post = await me.PublishNew(content: "Um.");
        var path = $"/api/v1/posts/{post.Id()}";
        await (await me.Patch(path, new { content = "Dois.", coverFileId = image })).Body();
        var draft = await me.Write("Rascunho secreto");
        var theirs = await other.PublishNew();
        await (await other.Patch($"/api/v1/posts/{theirs.Id()}", new { content = "Depois." })).Body();
        var answered = await me.Say(theirs.Id(), "Palavras minhas.");
        var answer = await other.Say(theirs.Id(), "Resposta.", answered.Id());
        var alone = await me.Say(theirs.Id(), "Sem resposta.");
        await me.Post($"/api/v1/posts/{theirs.Id()}/report", new { reason = "Não gostei." });
        Assert.Equal(3, await app.Guest.CommentCount(theirs.Id()));

        var export = await (await me.Get("/api/v1/users/me/export")).Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        foreach (var held in (string[])["Rascunho secreto", "Dois.", "Um.", "Palavras minhas.", "Sem resposta.", "Não gostei."])
            Assert.Contains(held, JsonDocument.Parse(export).RootElement.GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain("Resposta.", export.Replace("Sem resposta.", "", StringComparison.Ordinal), StringComparison.Ordinal);

        Assert.Equal(HttpStatusCode.NoContent, (await me.Delete("/api/v1/users/me")).StatusCode);
        await app.RunJobs();
        var left = await app.Guest.PostOf(post.Id());
        Assert.Equal(("Dois.", true, true, true), (left.Text("content"), left.IsNull("author"), left.IsNull("authorId"), left.IsNull("cover")));
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from content.posts where id = {draft.Id()}"));
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from content.revisions where post_id = {post.Id()}"));
        var thread = Assert.Single(await app.Guest.Threads(theirs.Id()));
        Assert.Equal(("deleted", true), (thread.GetProperty("comment").Text("state"), thread.GetProperty("comment").IsNull("content")));
        Assert.Equal(answer.Id(), Assert.Single(thread.GetProperty("answers").EnumerateArray().ToList()).Id());
        Assert.Equal(1, await app.Guest.CommentCount(theirs.Id()));
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from content.comments where id = {alone.Id()}"));
        Assert.Equal(1, await app.Scalar<long>($"select count(*) from content.reports where post_id = {theirs.Id()} and reporter_id is null"));
        var person = registered.GetProperty("user").Id();
        Assert.Equal(0, await app.Scalar<long>($"""
            select (select count(*) from content.posts where author_id = {person} or written_by = {person} or cover_by = {person}) + (select count(*) from content.comments where author_id = {person})
                + (select count(*) from content.revisions where written_by = {person}) + (select count(*) from content.reports where reporter_id = {person} or resolved_by = {person})
            """));
    }

    [Fact]
    public async Task An_open_report_stays_open_whoever_reported_the_same_before_and_is_gone()
    {
        var (post, moderator) = ((await (await app.Customer()).PublishNew()).Id(), app.As(await app.Insert(Roles.Moderator | Roles.Customer)));
        async Task ReportAndGo(string reason)
        {
            var client = app.CreateClient((await app.Register()).Text("accessToken"));
            Assert.Equal(HttpStatusCode.NoContent, (await client.Post($"/api/v1/posts/{post}/report", new { reason })).StatusCode);
            Assert.Equal(HttpStatusCode.NoContent, (await client.Delete("/api/v1/users/me")).StatusCode);
            await app.RunJobs();
        }

        await ReportAndGo("Primeira.");
        await ReportAndGo("A mesma coisa.");
        var open = Assert.Single(await Open());
        await (await moderator.Post($"/api/v1/content-reports/{open.Id()}/resolve", new { resolution = "dismissed" })).Body();
        await ReportAndGo("Mudou, e agora é grave.");
        Assert.Equal("Mudou, e agora é grave.", Assert.Single(await Open()).Text("reason"));

        async Task<List<JsonElement>> Open() => [.. (await moderator.Page("content-reports?limit=100")).Rows().Where(report => report.GetProperty("postId").GetGuid() == post)];
    }

    [Fact]
    public async Task A_draft_that_goes_lets_go_of_a_cover_that_somebody_else_set()
    {
        var (registered, moderator) = (await app.Register(), app.As(await app.Insert(Roles.Moderator | Roles.Customer)));
        var me = app.CreateClient(registered.Text("accessToken"));
        var (draft, image) = ((await me.Write()).Id(), (await moderator.Uploaded(Samples.Png(), "public")).Id());
        await (await moderator.Patch($"/api/v1/posts/{draft}", new { coverFileId = image })).Body();
        await (await moderator.Delete($"/api/v1/files/{image}")).Refusal(HttpStatusCode.Conflict);
        Assert.Equal(HttpStatusCode.NoContent, (await me.Delete("/api/v1/users/me")).StatusCode);
        await app.RunJobs();
        Assert.Equal(HttpStatusCode.NoContent, (await moderator.Delete($"/api/v1/files/{image}")).StatusCode);
    }

    [Fact]
    public async Task The_demo_has_posts_that_can_be_read_found_and_asked_for_by_tag()
    {
        await app.WithDb(async db =>
        {
            var people = new DemoPeople();
            people.ByRole["staff"] = new((await app.Insert(Roles.Staff)).Id, "staff@example.com", "x");
            var demo = app.Services.GetServices<IDemo>().Single(one => one.GetType().Assembly == typeof(ContentModule).Assembly);
            await demo.Fill(db, people, TestContext.Current.CancellationToken);
            await db.Flush(TestContext.Current.CancellationToken);
            Assert.False(await demo.IsEmpty(db, TestContext.Current.CancellationToken));
            return true;
        });
        Assert.Contains("<table>", (await app.Guest.PostOf("quantos-salgados-por-pessoa")).Text("html"), StringComparison.Ordinal);
        Assert.Single((await app.Guest.Page("posts?tag=vegetariano")).Ids());
        Assert.NotEmpty((await app.Guest.Page("posts/search?q=coxinhas")).Ids());
    }
}
