using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Content.Posts;
using Quitanda.Platform;

namespace Quitanda.Content.Reports;

/// <summary>Tells moderators that something is wrong with a comment that can be read. Once a person.</summary>
[Refuses("already_reported")]
internal static class ReportComment
{
    /// <param name="Reason">What is wrong, for moderators to read.</param>
    internal sealed record Request([StringLength(500, MinimumLength = 1), Line] string Reason);

    public static async Task<Results<NoContent, NotFound>> Handle(Guid id, Request request, Caller reporter, Db db, TimeProvider clock, CancellationToken ct)
    {
        var postId = await db.ReadFirst<Guid?>(
            $"select p.id from content.comments c join content.posts p on p.id = c.post_id where c.id = {id} and c.state = 'shown' and {Post.Shown} for key share of c", row => row.GetGuid(0), ct);
        if (postId is not { } post)
            return TypedResults.NotFound();
        await Report.File(db, post, id, reporter, request.Reason, clock.GetUtcNow(), ct);
        return TypedResults.NoContent();
    }
}
