using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Content.Markup;
using Quitanda.Content.Tags;
using Quitanda.Files;
using Quitanda.Platform;

namespace Quitanda.Content.Posts;

/// <summary>Begins a post, as a draft that nobody else sees. Its slug is made from the title, accents folded, unless one is chosen.</summary>
[Refuses("slug_taken"), Refuses("unusable_file"), Refuses("forbidden", StatusCodes.Status403Forbidden)]
internal static class WritePost
{
    /// <param name="Title">Plain text.</param>
    /// <param name="Content">Markdown. Raw HTML in it is shown as text.</param>
    /// <param name="Excerpt">Plain text; without it the post's beginning stands for it.</param>
    /// <param name="Slug">Small letters, digits and hyphens.</param>
    /// <param name="Tags">Names. One that differs from an existing tag only in case, accents and signs is that tag.</param>
    /// <param name="CoverFileId">A public image that the caller sent.</param>
    /// <param name="CommentsOpen">Whether it takes comments.</param>
    internal sealed record Request(
        [Required, StringLength(Post.LongestTitle), Line] string Title,
        [StringLength(Post.LongestContent)] string Content,
        [StringLength(Post.LongestExcerpt, MinimumLength = 1), Line] string? Excerpt = null,
        [StringLength(SlugAttribute.Longest, MinimumLength = 1), Slug] string? Slug = null,
        [MaxLength(PostTags.AtMost), TagNames] string[]? Tags = null,
        Guid? CoverFileId = null,
        bool CommentsOpen = true) : IPrepared
    {
        internal Rendered Rendered { get; private set; } = null!;

        Task IPrepared.Prepare(IServiceProvider services, CancellationToken ct)
        {
            Rendered = PostText.Render(services, Content);
            return Task.CompletedTask;
        }
    }

    public static async Task<Created<Post>> Handle(Request request, Caller author, Db db, IFiles files, Authors authors, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var (id, rendered, title) = (Guid.CreateVersion7(now), request.Rendered, request.Title.Trim());
        var cover = await files.ShowOwn(PostCover.ShownBy, id, author.Id, request.CoverFileId, ct);
        var slug = request.Slug;
        if (slug is null)
            slug = await PostSlug.Make(db, id, title, ct);
        else
            await PostSlug.Choose(db, id, slug, ct);
        await db.Execute($"""
            insert into content.posts (
                id, slug, author_id, title, excerpt, lead, content, html, rendered_by, status, cover, cover_by, comments_open, comment_count, view_count, revision, written_by, written_at, created_at, updated_at)
            values (
                {id}, {slug}, {author.Id}, {title}, {request.Excerpt?.Trim()}, {rendered.Lead}, {request.Content}, {rendered.Html}, {Rendered.Version}, {PostStatus.Draft}, {Sql.Json(cover)},
                {(cover is null ? (Guid?)null : author.Id)}, {request.CommentsOpen}, 0, 0, 1, {author.Id}, {now}, {now}, {now})
            """, ct);
        await PostTags.Write(db, id, request.Tags ?? [], publishedAt: null, now, ct);
        PostIndex.Put(db, id, title, rendered);
        PostIndex.Label(db, id);
        return TypedResults.Created($"/api/v1/posts/{id}", await authors.Sign((await Post.Find(db, id, author, files, ct))!, ct));
    }
}
