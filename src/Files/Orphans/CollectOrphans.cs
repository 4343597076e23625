using Quitanda.Files.Stores;
using Quitanda.Platform;

namespace Quitanda.Files.Orphans;

/// <summary>
/// Ends uploads that nobody completed within the hour, and images that are nobody's once nothing shows them. Has each of the last days looked through for objects
/// that no row names: what an upload leaves whose process died between the store and the database.
/// </summary>
internal sealed class CollectOrphans(Db db) : IHandle<Tick>
{
    /// <summary>How long an upload may take from its first word to its last. Longer than a signed link lives.</summary>
    public static readonly TimeSpan Unfinished = TimeSpan.FromHours(1) + TimeSpan.FromMinutes(5);

    /// <summary>Days looked through. An outage may be this long without leaving anything behind.</summary>
    private const int Days = 7;

    /// <summary>Images of nobody's that are ended in one go; those behind them come an hour later.</summary>
    private const int UnownedAtMost = 1000;

    public async Task Handle(Tick message, CancellationToken ct)
    {
        var ended = await db.Read(
            $"update files.files set state = 'deleted', updated_at = {message.At} where state = 'uploading' and created_at < {message.At - Unfinished} returning object_key",
            row => row.GetString(0), ct);
        foreach (var key in ended.Concat(await EndUnshown(message.At, ct)))
            db.Schedule(DeleteObject.Kind, new DeleteObject.Message(key), message.At);

        var today = DateOnly.FromDateTime(message.At.UtcDateTime);
        for (var day = 0; day < Days; day++)
            db.Schedule(SweepDay.Kind, new SweepDay.Message(today.AddDays(-day), message.At - Unfinished), message.At);
    }

    /// <summary>Ends images whose owner is gone and that nothing shows: nobody could find them any more.</summary>
    private async Task<List<string>> EndUnshown(DateTimeOffset now, CancellationToken ct)
    {
        // Locked first: who has begun to show one is read from what is committed once nobody else can begin.
        Guid[] unshown = [.. await db.Read(
            $"""
            select id from files.files f where owner_id is null and state = 'ready' and not exists (select from files.uses u where u.file_id = f.id)
            order by id limit {UnownedAtMost} for update skip locked
            """, row => row.GetGuid(0), ct)];
        return unshown.Length == 0 ? [] : await db.Read(
            $"""
            update files.files f set state = 'deleted', updated_at = {now}
            where id = any({unshown}) and not exists (select from files.uses u where u.file_id = f.id) returning object_key
            """, row => row.GetString(0), ct);
    }
}

/// <summary>Looks through the objects of one day and has those deleted that no row names.</summary>
internal sealed class SweepDay(Db db, IFileStore store, TimeProvider clock) : ICallOut<SweepDay.Message, string[]>
{
    public const string Kind = "files.sweep-day";

    /// <summary>Objects looked at in one go; those behind them come another day's turn.</summary>
    private const int AtMost = 200_000;

    /// <param name="Day">The day.</param>
    /// <param name="Before">Objects begun later may still be on their way.</param>
    internal sealed record Message(DateOnly Day, DateTimeOffset Before);

    public async Task<string[]> Call(Message message, CancellationToken ct)
    {
        List<string> keys = [];
        await foreach (var key in store.List(message.Day, ct))
            if (key.BegunAt < message.Before && keys.Count < AtMost)
                keys.Add(key.ToString());
        return [.. keys];
    }

    public async Task Write(Message message, string[] outcome, CancellationToken ct)
    {
        var orphans = await db.Read(
            $"select key from unnest({outcome}) as found (key) where not exists (select from files.files f where f.object_key = found.key)", row => row.GetString(0), ct);
        foreach (var key in orphans.Distinct(StringComparer.Ordinal))
            db.Schedule(DeleteObject.Kind, new DeleteObject.Message(key), clock.GetUtcNow());
    }
}
