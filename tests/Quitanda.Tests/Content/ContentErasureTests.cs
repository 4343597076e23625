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
