using System.Runtime.CompilerServices;
using Quitanda.Files.Orphans;
using Quitanda.Platform;

namespace Quitanda.Files.Files;

/// <summary>The files that somebody sent. They go with their person, rows first and bytes after; an image that the shop shows stays, and is nobody's.</summary>
internal sealed class PersonsFiles(FileLinks links, TimeProvider clock) : IPersonalData
{
    private const int AtOnce = 500;

    public string Name => "files";

    public string Stays => "Images that the shop shows stay where they are shown, without their name and without who sent them.";

    public async IAsyncEnumerable<object> Export(Db db, Guid personId, [EnumeratorCancellation] CancellationToken ct)
    {
        var last = Guid.Empty;
        while (true)
        {
            var files = await db.Read(
                $"select {StoredFile.Columns} from files.files f where f.owner_id = {personId} and f.state <> 'deleted' and f.id > {last} order by f.id limit {AtOnce}", StoredFile.Read, ct);
            foreach (var file in files)
                yield return FileDetails.Of(file, links);
            if (files.Count < AtOnce)
                yield break;
            last = files[^1].Id;
        }
    }

    public async Task Erase(Db db, Guid personId, CancellationToken ct)
    {
        // Locked first, as they are where they are shown, and in the same order: who shows them is then read from what is committed.
        Guid[] ids = [.. await db.Read($"select id from files.files where owner_id = {personId} order by id for update", row => row.GetGuid(0), ct)];
        if (ids.Length == 0)
            return;
        await db.Execute(
            $"""
            update files.files f set owner_id = null, name = 'image' || coalesce(substring(f.name from '[.][a-z]+$'), '')
            where f.id = any({ids}) and exists (select from files.uses u where u.file_id = f.id)
            """, ct);
        // An upload that is still on its way finds its row gone, and takes its bytes back itself.
        var keys = await db.Read($"delete from files.files where id = any({ids}) and owner_id is not null returning object_key", row => row.GetString(0), ct);
        foreach (var key in keys)
            db.Schedule(DeleteObject.Kind, new DeleteObject.Message(key), clock.GetUtcNow());
    }
}
