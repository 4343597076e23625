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
        await db.Execute($"delete from content.reports where reporter_id = {personId} and resolution is not null", ct);
        // Of two nameless ones about the same thing one is enough.
        await db.Execute($"""
            delete from content.reports r where r.reporter_id = {personId}
                and exists (select from content.reports o where o.post_id = r.post_id and o.comment_id is not distinct from r.comment_id and o.reporter_id is null)
            """, ct);
        await db.Execute($"update content.reports set reporter_id = null where reporter_id = {personId}", ct);
        await db.Execute($"update content.reports set resolved_by = null where resolved_by = {personId}", ct);
    }
}
