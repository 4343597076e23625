using System.Runtime.CompilerServices;
using Quitanda.Platform;

namespace Quitanda.Content.Reports;

/// <summary>What somebody reported, and resolved. An open report stays without a name, or nobody would look.</summary>
internal sealed class PersonsContentReports : IPersonalData
{
    private const int AtOnce = 200;

    public string Name => "contentReports";

    public string Stays => "Reports that nobody has looked at yet stay without a name.";

    public async IAsyncEnumerable<object> Export(Db db, Guid personId, [EnumeratorCancellation] CancellationToken ct)
    {
        var last = Guid.Empty;
        while (true)
        {
            // What was reported is somebody else's, and so is what moderators made of it.
            var reports = await db.Read(
                $"select r.id, r.post_id, r.comment_id, r.reason, r.created_at from content.reports r where r.reporter_id = {personId} and r.id > {last} order by r.id limit {AtOnce}",
                row => new { Id = row.GetGuid(0), PostId = row.GetGuid(1), CommentId = row.IsDBNull(2) ? (Guid?)null : row.GetGuid(2), Reason = row.GetString(3), CreatedAt = row.GetFieldValue<DateTimeOffset>(4) }, ct);
            foreach (var report in reports)
                yield return report;
            if (reports.Count < AtOnce)
                yield break;
            last = reports[^1].Id;
        }
    }

    public async Task Erase(Db db, Guid personId, CancellationToken ct)
    {
        // One after the other: of two who go at once and reported the same thing, each would leave a report without a name, and there is one of a thing.
        await db.Execute($"select pg_advisory_xact_lock(hashtextextended('content.reports', 0))", ct);
        await db.Execute($"delete from content.reports where reporter_id = {personId} and resolution is not null", ct);
        // Held, so that no moderator resolves one in between.
        await db.Execute($"select 1 from content.reports o where o.reporter_id is null and {IsOfTheSame(personId)} order by o.id for update", ct);
        // One that is done with gives its place to one that is open. Of two that are open one is enough.
        await db.Execute($"delete from content.reports o where o.reporter_id is null and o.resolution is not null and {IsOfTheSame(personId)}", ct);
        await db.Execute($"""
            delete from content.reports r where r.reporter_id = {personId}
                and exists (select from content.reports o where o.post_id = r.post_id and o.comment_id is not distinct from r.comment_id and o.reporter_id is null)
            """, ct);
        await db.Execute($"update content.reports set reporter_id = null where reporter_id = {personId}", ct);
        await db.Execute($"update content.reports set resolved_by = null where resolved_by = {personId}", ct);
    }

    /// <summary>That a report <c>o</c> is about something that a person reported as well.</summary>
    private static Sql IsOfTheSame(Guid personId) =>
        Sql.Of($"exists (select from content.reports r where r.reporter_id = {personId} and r.post_id = o.post_id and r.comment_id is not distinct from o.comment_id)");
}
