using System.Net;
using Quitanda.Content.Comments;
using Quitanda.Content.Posts;
using Quitanda.Content.Reports;
using Quitanda.Platform;
using Quitanda.Tests.Accounts;
using Quitanda.Tests.Catalog;

namespace Quitanda.Tests.Content;

public sealed class PostListTests(WordyApp app) : IClassFixture<WordyApp>
{
    [Theory]
    [InlineData("", new[] { 3, 2, 1, 0 })]
    [InlineData("&sort=publishedAt", new[] { 0, 1, 2, 3 })]
    [InlineData("&sort=-viewCount", new[] { 1, 0, 2, 3 })]
    [InlineData("&sort=viewCount", new[] { 3, 2, 0, 1 })]
    public async Task Posts_are_sorted_and_cursors_walk_them(string query, int[] expected)
    {
        var author = await app.Customer();
        var word = Writing.NewTitle("t").Replace(" ", "", StringComparison.Ordinal);
        var posts = new List<System.Text.Json.JsonElement>();
        for (var number = 0; number < 4; number++)
        {
            app.Clock.Advance(TimeSpan.FromMilliseconds(1));
            posts.Add(await author.PublishNew($"Sobre {word} {number}", tags: [word]));
        }

        await author.Write($"Sobre {word}", tags: [word]);
        await app.Execute($"update content.posts set view_count = case id when {posts[1].Id()} then 9 when {posts[0].Id()} then 5 when {posts[2].Id()} then 2 else 1 end where id = any({posts.Select(post => post.Id()).ToArray()})");
        foreach (var filter in (string[])[$"author={posts[0].GetProperty("authorId").GetGuid()}", $"tag={word}", $"search={word}", $"search=sobr&tag={word}&author={posts[0].GetProperty("authorId").GetGuid()}"])
        {
            List<Guid> seen = [];
            for (string? after = ""; after is not null;)
            {
                var page = await app.Guest.Page($"posts?limit=2&{filter}{query}{(after.Length > 0 ? $"&after={after}" : "")}");
                seen.AddRange(page.Ids());
                after = page.GetProperty("meta").GetProperty("next").GetString();
            }

            Assert.Equal(expected.Select(number => posts[number].Id()), seen);
            Assert.Equal(4, (await app.Guest.Page($"posts?page=1&{filter}{query}")).GetProperty("meta").GetProperty("total").GetInt32());
        }

        await (await app.Guest.Get("/api/v1/posts?sort=title")).Refusal(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_search_finds_words_whatever_their_accents_case_and_number_the_best_first_and_no_draft()
    {
        var author = await app.Customer();
        var word = Writing.NewTitle("w").Replace(" ", "", StringComparison.Ordinal);
        var inText = await author.PublishNew(Writing.NewTitle("Um texto"), $"No fim há maçãs {word}.");
        var tagged = await author.PublishNew(Writing.NewTitle("Outro texto"), "Nada aqui.", [$"Maçãs {word}"]);
        var titled = await author.PublishNew($"Receita de maçãs {word}");
        var begun = await author.PublishNew($"Maçãs {word} em conserva");
        var draft = await author.Write($"Maçãs {word}");

        Assert.Equal([begun.Id(), titled.Id(), tagged.Id(), inText.Id()], (await app.Guest.Page($"posts/search?q=MACAS%20{word}")).Ids());
        Assert.Equal([begun.Id(), titled.Id(), tagged.Id(), inText.Id()], (await app.Guest.Page($"posts/search?q={word}%20ma%C3%A7%C3%A3")).Ids().OrderBy(id => id != begun.Id()).ThenBy(id => id == inText.Id()).ThenBy(id => id == tagged.Id()));
        Assert.Equal(4, (await app.Guest.Page($"posts?search=maca%20{word}")).Ids().Count);
        Assert.Equal([tagged.Id()], (await app.Guest.Page($"posts/search?q={word}&tag=macas-{word}")).Ids());
        Assert.DoesNotContain(draft.Id(), (await author.Page($"posts/search?q={word}")).Ids());
        // A letter too many, and one that is taken back.
        Assert.Contains(titled.Id(), (await app.Guest.Page($"posts/search?q=maccas%20{word}")).Ids());
        await (await author.Post($"/api/v1/posts/{titled.Id()}/unpublish")).Body();
        Assert.DoesNotContain(titled.Id(), (await app.Guest.Page($"posts/search?q={word}")).Ids());
        await (await author.Patch($"/api/v1/posts/{inText.Id()}", new { content = "Sem nada." })).Body();
        Assert.DoesNotContain(inText.Id(), (await app.Guest.Page($"posts/search?q={word}")).Ids());
        Assert.Empty((await app.Guest.Page("posts/search?q=%25%25%25")).Ids());
    }
}

/// <summary>Reads the plans of lists and searches over so many posts that reading all of them would show.</summary>
public sealed class PostIndexTests(PostIndexTests.LargeSite app) : IClassFixture<PostIndexTests.LargeSite>
{
    [Fact]
    public async Task No_list_reads_all_there_is()
    {
        var author = await app.Scalar<Guid>($"select author_id from content.posts where status = 'published' limit 1");
        var post = await app.Scalar<Guid>($"select post_id from content.comments limit 1");
        List<string> wrong = [];
        foreach (var filter in new ListPosts.Query[] { new(), new() { Tag = "raro" }, new() { Tag = "comum" }, new() { Author = author }, new() { Author = author, Tag = "comum" } })
        {
            var way = PostWay.Of(filter);
            foreach (var sort in way.Sorts)
                foreach (var direction in (string[])["asc", "desc"])
                    await Look($"select {ListedPost.Columns} from {way.From} where {way.Where} order by {Sql.Raw(sort.Column)} {Sql.Raw(direction)}, {Sql.Raw(way.Id)} {Sql.Raw(direction)} limit 21", hasOnePlan: true);
        }

        foreach (var search in (string[])["agulha", "palha"])
        {
            var asked = new SearchPosts.Asked(WantedWords.Of(search, "content")!, Otherwise: null);
            foreach (var listed in new ListPosts.Query[] { new() { Search = search }, new() { Search = search, Tag = "comum" }, new() { Search = search, Author = author } })
            {
                var way = PostWay.Of(listed);
                var few = await app.WithDb(db => ListPosts.Few(listed, db, TestContext.Current.CancellationToken));
                Assert.Equal(search == "agulha", few is not null);
                foreach (var sort in way.Sorts)
                    await Look($"select {ListedPost.Columns} from {way.From} where {ListPosts.Where(listed, way, few)} order by {Sql.Raw(sort.Column)} desc, {Sql.Raw(way.Id)} desc limit 21", hasOnePlan: false);
            }

            foreach (var filter in new SearchPosts.Query[] { new() { Q = search }, new() { Q = search, Tag = "raro" }, new() { Q = search, Author = author } })
                await Look($"{SearchPosts.Ranked(asked, filter)} select * from found order by score desc, id desc limit 21", hasOnePlan: true);
        }

        foreach (var query in new ListPostComments.Query[] { new(), new() { Parent = Guid.CreateVersion7() } })
            await Look($"select {Comment.Columns} from content.comments c where {ListPostComments.Where(post, query)} order by c.created_at, c.id limit 21", hasOnePlan: true);
        foreach (var query in new ListComments.Query[] { new(), new() { State = "pending" }, new() { PostId = post }, new() { Author = author } })
            await Look($"select {Comment.Columns} from content.comments c where {ListComments.Where(query)} order by c.created_at desc, c.id desc limit 21", hasOnePlan: false);
        await Look($"select {Report.Columns} from content.reports r where {ListContentReports.Where(new())} order by r.created_at, r.id limit 21", hasOnePlan: false);
        await Look($"select p.id from content.posts p where p.author_id = {author} order by p.created_at desc, p.id desc limit 21", hasOnePlan: true);
        await Look($"select p.id from content.posts p where p.id = (select post_id from content.slugs where slug = {"p7"})", hasOnePlan: true);
        Assert.Empty(wrong);

        async Task Look(Sql statement, bool hasOnePlan)
        {
            var plan = await app.PlanOf(statement, hasOnePlan);
            if (plan.Contains("Seq Scan on posts", StringComparison.Ordinal) || plan.Contains("Seq Scan on post_", StringComparison.Ordinal) || plan.Contains("Seq Scan on comments", StringComparison.Ordinal))
                wrong.Add($"{statement}\n{plan}");
        }
    }

    public sealed class LargeSite(TestPostgres postgres) : QuitandaApp(postgres), IAsyncLifetime
    {
        async ValueTask IAsyncLifetime.InitializeAsync()
        {
            await InitializeAsync();
            await this.Execute($"""
                insert into content.posts (id, slug, author_id, title, lead, content, html, rendered_by, status, published_at, comments_open, comment_count, view_count, revision, written_at, created_at, updated_at)
                select md5(n::text)::uuid, 'p' || n, md5((n % 300)::text)::uuid, 'p' || n, '', '', '', 1, case when n % 10 = 0 then 'draft' else 'published' end, now() - make_interval(secs => n * 7907 % 10009), true, 0,
                    n * 31 % 977, 1, now(), now() - make_interval(secs => n * 7907 % 10009), now()
                from generate_series(1, 20000) n
                """);
            await this.Execute($"insert into content.slugs (slug, post_id) select slug, id from content.posts");
            await this.Execute($"""
                insert into content.tags (id, slug, name, name_folded, words, created_at, updated_at)
                select md5(word)::uuid, word, word, word, word, now(), now() from unnest(array['raro', 'comum']) word
                """);
            await this.Execute($"""
                insert into content.post_tags (post_id, tag_id, position, published_at)
                select md5(n::text)::uuid, md5(case when n % 2000 = 1 then 'raro' else 'comum' end)::uuid, 0, p.published_at
                from generate_series(1, 20000) n join content.posts p on p.id = md5(n::text)::uuid where n % 2 = 1
                """);
            await this.Execute($"""
                insert into content.post_search (post_id, is_published, title, labels, text)
                select md5(n::text)::uuid, n % 10 <> 0, 'p' || n, '', case when n % 997 = 0 then 'agulha' else 'palha' end from generate_series(1, 20000) n
                """);
            await this.Execute($"""
                insert into content.comments (id, post_id, author_id, state, content, html, rendered_by, posted_at, created_at)
                select gen_random_uuid(), md5((n % 200 + 1)::text)::uuid, md5((n % 300)::text)::uuid, case when n % 500 = 0 then 'pending' else 'shown' end, 'x', 'x', 1, now(), now() - make_interval(secs => n * 7907 % 10009)
                from generate_series(1, 20000) n
                """);
            await this.Execute($"analyze content.posts, content.slugs, content.tags, content.post_tags, content.post_search, content.comments");
        }

        public async Task<string> PlanOf(Sql statement, bool hasOnePlan)
        {
            List<string> plan = [];
            async Task Read(Npgsql.NpgsqlDataReader reader)
            {
                while (await reader.ReadAsync(TestContext.Current.CancellationToken))
                    plan.Add(reader.GetString(0));
            }

            await this.WithDb(async db =>
            {
                var explained = Sql.Of($"explain {statement}");
                await (hasOnePlan ? db.Reading([explained], Read, TestContext.Current.CancellationToken) : db.ReadingPlanned([explained], Read, TestContext.Current.CancellationToken));
                return true;
            });
            return string.Join('\n', plan);
        }
    }
}
