using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Content.Views;
using Quitanda.Files;
using Quitanda.Platform;

namespace Quitanda.Content.Posts;

/// <summary>
/// Shows one post, by its id or its slug, and counts a view. A slug that it had before is answered with 301 and the present one. What is not published, its author and moderators alone see. Neither views nor
/// comments are part of the version that its tag names.
/// </summary>
internal static class ShowPost
{
    public static async Task<Results<Ok<Post>, MovedPost, NotFound>> Handle(
        string idOrSlug, Caller? caller, HttpContext http, Db db, IFiles files, Authors authors, PostViews views, Shown shown, CancellationToken ct)
    {
        var isId = Guid.TryParse(idOrSlug, out var id);
        var key = isId ? Sql.Of($"p.id = {id}") : Sql.Of($"p.id = (select post_id from content.slugs where slug = {idOrSlug})");
        var post = await db.ReadFirst($"select {Post.Columns} from content.posts p where {key} and {Post.IsSeenBy(caller)}", row => Post.Read(row, files), ct);
        if (post is null)
            return TypedResults.NotFound();
        if (!isId && post.Slug != idOrSlug)
            return new MovedPost(post.Slug);

        if (post.Status == PostStatus.Published)
        {
            shown.Tag(Post.Tag(post.Id));
            // Whoever looks after it does not read it.
            if (caller is null || (caller.Id != post.AuthorId && !caller.Is(Roles.Moderator)))
                views.Count(http, post.Id);
        }

        return TypedResults.Ok(await authors.Sign(post, ct));
    }
}
