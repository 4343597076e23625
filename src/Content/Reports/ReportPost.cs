using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Content.Posts;
using Quitanda.Platform;

namespace Quitanda.Content.Reports;

/// <summary>Tells moderators that something is wrong with a post that can be read. Once a person.</summary>
[Refuses("already_reported")]
internal static class ReportPost
{
    /// <param name="Reason">What is wrong, for moderators to read.</param>
    internal sealed record Request([StringLength(500, MinimumLength = 1), Line] string Reason);

    public static async Task<Results<NoContent, NotFound>> Handle(Guid id, Request request, Caller reporter, Db db, TimeProvider clock, CancellationToken ct)
    {
        if (!await db.ReadFirst($"select true from content.posts p where p.id = {id} and {Post.Shown} for key share", row => row.GetBoolean(0), ct))
            return TypedResults.NotFound();
        await Report.File(db, id, commentId: null, reporter, request.Reason, clock.GetUtcNow(), ct);
        return TypedResults.NoContent();
    }
}
