using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Quitanda.Content.Tags;
using Quitanda.Files;
using Quitanda.Platform;

namespace Quitanda.Content.Posts;

/// <summary>
/// Changes a post of one's own; moderators change any. What is not in the request stays; a null clears. A change of title, excerpt or content keeps the text before. The slug stays with another title, and
/// where another is chosen, the one before leads to it.
/// </summary>
[Refuses("slug_taken"), Refuses("too_many_slugs"), Refuses("unusable_file")]
internal static class ChangePost
{
    /// <param name="Title">Plain text.</param>
    /// <param name="Content">Markdown. Raw HTML in it is shown as text.</param>
    /// <param name="Excerpt">Plain text; with null the post's beginning stands for it.</param>
    /// <param name="Slug">Small letters, digits and hyphens.</param>
    /// <param name="Tags">Names, all of them.</param>
    /// <param name="CoverFileId">A public image that the caller sent.</param>
    /// <param name="CommentsOpen">Whether it takes comments.</param>
    internal sealed record Request(
        [Required, StringLength(Post.LongestTitle), Line] Patch<string> Title = default,
        [StringLength(Post.LongestContent)] Patch<string> Content = default,
        [StringLength(Post.LongestExcerpt, MinimumLength = 1), Line] Patch<string?> Excerpt = default,
        [StringLength(SlugAttribute.Longest, MinimumLength = 1), Slug] Patch<string> Slug = default,
        [MaxLength(PostTags.AtMost), TagNames] Patch<string[]?> Tags = default,
        Patch<Guid?> CoverFileId = default,
        Patch<bool> CommentsOpen = default) : IPrepared
    {
        internal NewText Text { get; private set; } = null!;

        Task IPrepared.Prepare(IServiceProvider services, CancellationToken ct)
        {
            Text = new(Title.IsSet ? Title.Value.Trim() : null, Excerpt.IsSet ? new(Excerpt.Value?.Trim()) : default, Content.IsSet ? Content.Value : null, Content.IsSet ? PostText.Render(services, Content.Value) : null);
            return Task.CompletedTask;
        }
    }

    public static async Task<Results<Ok<Post>, NotFound>> Handle(
        Guid id, Request request, Caller caller, Db db, IFiles files, Authors authors, IOptions<ContentSettings> settings, TimeProvider clock, CancellationToken ct)
    {
        var (now, text) = (clock.GetUtcNow(), request.Text);
        if (await Rewriting.Write(db, id, caller, text, settings.Value.RevisionsKept, now, ct) is not { } status)
            return TypedResults.NotFound();
        if (request.Slug.IsSet)
            await PostSlug.Choose(db, id, request.Slug.Value, ct);
        if (await Set(request, id, caller, files, now, ct) is { } set)
            await db.Execute($"update content.posts set {set} where id = {id}", ct);
        if (request.Tags.IsSet)
        {
            var publishedAt = status == PostStatus.Published ? await db.ReadFirst($"select published_at from content.posts where id = {id}", row => (DateTimeOffset?)row.GetFieldValue<DateTimeOffset>(0), ct) : null;
            await PostTags.Write(db, id, request.Tags.Value ?? [], publishedAt, now, ct);
            PostIndex.Label(db, id);
        }

        var changed = (await Post.Find(db, id, caller, files, ct))!;
        Rewriting.Index(db, changed, text);
        return TypedResults.Ok(await authors.Sign(changed, ct));
    }

    private static async Task<Sql?> Set(Request request, Guid id, Caller caller, IFiles files, DateTimeOffset now, CancellationToken ct)
    {
        if (!request.Slug.IsSet && !request.CoverFileId.IsSet && !request.CommentsOpen.IsSet && !request.Tags.IsSet)
            return null;
        var set = Sql.Of($"updated_at = {now}");
        if (request.Slug.IsSet)
            set = $"{set}, slug = {request.Slug.Value}";
        if (request.CommentsOpen.IsSet)
            set = $"{set}, comments_open = {request.CommentsOpen.Value}";
        if (request.CoverFileId.IsSet)
        {
            var cover = await files.ShowOwn(PostCover.ShownBy, id, caller.Id, request.CoverFileId.Value, ct);
            set = $"{set}, cover = {Sql.Json(cover)}, cover_by = {(cover is null ? (Guid?)null : caller.Id)}";
        }

        return set;
    }
}
