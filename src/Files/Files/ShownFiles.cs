using Quitanda.Platform;

namespace Quitanda.Files.Files;

/// <summary>Who shows which files.</summary>
internal sealed class ShownFiles(Db db, FileLinks links) : IFiles
{
    private const string RefusedOfStaff = "Some of these are no public images uploaded by staff.";

    private static readonly Sql OfStaff = Sql.Raw("is_of_staff");

    /// <summary>What can be shown at all, whosever it is.</summary>
    private static readonly Sql IsImage = Sql.Raw("state = 'ready' and visibility = 'public' and width is not null");

    public Task<IReadOnlyList<ShownImage>> Show(string kind, Guid usedBy, IReadOnlyList<Guid> fileIds, CancellationToken ct) =>
        Show(kind, usedBy, fileIds, OfStaff, RefusedOfStaff, ct);

    public async Task<IReadOnlyDictionary<Guid, IReadOnlyList<ShownImage>>> ShowAll(string kind, IReadOnlyDictionary<Guid, IReadOnlyList<Guid>> fileIds, CancellationToken ct)
    {
        if (fileIds.Count == 0)
            return new Dictionary<Guid, IReadOnlyList<ShownImage>>();
        var wanted = fileIds.SelectMany(one => one.Value.Distinct().Select(file => (UsedBy: one.Key, File: file))).ToArray();
        var usable = await RequireUsable([.. wanted.Select(use => use.File).Distinct()], OfStaff, RefusedOfStaff, ct);
        var (users, files) = (Array.ConvertAll(wanted, use => use.UsedBy), Array.ConvertAll(wanted, use => use.File));
        await db.Execute($"""
            delete from files.uses u where kind = {kind} and used_by = any({fileIds.Keys.ToArray()})
                and not exists (select from unnest({users}, {files}) as wanted (used_by, file_id) where wanted.used_by = u.used_by and wanted.file_id = u.file_id)
            """, ct);
        await db.Execute($"insert into files.uses (file_id, kind, used_by) select file_id, {kind}, used_by from unnest({users}, {files}) as wanted (used_by, file_id) on conflict do nothing", ct);
        return fileIds.ToDictionary(one => one.Key, one => (IReadOnlyList<ShownImage>)[.. one.Value.Distinct().Select(file => usable[file])]);
    }

    public async Task<IReadOnlySet<Guid>> Showable(IReadOnlyCollection<Guid> fileIds, CancellationToken ct) =>
        fileIds.Count == 0 ? new HashSet<Guid>() : (await db.Read($"select id from files.files where id = any({fileIds.ToArray()}) and {IsImage} and {OfStaff}", row => row.GetGuid(0), ct)).ToHashSet();

    public Task<IReadOnlyList<ShownImage>> ShowOwn(string kind, Guid usedBy, Guid ownerId, IReadOnlyList<Guid> fileIds, CancellationToken ct) =>
        Show(kind, usedBy, fileIds, $"owner_id = {ownerId}", "Some of these are no public images of your own.", ct);

    public async Task<ShownImage?> ShowOwn(string kind, Guid usedBy, Guid ownerId, Guid? fileId, CancellationToken ct) =>
        (await Show(kind, usedBy, fileId is { } id ? [id] : [], $"owner_id = {ownerId}", "This is no public image of your own.", ct)).SingleOrDefault();

    private async Task<IReadOnlyList<ShownImage>> Show(string kind, Guid usedBy, IReadOnlyList<Guid> fileIds, Sql whose, string refusal, CancellationToken ct)
    {
        Guid[] ids = [.. fileIds.Distinct()];
        var usable = await RequireUsable(ids, whose, refusal, ct);
        await db.Execute($"delete from files.uses where kind = {kind} and used_by = {usedBy} and file_id <> all({ids})", ct);
        if (ids.Length > 0)
            await db.Execute($"insert into files.uses (file_id, kind, used_by) select id, {kind}, {usedBy} from unnest({ids}) as wanted (id) on conflict do nothing", ct);
        return [.. ids.Select(id => usable[id])];
    }

    private async Task<Dictionary<Guid, ShownImage>> RequireUsable(Guid[] ids, Sql whose, string refusal, CancellationToken ct)
    {
        var usable = ids.Length == 0 ? [] : await Usable(ids, whose, ct);
        if (usable.Count < ids.Length)
            throw new RefusedException("unusable_file", refusal)
            {
                Facts = new Dictionary<string, object>(StringComparer.Ordinal) { ["fileIds"] = ids.Where(id => !usable.ContainsKey(id)).ToArray() },
            };
        return usable;
    }

    public string UrlOf(Guid fileId) => links.ContentOf(fileId);

    /// <summary>Those that may be shown, held until the transaction ends, so that nobody deletes one meanwhile.</summary>
    private async Task<Dictionary<Guid, ShownImage>> Usable(Guid[] ids, Sql whose, CancellationToken ct) => (await db.Read(
        $"""
        select id, width, height from files.files
        where id = any({ids}) and {IsImage} and {whose}
        order by id for share
        """, row => new ShownImage(row.GetGuid(0), row.GetInt32(1), row.GetInt32(2)), ct)).ToDictionary(image => image.Id);
}
