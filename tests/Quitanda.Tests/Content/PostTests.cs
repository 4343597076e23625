using System.Net;
using System.Text.Json;
using Quitanda.Platform;
using Quitanda.Tests.Accounts;
using Quitanda.Tests.Catalog;
using Quitanda.Tests.Files;

namespace Quitanda.Tests.Content;

public sealed class PostTests(WordyApp app) : IClassFixture<WordyApp>
{
    [Fact]
    public async Task A_post_is_a_draft_that_nobody_else_sees_until_it_is_published()
    {
        var person = await app.Insert();
        var author = app.As(person);
        var title = Writing.NewTitle("Pão de Açúcar & Cia.");
        var post = await (await author.Post("/api/v1/posts", new { title = $" {title} ", content = "# Oi\n\nTudo *bem*?", tags = (string[])["Viagem"] })).Body(HttpStatusCode.Created);
        Assert.Equal((title, "draft", "Oi Tudo bem?"), (post.Text("title"), post.Text("status"), post.Text("excerpt")));
        Assert.Equal("<h1>Oi</h1>\n<p>Tudo <em>bem</em>?</p>", post.Text("html").Trim());
        Assert.StartsWith("pao-de-acucar-cia-n", post.Text("slug"), StringComparison.Ordinal);
        Assert.True(post.IsNull("publishedAt"));

        var customer = await app.Customer();
        foreach (var nobody in (HttpClient[])[app.Guest, customer])
        {
            await (await nobody.Get($"/api/v1/posts/{post.Id()}")).Refusal(HttpStatusCode.NotFound);
            await (await nobody.Get($"/api/v1/posts/{post.Text("slug")}")).Refusal(HttpStatusCode.NotFound);
        }

        foreach (var path in (string[])["", "/publish", "/unpublish", "/archive"])
            await (await customer.Send(path.Length == 0 ? HttpMethod.Patch : HttpMethod.Post, $"/api/v1/posts/{post.Id()}{path}", new { })).Refusal(HttpStatusCode.NotFound);
        Assert.DoesNotContain(post.Id(), (await app.Guest.Page($"posts?author={post.GetProperty("authorId").GetGuid()}")).Ids());
        Assert.Equal([post.Id()], (await author.Page("posts/mine?status=draft")).Ids());

        app.Clock.Advance(TimeSpan.FromMinutes(1));
        author = app.As(person);
        var published = await author.Publish(post.Id());
        Assert.Equal(app.Clock.GetUtcNow(), published.GetProperty("publishedAt").GetDateTimeOffset());
        Assert.Equal("published", (await app.Guest.PostOf(post.Text("slug"))).Text("status"));
        Assert.Equal([post.Id()], (await app.Guest.Page($"users/{post.GetProperty("authorId").GetGuid()}/posts")).Ids());

        await (await author.Post($"/api/v1/posts/{post.Id()}/unpublish")).Body();
        await (await app.Guest.Get($"/api/v1/posts/{post.Text("slug")}")).Refusal(HttpStatusCode.NotFound);
        Assert.Empty((await app.Guest.Page($"users/{post.GetProperty("authorId").GetGuid()}/posts")).Ids());
        app.Clock.Advance(TimeSpan.FromMinutes(1));
        author = app.As(person);
        // It returns where it was, and is told of no more.
        Assert.Equal(published.GetProperty("publishedAt").GetDateTimeOffset(), (await author.Publish(post.Id())).GetProperty("publishedAt").GetDateTimeOffset());
        await (await author.Post($"/api/v1/posts/{post.Id()}/archive")).Body();
        await (await app.Guest.Get($"/api/v1/posts/{post.Id()}")).Refusal(HttpStatusCode.NotFound);
        Assert.Equal("archived", (await author.PostOf(post.Id())).Text("status"));
        Assert.Equal(HttpStatusCode.NoContent, (await author.Delete($"/api/v1/posts/{post.Id()}")).StatusCode);
        await (await author.Get($"/api/v1/posts/{post.Id()}")).Refusal(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task An_old_slug_leads_to_the_present_one_and_nobody_else_takes_it()
    {
        var author = app.As(await app.Insert());
        var title = Writing.NewTitle("Segredo");
        var post = await author.PublishNew(title);
        var (old, now) = (post.Text("slug"), post.Text("slug") + "-revelado");
        Assert.Equal(now, (await (await author.Patch($"/api/v1/posts/{post.Id()}", new { slug = now })).Body()).Text("slug"));

        var moved = await app.Guest.Get($"/api/v1/posts/{old}");
        Assert.Equal((HttpStatusCode.MovedPermanently, $"/api/v1/posts/{now}"), (moved.StatusCode, moved.Headers.Location?.ToString()));
        Assert.Equal(post.Id(), (await app.Guest.PostOf(now)).Id());

        // Another of the same title gets a number; one that asks for the old slug itself is refused.
        Assert.Equal($"{old}-2", (await author.Write(title)).Text("slug"));
        Assert.Equal("slug_taken", await (await author.Post("/api/v1/posts", new { title, content = "", slug = old })).Refusal(HttpStatusCode.Conflict));
        Assert.Equal(old, (await (await author.Patch($"/api/v1/posts/{post.Id()}", new { slug = old })).Body()).Text("slug"));
        Assert.Equal(HttpStatusCode.MovedPermanently, (await app.Guest.Get($"/api/v1/posts/{now}")).StatusCode);
        foreach (var bad in (string[])["mine", "search", "Ola", "a--b", "-a", "a b", Guid.CreateVersion7().ToString()])
            Assert.Equal("validation_failed", await (await author.Patch($"/api/v1/posts/{post.Id()}", new { slug = bad })).Refusal(HttpStatusCode.BadRequest));
        // What is not there for them does not say where it went.
        await (await author.Post($"/api/v1/posts/{post.Id()}/unpublish")).Body();
        await (await app.Guest.Get($"/api/v1/posts/{now}")).Refusal(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task No_slug_that_somebody_chose_stops_a_title()
    {
        var author = app.As(await app.Insert());
        foreach (var number in (string[])["9999", "99999", "999999999", "9999999999"])
        {
            var title = Writing.NewTitle("Novidades");
            var slug = (await author.Write(title)).Text("slug");
            await (await author.Post("/api/v1/posts", new { title, content = "", slug = $"{slug}-{number}" })).Body(HttpStatusCode.Created);
            List<string> made = [];
            for (var times = 0; times < 3; times++)
                made.Add((await author.Write(title)).Text("slug"));
            Assert.All(made, one => Assert.StartsWith(slug + "-", one, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_post_has_so_many_slugs_and_may_always_take_back_one_of_its_own()
    {
        var author = app.As(await app.Insert());
        var post = await author.PublishNew();
        var (path, own) = ($"/api/v1/posts/{post.Id()}", post.Text("slug"));
        await app.Execute($"insert into content.slugs (slug, post_id) select {own} || '-velho-' || n, {post.Id()} from generate_series(1, 49) n");
        Assert.Equal("too_many_slugs", await (await author.Patch(path, new { slug = own + "-novo" })).Refusal(HttpStatusCode.Conflict));
        Assert.Equal(own + "-velho-7", (await (await author.Patch(path, new { slug = own + "-velho-7" })).Body()).Text("slug"));
        Assert.Equal("slug_taken", await (await author.Patch(path, new { slug = (await author.Write()).Text("slug") })).Refusal(HttpStatusCode.Conflict));
        Assert.Equal(HttpStatusCode.MovedPermanently, (await app.Guest.Get($"/api/v1/posts/{own}")).StatusCode);
    }

    [Fact]
    public async Task The_words_of_a_title_and_of_tags_are_learned_when_they_are_published()
    {
        var author = app.As(await app.Insert());
        var (title, tag, later) = ($"Segredinho{Writing.NewTitle("q").Replace(" ", "", StringComparison.Ordinal)}", $"Etiqueta{Writing.NewTitle("q").Replace(" ", "", StringComparison.Ordinal)}", $"Depois{Writing.NewTitle("q").Replace(" ", "", StringComparison.Ordinal)}");
        var post = await author.Write(title, tags: [tag]);
        var path = $"/api/v1/posts/{post.Id()}";
        await (await author.Patch(path, new { title = later, tags = (string[])[tag] })).Body();
        await (await author.Post($"{path}/publish", new { at = app.Clock.GetUtcNow().AddDays(1) })).Body();
        Assert.Empty(await Learned());
        await author.Publish(post.Id());
        Assert.Equal([later.ToLowerInvariant(), tag.ToLowerInvariant()], await Learned(), StringComparer.Ordinal);
        await (await author.Patch(path, new { title })).Body();
        Assert.Equal([later.ToLowerInvariant(), tag.ToLowerInvariant(), title.ToLowerInvariant()], await Learned(), StringComparer.Ordinal);

        Task<List<string>> Learned() => app.WithDb(db => db.Read(
            $"select word from content.search_words where word = any({(string[])[title.ToLowerInvariant(), tag.ToLowerInvariant(), later.ToLowerInvariant()]}) order by word", row => row.GetString(0), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Posts_of_one_title_at_once_have_slugs_of_their_own()
    {
        var author = app.As(await app.Insert());
        var title = Writing.NewTitle("Corrida");
        var slugs = (await Task.WhenAll(Enumerable.Range(0, Size.Of(8, 50)).Select(_ => author.Write(title)))).Select(post => post.Text("slug")).ToList();
        Assert.Equal(slugs.Count, slugs.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public async Task Every_text_is_kept_and_can_come_back()
    {
        var person = await app.Insert();
        await app.Execute($"update accounts.users set name = 'Ana Souza' where id = {person.Id}");
        var (author, moderator) = (app.As(person), app.As(await app.Insert(Roles.Moderator | Roles.Customer)));
        var post = await author.PublishNew(content: "Primeiro.");
        var path = $"/api/v1/posts/{post.Id()}";
        Assert.Equal(2, (await (await author.Patch(path, new { content = "Segundo." })).Body()).GetProperty("revision").GetInt32());
        Assert.Equal(2, (await (await author.Patch(path, new { content = "Segundo.", commentsOpen = false })).Body()).GetProperty("revision").GetInt32());
        Assert.Equal(3, (await (await moderator.Patch(path, new { title = "Outro título", excerpt = "Em poucas palavras" })).Body()).GetProperty("revision").GetInt32());

        var list = (await author.Page($"posts/{post.Id()}/revisions")).Rows();
        Assert.Equal([2, 1], list.Select(revision => revision.GetProperty("number").GetInt32()));
        Assert.All(list, revision => Assert.Equal(("Ana S.", person.Id), (revision.Text("writer"), revision.GetProperty("writtenBy").GetGuid())));
        var first = $"{path}/revisions/{list[1].Id()}";
        Assert.Equal("Primeiro.", (await (await author.Get(first)).Body()).Text("content"));

        var restored = await (await author.Post($"{first}/restore")).Body();
        Assert.Equal(("Primeiro.", "<p>Primeiro.</p>", 4, post.Text("title")), (restored.Text("content"), restored.Text("html").Trim(), restored.GetProperty("revision").GetInt32(), restored.Text("title")));
        Assert.Equal("Primeiro.", restored.Text("excerpt"));
        Assert.Equal("Outro título", (await moderator.Page($"posts/{post.Id()}/revisions?limit=1")).Rows()[0].Text("title"));
        Assert.Equal("Primeiro.", (await app.Guest.PostOf(post.Id())).Text("content"));
        foreach (var stranger in (HttpClient[])[await app.Customer(), await app.Staff()])
        {
            await (await stranger.Get($"{path}/revisions")).Refusal(HttpStatusCode.NotFound);
            await (await stranger.Get(first)).Refusal(HttpStatusCode.NotFound);
            await (await stranger.Post($"{first}/restore")).Refusal(HttpStatusCode.NotFound);
        }

        // Two who write at once: neither text is lost.
        await Task.WhenAll(Enumerable.Range(0, 6).Select(async number => await (await (number % 2 == 0 ? author : moderator).Patch(path, new { content = $"Texto {number}." })).Body()));
        var texts = await app.WithDb(db => db.Read($"select content from content.revisions where post_id = {post.Id()} union all select content from content.posts where id = {post.Id()}", row => row.GetString(0), TestContext.Current.CancellationToken));
        Assert.All(Enumerable.Range(0, 6), number => Assert.Contains($"Texto {number}.", texts, StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_post_that_waits_is_published_at_its_time_and_once()
    {
        var person = await app.Insert();
        var author = app.As(person);
        var (post, early) = (await author.Write(), app.Clock.GetUtcNow().AddHours(1));
        var at = early.AddHours(1).AddTicks(7);
        Assert.Equal("scheduled", (await (await author.Post($"/api/v1/posts/{post.Id()}/publish", new { at = early })).Body()).Text("status"));
        Assert.Equal("scheduled", (await (await author.Post($"/api/v1/posts/{post.Id()}/publish", new { at })).Body()).Text("status"));
        Assert.Equal("validation_failed", await (await author.Post($"/api/v1/posts/{post.Id()}/publish", new { at = app.Clock.GetUtcNow() })).Refusal(HttpStatusCode.BadRequest));
        var taken = await author.Write();
        await (await author.Post($"/api/v1/posts/{taken.Id()}/publish", new { at })).Body();
        await (await author.Post($"/api/v1/posts/{taken.Id()}/unpublish")).Body();

        app.Clock.Advance(TimeSpan.FromMinutes(90));
        await app.RunJobs();
        await (await app.Guest.Get($"/api/v1/posts/{post.Id()}")).Refusal(HttpStatusCode.NotFound);
        app.Clock.Advance(TimeSpan.FromHours(1));
        await Task.WhenAll(app.RunJobs(), app.RunJobs());
        var published = await app.Guest.PostOf(post.Id());
        Assert.Equal(at.AddTicks(-7), published.GetProperty("publishedAt").GetDateTimeOffset());
        Assert.True(published.IsNull("scheduledFor"));
        await (await app.Guest.Get($"/api/v1/posts/{taken.Id()}")).Refusal(HttpStatusCode.NotFound);
        Assert.Equal("already_published", await (await app.As(person).Post($"/api/v1/posts/{post.Id()}/publish", new { at = app.Clock.GetUtcNow().AddDays(1) })).Refusal(HttpStatusCode.Conflict));
    }

    [Fact]
    public async Task Views_and_comments_do_not_make_another_version_of_a_text()
    {
        var author = app.As(await app.Insert());
        var post = await author.PublishNew();
        var path = $"/api/v1/posts/{post.Id()}";
        var tag = await author.TagOf(path);
        await app.Guest.PostOf(post.Id());
        await app.Execute($"update content.posts set view_count = view_count + 17 where id = {post.Id()}");
        await (await app.Customer()).Say(post.Id());
        Assert.Equal(1, (await author.PostOf(post.Id())).GetProperty("commentCount").GetInt32());
        Assert.Equal(tag, await author.TagOf(path));

        var changed = await author.SendIf(HttpMethod.Patch, path, tag, new { title = "Outra \"viewCount\":1" });
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
        Assert.Equal(await author.TagOf(path), changed.Tag());
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await author.SendIf(HttpMethod.Patch, path, tag, new { title = "Mais uma" })).StatusCode);
    }

    [Fact]
    public async Task Answers_are_kept_for_guests_until_what_they_show_is_another()
    {
        var person = await app.Insert();
        var author = app.As(person);
        var post = await author.PublishNew(content: "Antes.");
        var path = $"/api/v1/posts/{post.Id()}";
        Assert.Equal("Antes.", (await app.Guest.PostOf(post.Id())).Text("content"));
        await app.Execute($"update content.posts set content = 'Às escondidas' where id = {post.Id()}");
        Assert.Equal("Antes.", (await app.Guest.PostOf(post.Id())).Text("content"));
        // Whoever is signed in reads what they may change.
        Assert.Equal("Às escondidas", (await author.PostOf(post.Id())).Text("content"));
        await (await author.Patch(path, new { content = "Depois." })).Body();
        Assert.Equal("Depois.", (await app.Guest.PostOf(post.Id())).Text("content"));
        await (await author.Patch("/api/v1/users/me", new { firstName = "Maria", lastName = "Ávila" })).Body();
        Assert.Equal("Maria Á.", (await app.Guest.PostOf(post.Id())).Text("author"));
    }

    [Fact]
    public async Task Only_moderators_see_and_change_what_is_others()
    {
        var (author, moderator) = (app.As(await app.Insert()), app.As(await app.Insert(Roles.Moderator | Roles.Customer)));
        var draft = await author.Write();
        Assert.Equal([draft.Id()], (await moderator.Page($"posts?status=draft&author={draft.GetProperty("authorId").GetGuid()}")).Ids());
        foreach (var other in (HttpClient[])[app.Guest, author])
            Assert.Equal("forbidden", await (await other.Get("/api/v1/posts?status=draft")).Refusal(HttpStatusCode.Forbidden));
        Assert.Equal("Melhor assim", (await (await moderator.Patch($"/api/v1/posts/{draft.Id()}", new { title = "Melhor assim" })).Body()).Text("title"));
        var admin = app.As(await app.Insert(Roles.Admin));
        Assert.Contains((await (await admin.Get($"/api/v1/audit-log?resource=posts/{draft.Id()}")).Body()).Rows(), row => row.Text("action") == "ChangePost");
        Assert.Equal(HttpStatusCode.NoContent, (await moderator.Delete($"/api/v1/posts/{draft.Id()}")).StatusCode);
    }

    [Fact]
    public async Task A_cover_is_an_image_of_whoever_sets_it()
    {
        var author = app.As(await app.Insert());
        var file = (await author.Uploaded(Samples.Png(), "public")).Id();
        var post = await author.Write();
        var path = $"/api/v1/posts/{post.Id()}";
        var covered = await (await author.Patch(path, new { coverFileId = file })).Body();
        Assert.Equal(file, covered.GetProperty("cover").Id());
        Assert.Equal("file_in_use", await (await author.Delete($"/api/v1/files/{file}")).Refusal(HttpStatusCode.Conflict));
        var others = (await (await app.Customer()).Uploaded(Samples.Png(), "public")).Id();
        Assert.Equal("unusable_file", await (await author.Patch(path, new { coverFileId = others })).Refusal(HttpStatusCode.Conflict));
        Assert.Equal(JsonValueKind.Null, (await (await author.Patch(path, new { coverFileId = (Guid?)null })).Body()).GetProperty("cover").ValueKind);
        Assert.Equal(HttpStatusCode.NoContent, (await author.Delete($"/api/v1/files/{file}")).StatusCode);
    }
}
