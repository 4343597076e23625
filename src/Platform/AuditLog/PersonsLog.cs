using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Npgsql;

namespace Quitanda.Platform.AuditLog;

/// <summary>What the log knows of somebody: what happened to them and theirs, and what they did. It goes with their key, which every erasure ends.</summary>
internal sealed class PersonsLog(PersonKeys keys) : IPersonalData
{
    private const int AtOnce = 500;

    public string Name => "activity";

    public string Stays => "What happened stays, with its time and the ids it was about; nothing in it that is about you can be read by anybody any more.";

    public async IAsyncEnumerable<object> Export(Db db, Guid personId, [EnumeratorCancellation] CancellationToken ct)
    {
        // Only their own key: what is sealed with somebody else's is none of theirs.
        var held = await keys.Find(db, [personId], ct);
        foreach (var which in (Sql[])[$"person_id = {personId}", $"actor_id = {personId} and person_id is distinct from {personId}"])
        {
            var (at, id) = (DateTimeOffset.MinValue, Guid.Empty);
            while (true)
            {
                var rows = await db.Read(
                    $"""
                    select id, at, action, actor_id, person_id, resource_type, resource_id, origin, before, after, details
                    from platform.audit_log where {which} and (at, id) > ({at}, {id}) order by at, id limit {AtOnce}
                    """,
                    row => new
                    {
                        Id = row.GetGuid(0),
                        At = row.GetFieldValue<DateTimeOffset>(1),
                        Action = row.GetString(2),
                        IsByThem = !row.IsDBNull(3) && row.GetGuid(3) == personId,
                        IsAboutThem = !row.IsDBNull(4) && row.GetGuid(4) == personId,
                        Resource = row.IsDBNull(5) ? null : new { Type = row.GetString(5), Id = row.IsDBNull(6) ? null : row.GetString(6) },
                        Origin = Json(row, 7),
                        Before = Json(row, 8),
                        After = Json(row, 9),
                        Details = Json(row, 10),
                    }, ct);
                foreach (var row in rows)
                    yield return new
                    {
                        row.Id,
                        row.At,
                        row.Action,
                        row.IsByThem,
                        row.Resource,
                        Origin = row.IsByThem ? AuditTrail.Open(row.Origin, row.Id, "origin", held) : null,
                        Before = row.IsAboutThem ? AuditTrail.Open(row.Before, row.Id, "before", held) : null,
                        After = row.IsAboutThem ? AuditTrail.Open(row.After, row.Id, "after", held) : null,
                        Details = row.IsAboutThem ? AuditTrail.Open(row.Details, row.Id, "details", held) : null,
                    };
                if (rows.Count < AtOnce)
                    break;
                (at, id) = (rows[^1].At, rows[^1].Id);
            }
        }
    }

    public Task Erase(Db db, Guid personId, CancellationToken ct) => Task.CompletedTask;

    private static JsonObject? Json(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : (JsonObject)JsonNode.Parse(row.GetString(column))!;
}
