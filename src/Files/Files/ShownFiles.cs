using Quitanda.Platform;

namespace Quitanda.Files.Files;

/// <summary>Who shows which files.</summary>
internal sealed class ShownFiles(Db db, FileLinks links) : IFiles
{
    public Task<IReadOnlyList<ShownImage>> Show(string kind, Guid usedBy, IReadOnlyList<Guid> fileIds, CancellationToken ct) =>
        Show(kind, usedBy, fileIds, $"is_of_staff", "Some of these are no public images uploaded by staff.", ct);

    public Task<IReadOnlyList<ShownImage>> ShowOwn(string kind, Guid usedBy, Guid ownerId, IReadOnlyList<Guid> fileIds, CancellationToken ct) =>
        Show(kind, usedBy, fileIds, $"owner_id = {ownerId}", "Some of these are no public images of your own.", ct);

    public async Task<ShownImage?> ShowOwn(string kind, Guid usedBy, Guid ownerId, Guid? fileId, CancellationToken ct) =>
        (await Show(kind, usedBy, fileId is { } id ? [id] : [], $"owner_id = {ownerId}", "This is no public image of your own.", ct)).SingleOrDefault();

    private async Task<IReadOnlyList<ShownImage>> Show(string kind, Guid usedBy, IReadOnlyList<Guid> fileIds, Sql whose, string refusal, CancellationToken ct)
    {
        Guid[] ids = [.. fileIds.Distinct()];
        var usable = ids.Length == 0 ? [] : await Usable(ids, whose, ct);
        if (usable.Count < ids.Length)
            throw new RefusedException("unusable_file", refusal)
            {
                Facts = new Dictionary<string, object>(StringComparer.Ordinal) { ["fileIds"] = ids.Where(id => !usable.ContainsKey(id)).ToArray() },
            };

        await db.Execute($"delete from files.uses where kind = {kind} and used_by = {usedBy} and file_id <> all({ids})", ct);
        if (ids.Length > 0)
            await db.Execute($"insert into files.uses (file_id, kind, used_by) select id, {kind}, {usedBy} from unnest({ids}) as wanted (id) on conflict do nothing", ct);
        return [.. ids.Select(id => usable[id])];
    }

    public string UrlOf(Guid fileId) => links.ContentOf(fileId);

    /// <summary>Those that may be shown, held until the transaction ends, so that nobody deletes one meanwhile.</summary>
    private async Task<Dictionary<Guid, ShownImage>> Usable(Guid[] ids, Sql whose, CancellationToken ct) => (await db.Read(
        $"""
        select id, width, height from files.files
        where id = any({ids}) and state = 'ready' and visibility = 'public' and {whose} and width is not null
        order by id for share
        """, row => new ShownImage(row.GetGuid(0), row.GetInt32(1), row.GetInt32(2)), ct)).ToDictionary(image => image.Id);
}
