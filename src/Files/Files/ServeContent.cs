using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Files.Formats;
using Quitanda.Files.Stores;
using Quitanda.Platform;

namespace Quitanda.Files.Files;

/// <summary>Gives out the bytes of a file, whole or a range of them: public ones to anyone, private ones to their owner, to staff, and to whoever holds a signed link.</summary>
[Refuses("link_expired", 403), Refuses("precondition_failed", 412), Refuses("range_not_satisfiable", 416)]
internal static class ServeContent
{
    public static async Task<Results<FileContent, NotFound>> Handle(
        Guid id, [AsParameters] SignedLink link, Caller? caller, Db db, FileLinks links, IFileStore store, CancellationToken ct)
    {
        var file = await db.ReadFirst($"select {StoredFile.Columns} from files.files f where f.id = {id} and f.state = 'ready'", StoredFile.Read, ct);
        if (file is null || !MayFetch(file, link, caller, links))
            return TypedResults.NotFound();

        var disposition = FileName.Disposition(file.Name, FileFormat.Of(file.ContentType));
        if (await store.SignDownload(file.Place(), file.ContentType, disposition, links.Lifetime) is { } elsewhere)
            return new FileContent(file, content: null, elsewhere);
        var content = await store.Open(file.Place(), file.Size, ct) ?? throw new FileNotFoundException($"The store has lost the object {file.ObjectKey}.");
        return new FileContent(file, content, elsewhere: null);
    }

    private static bool MayFetch(StoredFile file, SignedLink link, Caller? caller, FileLinks links)
    {
        if (file.Visibility == Visibility.Public || (caller is not null && caller.Id == file.OwnerId) || caller?.Is(Roles.Staff) == true)
            return true;
        return links.Check(file.Id, link) switch
        {
            LinkState.Good => true,
            LinkState.Expired => throw new RefusedException("link_expired", "The link was good for a while, which is over; ask for the file again.", 403),
            _ => false,
        };
    }
}
