using System.Text.Json;
using Quitanda.MovingIn.Sources;
using Quitanda.Platform;

namespace Quitanda.MovingIn;

/// <summary>What has come of one system, in the transaction of whoever asks.</summary>
internal static class Ledger
{
    /// <summary>What came before.</summary>
    /// <param name="NewId">What it is here.</param>
    /// <param name="Hash">Of what it was; null for somebody who was erased since.</param>
    /// <param name="Remarks">What was said of it.</param>
    internal sealed record Entry(Guid NewId, byte[]? Hash, IReadOnlyList<Remark> Remarks);

    /// <summary>What of some rows has come.</summary>
    public static async Task<Dictionary<string, Entry>> Find(Db db, string source, string kind, string[] oldIds, CancellationToken ct) => (await db.Read(
        $"select old_id, new_id, content_hash, remarks from movingin.arrivals where source = {source} and kind = {kind} and old_id = any({oldIds})",
        row => (OldId: row.GetString(0), Entry: new Entry(
            row.GetGuid(1), row.IsDBNull(2) ? null : row.GetFieldValue<byte[]>(2), row.IsDBNull(3) ? [] : JsonSerializer.Deserialize<Remark[]>(row.GetString(3), Wire.Stored)!)), ct))
        .ToDictionary(row => row.OldId, row => row.Entry, StringComparer.Ordinal);

    /// <summary>Tells a reading what is here of what rows name.</summary>
    public static async Task Learn(Db db, Reading reading, IEnumerable<(string Kind, string? OldId)> named, CancellationToken ct)
    {
        var wanted = named.Where(one => one.OldId is not null).Distinct().ToList();
        if (wanted.Count == 0)
            return;
        foreach (var (kind, oldId, id, isErased) in await db.Read(
            $"""
            select a.kind, a.old_id, a.new_id, a.content_hash is null
            from unnest({wanted.Select(one => one.Kind).ToArray()}, {wanted.Select(one => one.OldId!).ToArray()}) as named (kind, old_id)
            join movingin.arrivals a on a.source = {reading.Name} and a.kind = named.kind and a.old_id = named.old_id
            """, row => (row.GetString(0), row.GetString(1), row.GetGuid(2), row.GetBoolean(3)), ct))
            reading.Learn(kind, oldId, new(id, isErased));
    }

    /// <summary>What things here were called there, of those that came from there.</summary>
    public static async Task<Dictionary<Guid, string>> OldIds(Db db, string source, string kind, Guid[] ids, CancellationToken ct) => ids.Length == 0 ? [] : (await db.Read(
        $"select distinct on (new_id) new_id, old_id from movingin.arrivals where source = {source} and kind = {kind} and new_id = any({ids}) order by new_id, old_id",
        row => (NewId: row.GetGuid(0), OldId: row.GetString(1)), ct)).ToDictionary(row => row.NewId, row => row.OldId);

    /// <summary>Notes what came.</summary>
    public static async Task Note(Db db, string source, DateTimeOffset now, IReadOnlyList<(string Kind, string OldId, Guid NewId, byte[] Hash, IReadOnlyList<Remark> Remarks)> came, CancellationToken ct)
    {
        if (came.Count == 0)
            return;
        await db.Execute(
            $"""
            insert into movingin.arrivals (source, kind, old_id, new_id, content_hash, remarks, came_at)
            select {source}, kind, old_id, new_id, hash, nullif(remarks, '')::jsonb, {now}
            from unnest({came.Select(one => one.Kind).ToArray()}, {came.Select(one => one.OldId).ToArray()}, {came.Select(one => one.NewId).ToArray()}, {came.Select(one => one.Hash).ToArray()},
                {came.Select(one => one.Remarks.Count == 0 ? "" : JsonSerializer.Serialize(one.Remarks, Wire.Json)).ToArray()}) as came (kind, old_id, new_id, hash, remarks)
            """, ct);
    }
}
