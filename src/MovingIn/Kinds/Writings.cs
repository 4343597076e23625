using Microsoft.Extensions.DependencyInjection;
using Quitanda.Content;
using Quitanda.MovingIn.Sources;
using Quitanda.Platform;

namespace Quitanda.MovingIn.Kinds;

/// <summary>What people wrote, with its tags.</summary>
internal sealed class WrittenPosts : Kind<IncomingPost>
{
    public const string KindName = "posts";

    public override string Name => KindName;

    public override Layout Layout { get; } = new(
        ["posts", "articles", "blog_posts"],
        [
            new("id", "id", "post_id"), new("author", "author_id", "user_id", "created_by"), new("title", "title", "name"), new("slug", "slug"), new("excerpt", "excerpt", "summary"),
            new("content", "content", "body", "text", "markdown"), new("isPublished", "is_published", "published", "status"), new("publishedAt", "published_at", "publication_date"),
            new("tags", "tags"), new("views", "view_count", "views"), new("createdAt", "created_at", "created"), new("updatedAt", "updated_at", "updated"), new("deletedAt", "deleted_at", "is_deleted"),
        ]);

    public override (Layout Layout, string Field)? Labels { get; } = (new(
        ["post_tags", "posts_tags", "_PostToTag", "tags_on_posts"],
        [new("post", "post_id", "A"), new("name", "tag.name", "tag.title", "tag.slug", "tag", "name")],
        new Side("tag", ["tags"], (["id"], ["tag_id", "B"]))), "post");

    public override IEnumerable<(string Kind, string? OldId)> Named(SourceRow row) => [(Users.KindName, row.Id("author"))];

    protected override IncomingPost? Map(SourceRow row, string oldId, Reading reading)
    {
        if (row.Flag("deletedAt") == true)
            row.Says.Refuse("deleted", "It was deleted there.");
        if (Needed(row, Users.KindName, "author", "author") is not { } author || !row.Says.MayCome)
            return null;
        // One that is to be published later has a time to come.
        var published = row.Instant("publishedAt") is { } ahead && ahead > reading.Now ? ahead : row.Past("publishedAt");
        var (created, updated) = (row.Past("createdAt"), row.Past("updatedAt"));
        var isPublished = (published > reading.Now && row.Word("isPublished") is "scheduled" or "agendado") || row.Stands("isPublished", otherwise: published is not null);
        return new(
            reading.IdOf(KindName, oldId, created), author, row.Text("title"), row.Text("slug"), row.Text("excerpt"), row.Text("content"), isPublished ? published ?? created ?? updated ?? reading.Now : null,
            [.. row.Labels.Order(StringComparer.Ordinal), .. row.Several("tags")], row.Whole("views") ?? 0, created, updated);
    }

    protected override Task<IReadOnlyList<Arrival>> Take(IServiceProvider services, IncomingPost[] incoming, CancellationToken ct) => services.GetRequiredService<IContentIntake>().Take(incoming, ct);
}

/// <summary>What people said to it.</summary>
internal sealed class WrittenComments : Kind<IncomingComment>
{
    public const string KindName = "comments";

    public override string Name => KindName;

    public override Layout Layout { get; } = new(
        ["comments", "post_comments"],
        [
            new("id", "id", "comment_id"), new("post", "post_id", "article_id"), new("parent", "parent_id", "reply_to_id"), new("author", "author_id", "user_id"), new("content", "content", "body", "text", "comment"),
            new("isShown", "is_approved", "approved", "status", "is_visible"), new("createdAt", "created_at", "created"), new("deletedAt", "deleted_at", "is_deleted"),
            new("parentCreatedAt", "parent.created_at", "parent.created"),
        ],
        new Side("parent", ["comments", "post_comments"], (["id"], ["parent_id", "reply_to_id"])));

    public override IEnumerable<(string Kind, string? OldId)> Named(SourceRow row) => [(Users.KindName, row.Id("author")), (WrittenPosts.KindName, row.Id("post")), (KindName, row.Id("parent"))];

    protected override IncomingComment? Map(SourceRow row, string oldId, Reading reading)
    {
        if (row.Flag("deletedAt") == true)
            row.Says.Refuse("deleted", "It was deleted there.");
        if (Needed(row, Users.KindName, "author", "author") is not { } author || Needed(row, WrittenPosts.KindName, "post", "post") is not { } post || !row.Says.MayCome)
            return null;
        // One that comes with the same rows is not noted yet; its id is known all the same.
        Guid? parent = row.Id("parent") is { } old ? reading.Here(KindName, old) ?? reading.IdOf(KindName, old, row.Past("parentCreatedAt")) : null;
        var created = row.Past("createdAt");
        return new(reading.IdOf(KindName, oldId, created), post, parent, author, row.Text("content"), row.Stands("isShown", otherwise: true), created);
    }

    protected override Task<IReadOnlyList<Arrival>> Take(IServiceProvider services, IncomingComment[] incoming, CancellationToken ct) => services.GetRequiredService<IContentIntake>().TakeComments(incoming, ct);
}
