using System.Security.Cryptography;
using System.Text.Json.Serialization;
using Quitanda.Content.Comments;
using Quitanda.Content.Markup;
using Quitanda.Content.Tags;
using Quitanda.Platform;

namespace Quitanda.Content.Posts;

/// <summary>Takes in what was written elsewhere: some statements for all of it. Its Markdown is made into HTML as anybody's.</summary>
internal sealed class PostIntake(Db db, PostText texts, TimeProvider clock) : IContentIntake
{
    public async Task<IReadOnlyList<Arrival>> Take(IReadOnlyList<IncomingPost> posts, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var rows = posts.Select(post => Of(post, now)).ToList();
        var wanted = rows.Where(row => row.Arrival.MayCome).ToList();
        if (wanted.Count == 0)
            return [.. rows.Select(row => row.Arrival)];

        db.GoTogether(PostTags.Gate);
        await Name(wanted, ct);
        await db.Execute(
            $"""
            insert into content.posts (
                id, slug, author_id, title, excerpt, lead, content, html, rendered_by, status, published_at, scheduled_for, comments_open, comment_count, view_count, revision, written_by, written_at, created_at, updated_at)
            select id, slug, "authorId", title, excerpt, lead, content, html, {Rendered.Version}, case when "publishedAt" is not null then 'published' when "scheduledFor" is not null then 'scheduled' else 'draft' end, "publishedAt", "scheduledFor", true, 0, views, 1, "authorId",
                "updatedAt", "createdAt", "updatedAt"
            from jsonb_to_recordset({Sql.Json(wanted)}) as row (
                id uuid, slug text, "authorId" uuid, title text, excerpt text, lead text, content text, html text, "publishedAt" timestamptz, "scheduledFor" timestamptz, views bigint, "createdAt" timestamptz, "updatedAt" timestamptz)
            """, ct);
        foreach (var row in wanted)
            if (row.ScheduledFor is { } at)
                db.Schedule(PublishOnTime.Kind, new PublishOnTime.Message(row.Id, at), at);
        await Tag(wanted, now, ct);
        await db.Execute(
            $"""
            insert into content.post_search (post_id, is_published, title, labels, text)
            select id, "publishedAt" is not null, words, coalesce((select string_agg(t.words, ' ' order by x.position, t.id) from content.post_tags x join content.tags t on t.id = x.tag_id where x.post_id = w.id), ''), described
            from jsonb_to_recordset({Sql.Json(wanted)}) as w (id uuid, "publishedAt" timestamptz, words text, described text)
            """, ct);
        var published = wanted.Where(row => row.PublishedAt is not null).ToList();
        PostIndex.Learn(db, [.. published.Select(row => row.Words), .. published.SelectMany(row => row.Tags).Select(tag => SearchWords.OfName(tag.Name))]);
        Post.EvictLists(db);
        return [.. rows.Select(row => row.Arrival)];
    }

    public Task<IReadOnlyList<Arrival>> TakeComments(IReadOnlyList<IncomingComment> comments, CancellationToken ct) => CommentIntake.Take(db, comments, clock.GetUtcNow(), ct);

    /// <summary>Takes a slug for each, for good. Those whose slug another has, or had, get letters of their own behind it: the same ones whenever they come.</summary>
    private async Task Name(List<Row> rows, CancellationToken ct)
    {
        var fresh = new HashSet<string>(StringComparer.Ordinal);
        foreach (var row in rows.Where(row => !fresh.Add(row.Slug)))
            Apart(row);
        var taken = await Claim(rows);
        var others = rows.Where(row => !taken.Contains(row.Id)).ToList();
        if (others.Count == 0)
            return;
        foreach (var row in others)
            Apart(row);
        await Claim(others);

        async Task<HashSet<Guid>> Claim(List<Row> wanted) => (await db.Read(
            $"""
            insert into content.slugs (slug, post_id)
            select slug, id from unnest({wanted.Select(row => row.Slug).ToArray()}, {wanted.Select(row => row.Id).ToArray()}) as wanted (slug, id) order by slug
            on conflict (slug) do nothing returning post_id
            """, row => row.GetGuid(0), ct)).ToHashSet();
    }

    private static void Apart(Row row)
    {
        row.Slug = $"{row.Slug}-{Convert.ToHexStringLower(SHA256.HashData(row.Id.ToByteArray()))[..8]}";
        row.Arrival.Note("slug_changed", "slug: another post has it, or had it; letters were put behind it.");
    }

    private async Task Tag(List<Row> rows, DateTimeOffset now, CancellationToken ct)
    {
        var names = rows.SelectMany(row => row.Tags).DistinctBy(tag => tag.Slug, StringComparer.Ordinal).OrderBy(tag => tag.Slug, StringComparer.Ordinal)
            .Select(tag => new { Id = Guid.CreateVersion7(now), tag.Slug, tag.Name, Folded = Folded.ForSorting(tag.Name), Words = SearchWords.OfName(tag.Name) }).ToList();
        if (names.Count == 0)
            return;
        await db.Execute(
            $"""
            insert into content.tags (id, slug, name, name_folded, words, created_at, updated_at)
            select id, slug, name, folded, words, {now}, {now}
            from jsonb_to_recordset({Sql.Json(names)}) as w (id uuid, slug text, name text, folded text, words text)
            where not exists (select from content.old_tags o where o.slug = w.slug)
            order by slug
            on conflict (slug) do nothing
            """, ct);
        var links = rows.SelectMany(row => row.Tags.Select((tag, place) => new { PostId = row.Id, tag.Slug, Place = place, row.PublishedAt })).ToList();
        await db.Execute(
            $"""
            insert into content.post_tags (post_id, tag_id, position, published_at)
            select "postId", coalesce(o.tag_id, t.id), min(place), min("publishedAt")
            from jsonb_to_recordset({Sql.Json(links)}) as w ("postId" uuid, slug text, place integer, "publishedAt" timestamptz)
            left join content.old_tags o on o.slug = w.slug left join content.tags t on t.slug = w.slug
            group by 1, 2
            """, ct);
    }

    private Row Of(IncomingPost given, DateTimeOffset now)
    {
        var arrival = new Arrival(given.Id);
        var title = arrival.Line(given.Title, Post.LongestTitle, "title");
        if (title is null)
            arrival.Refuse("name_missing", "It has no title.");
        var content = arrival.Words(given.Content, Post.LongestContent, "content") ?? "";
        Rendered? rendered = null;
        try
        {
            rendered = texts.Render(content);
        }
        catch (InvalidException error)
        {
            arrival.Refuse("content_invalid", $"Its text {error.Message}");
        }

        var (tags, created) = (given.Tags.Select(tag => (Slug: PostTags.SlugOf(tag), Name: arrival.Line(tag, PostTags.LongestName, "tags"))).Where(tag => tag.Slug.Length > 0 && tag.Name is not null)
            .DistinctBy(tag => tag.Slug, StringComparer.Ordinal).Select(tag => new Label(tag.Slug, tag.Name!)).ToList(), given.CreatedAt ?? (given.PublishedAt < now ? given.PublishedAt : null) ?? now);
        if (tags.Count > PostTags.AtMost)
        {
            arrival.Note("cut", $"tags: more than {PostTags.AtMost}; the rest was left out.");
            tags.RemoveRange(PostTags.AtMost, tags.Count - PostTags.AtMost);
        }

        var isAhead = given.PublishedAt > now;
        if (given.PublishedAt > now + PublishPost.Farthest)
            arrival.Note("not_scheduled", "It was to be published more than two years from now; it comes as a draft.");
        var slug = PostSlug.Of(given.Slug ?? title ?? "");
        return new()
        {
            Arrival = arrival,
            Id = given.Id,
            AuthorId = given.AuthorId,
            Title = title ?? "",
            Slug = slug,
            Excerpt = arrival.Line(given.Excerpt, Post.LongestExcerpt, "excerpt"),
            Content = content,
            Lead = rendered?.Lead ?? "",
            Html = rendered?.Html ?? "",
            PublishedAt = isAhead ? null : given.PublishedAt,
            ScheduledFor = isAhead && given.PublishedAt <= now + PublishPost.Farthest ? PublishPost.AsKept(given.PublishedAt.Value) : null,
            Tags = tags,
            Views = Math.Max(given.Views, 0),
            CreatedAt = created,
            UpdatedAt = given.UpdatedAt is { } updated && updated > created ? updated : created,
            Words = SearchWords.OfName(title ?? ""),
            Described = SearchWords.Of(rendered?.Text ?? "", Post.LongestContent),
        };
    }

    private sealed record Label(string Slug, string Name);

    /// <summary>A post as the tables take it.</summary>
    private sealed class Row
    {
        [JsonIgnore]
        public Arrival Arrival { get; init; } = null!;
        public required Guid Id { get; init; }
        public required Guid AuthorId { get; init; }
        public required string Title { get; init; }
        public required string Slug { get; set; }
        public string? Excerpt { get; init; }
        public required string Content { get; init; }
        public required string Lead { get; init; }
        public required string Html { get; init; }
        public DateTimeOffset? PublishedAt { get; init; }
        public DateTimeOffset? ScheduledFor { get; init; }

        [JsonIgnore]
        public List<Label> Tags { get; init; } = [];
        public required long Views { get; init; }
        public required DateTimeOffset CreatedAt { get; init; }
        public required DateTimeOffset UpdatedAt { get; init; }
        public required string Words { get; init; }
        public required string Described { get; init; }
    }
}
