using System.Net;
using Quitanda.Platform;
using Quitanda.Tests.Accounts;
using Quitanda.Tests.Catalog;

namespace Quitanda.Tests.Content;

public sealed class CommentTests(WordyApp app) : IClassFixture<WordyApp>
{
    [Fact]
    public async Task Comments_stand_in_two_levels_and_a_page_has_their_answers()
    {
        var (author, reader) = (await app.Customer(), await app.Customer());
        var post = (await author.PublishNew()).Id();
        var first = await reader.Say(post, "# Primeira!\n\n[x](https://b.example)");
        Assert.Equal("<p>Primeira!</p>\n<p><a href=\"https://b.example/\" rel=\"nofollow ugc noopener\">x</a></p>", first.Text("html").Trim());
        app.Clock.Advance(TimeSpan.FromMilliseconds(1));
        var second = await author.Say(post, "Outra.");
        app.Clock.Advance(TimeSpan.FromMilliseconds(1));
        var answer = await author.Say(post, "Resposta.", first.Id());
        app.Clock.Advance(TimeSpan.FromMilliseconds(1));
        var nested = await reader.Say(post, "Réplica.", answer.Id());
        Assert.Equal(first.Id(), nested.GetProperty("parentId").GetGuid());

        var threads = await app.Guest.Threads(post);
        Assert.Equal([first.Id(), second.Id()], threads.Select(thread => thread.GetProperty("comment").Id()));
        Assert.Equal([answer.Id(), nested.Id()], threads[0].GetProperty("answers").EnumerateArray().Select(one => one.Id()));
        Assert.Equal((2, 0), (threads[0].GetProperty("answerCount").GetInt32(), threads[1].GetProperty("answerCount").GetInt32()));
        Assert.Equal(4, await app.Guest.CommentCount(post));

        // Pages of comments, and of answers.
        var page = await app.Guest.Page($"posts/{post}/comments?limit=1");
        Assert.Equal(second.Id(), (await app.Guest.Page($"posts/{post}/comments?limit=1&after={page.GetProperty("meta").Text("next")}")).Rows().Single().GetProperty("comment").Id());
        Assert.Equal([answer.Id(), nested.Id()], (await app.Guest.Threads(post, $"?parent={first.Id()}")).Select(thread => thread.GetProperty("comment").Id()));
        Assert.Equal("comment_gone", await (await reader.Post($"/api/v1/posts/{(await author.PublishNew()).Id()}/comments", new { content = "Cá?", parentId = first.Id() })).Refusal(HttpStatusCode.Conflict));
        Assert.Equal("validation_failed", await (await reader.Post($"/api/v1/posts/{post}/comments", new { content = " \n " })).Refusal(HttpStatusCode.BadRequest));
        var table = string.Concat(Enumerable.Repeat("a|", 100)) + "\n" + string.Concat(Enumerable.Repeat("-|", 100)) + "\n" + string.Concat(Enumerable.Repeat("|\n", 550));
        Assert.Equal("validation_failed", await (await reader.Post($"/api/v1/posts/{post}/comments", new { content = table })).Refusal(HttpStatusCode.BadRequest));
    }

    [Fact]
    public async Task Whoever_said_it_changes_it_and_takes_it_back_and_its_place_stays_while_it_is_answered()
    {
        var (author, reader) = (await app.Customer(), await app.Customer());
        var post = (await author.PublishNew()).Id();
        var comment = await reader.Say(post, "Erado.");
        Assert.True(comment.IsNull("editedAt"));
        var edited = await (await reader.Patch(comment.Path(), new { content = "Errado." })).Body();
        Assert.Equal(("Errado.", false), (edited.Text("content"), edited.IsNull("editedAt")));
        await (await author.Patch(comment.Path(), new { content = "Não." })).Refusal(HttpStatusCode.NotFound);
        await (await author.Delete(comment.Path())).Refusal(HttpStatusCode.NotFound);

        var answer = await author.Say(post, "Concordo.", comment.Id());
        Assert.Equal(HttpStatusCode.NoContent, (await reader.Delete(comment.Path())).StatusCode);
        await (await reader.Delete(comment.Path())).Refusal(HttpStatusCode.NotFound);
        var place = Assert.Single(await app.Guest.Threads(post)).GetProperty("comment");
        Assert.Equal(("deleted", true, true, true), (place.Text("state"), place.IsNull("content"), place.IsNull("html"), place.IsNull("authorId")));
        Assert.Equal(1, await app.Guest.CommentCount(post));
        await (await app.Guest.Get(comment.Path())).Refusal(HttpStatusCode.NotFound);
        Assert.Equal("comment_gone", await (await author.Post($"/api/v1/posts/{post}/comments", new { content = "E?", parentId = comment.Id() })).Refusal(HttpStatusCode.Conflict));
        Assert.Equal(HttpStatusCode.NoContent, (await author.Delete(answer.Path())).StatusCode);
        Assert.Empty(await app.Guest.Threads(post));
    }

    [Fact]
    public async Task Moderators_hide_and_show_and_closed_posts_take_nothing()
    {
        var (author, reader, moderator) = (await app.Customer(), await app.Customer(), app.As(await app.Insert(Roles.Moderator | Roles.Customer)));
        var post = (await author.PublishNew()).Id();
        var comment = await reader.Say(post, "Compre aqui!");
        Assert.Single(await app.Guest.Threads(post));
        await (await author.Post(comment.Path() + "/hide")).Refusal(HttpStatusCode.Forbidden);
        Assert.Equal("hidden", (await (await moderator.Post(comment.Path() + "/hide", new { reason = "Propaganda." })).Body()).Text("state"));
        await (await moderator.Post(comment.Path() + "/hide", new { reason = "Propaganda mesmo." })).Body();
        Assert.Empty(await app.Guest.Threads(post));
        Assert.Equal(0, await app.Guest.CommentCount(post));
        await (await app.Guest.Get(comment.Path())).Refusal(HttpStatusCode.NotFound);
        Assert.Equal("Propaganda mesmo.", (await (await reader.Get(comment.Path())).Body()).Text("hiddenReason"));
        Assert.Equal([comment.Id()], (await moderator.Page($"comments?state=hidden&postId={post}")).Ids());
        Assert.Equal([comment.Id()], (await reader.Page("comments/mine")).Ids());
        await (await moderator.Post(comment.Path() + "/approve")).Body();
        await (await moderator.Post(comment.Path() + "/approve")).Body();
        Assert.Equal(1, await app.Guest.CommentCount(post));

        await (await author.Patch($"/api/v1/posts/{post}", new { commentsOpen = false })).Body();
        Assert.Equal("comments_closed", await (await reader.Post($"/api/v1/posts/{post}/comments", new { content = "Oi" })).Refusal(HttpStatusCode.Conflict));
        await (await author.Post($"/api/v1/posts/{post}/unpublish")).Body();
        await (await app.Guest.Get($"/api/v1/posts/{post}/comments")).Refusal(HttpStatusCode.NotFound);
        await (await app.Guest.Get(comment.Path())).Refusal(HttpStatusCode.NotFound);
        await (await reader.Post($"/api/v1/posts/{post}/comments", new { content = "Oi" })).Refusal(HttpStatusCode.NotFound);
        Assert.Equal(HttpStatusCode.NoContent, (await moderator.Delete(comment.Path())).StatusCode);
    }

    [Fact]
    public async Task The_number_of_comments_is_right_whatever_happens_at_once_on_two_processes()
    {
        await using var other = await app.StartBeside(("Content:CommentsPerHour", "0"));
        var (author, moderator) = (await app.Customer(), app.As(await app.Insert(Roles.Moderator | Roles.Customer)));
        var post = (await author.PublishNew()).Id();
        var readers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => app.Customer()));
        await Task.WhenAll(Enumerable.Range(0, Size.Of(24, 200)).Select(async number =>
        {
            var (reader, keeper) = (readers[number % readers.Length], moderator);
            if (number % 2 == 0)
                (reader, keeper) = (other.ClientFor(reader), other.ClientFor(moderator));
            var comment = await reader.Say(post, $"Comentário {number}");
            Task<HttpResponseMessage>[] then = (number % 4) switch
            {
                0 => [],
                1 => [reader.Delete(comment.Path()), keeper.Post(comment.Path() + "/hide"), reader.Delete(comment.Path())],
                2 => [keeper.Post(comment.Path() + "/hide"), moderator.Post(comment.Path() + "/hide"), keeper.Post(comment.Path() + "/approve"), moderator.Post(comment.Path() + "/approve")],
                _ => [reader.Patch(comment.Path(), new { content = "Outro" }), keeper.Post(comment.Path() + "/hide")],
            };
            foreach (var answer in await Task.WhenAll(then))
                Assert.True((int)answer.StatusCode < 500, $"{answer.RequestMessage} was answered {answer.StatusCode}");
        }));

        var shown = await app.Scalar<long>($"select count(*) from content.comments where post_id = {post} and state = 'shown'");
        Assert.InRange(shown, 1, long.MaxValue);
        Assert.Equal(shown, await author.CommentCount(post));
    }
}
