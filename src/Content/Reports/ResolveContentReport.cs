using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Content.Reports;

/// <summary>Says what comes of a report, and of every other open one about the same thing. It changes nothing of what was reported: hide the comment, or take the post back.</summary>
[Refuses("already_resolved")]
internal static class ResolveContentReport
{
    /// <param name="Resolution">Whether something was wrong.</param>
    /// <param name="Note">For moderators to read.</param>
    internal sealed record Request(Resolution Resolution, [StringLength(500, MinimumLength = 1)] string? Note = null);

    public static async Task<Results<Ok<Report>, NotFound>> Handle(Guid id, Request request, Caller moderator, Db db, TimeProvider clock, CancellationToken ct)
    {
        // In the order of their ids, so that two moderators at two reports of one thing come one after the other.
        await db.Execute(
            $"""
            with asked as (
                select r.post_id, r.comment_id from content.reports r where r.id = {id} and r.resolution is null
            ), locked as (
                select r.id from content.reports r, asked where r.post_id = asked.post_id and r.comment_id is not distinct from asked.comment_id and r.resolution is null order by r.id for no key update of r
            )
            update content.reports r set resolution = {request.Resolution}, note = {request.Note}, resolved_by = {moderator.Id}, resolved_at = {clock.GetUtcNow()} from locked where r.id = locked.id and r.resolution is null
            """, ct);
        var report = await db.ReadFirst($"select {Report.Columns} from content.reports r where r.id = {id}", Report.Read, ct);
        if (report is null)
            return TypedResults.NotFound();
        if (report.Resolution != request.Resolution || report.ResolvedBy != moderator.Id)
            throw new RefusedException("already_resolved", "Somebody has resolved it.");
        return TypedResults.Ok(report);
    }
}
