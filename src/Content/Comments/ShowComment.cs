using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Content.Posts;
using Quitanda.Platform;

namespace Quitanda.Content.Comments;

/// <summary>Shows one comment: to anyone, where it and its post can be read; else to its author and moderators alone. One that was taken back is not there.</summary>
internal static class ShowComment
{
    public static async Task<Results<Ok<Comment>, NotFound>> Handle(Guid id, Caller? caller, Db db, Authors authors, CancellationToken ct)
    {
        var reader = caller?.Id ?? Guid.Empty;
        var isModerator = caller?.Is(Roles.Moderator) == true;
        var comment = await db.ReadFirst(
            $"""
            select {Comment.Columns} from content.comments c join content.posts p on p.id = c.post_id
            where c.id = {id} and c.state <> 'deleted' and ({isModerator} or c.author_id = {reader} or (c.state = 'shown' and {Post.IsSeenBy(caller)}))
            """, Comment.Read, ct);
        return comment is null ? TypedResults.NotFound() : TypedResults.Ok(await Comment.Sign(comment, authors, ct));
    }
}
