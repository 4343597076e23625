using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Files.Files;
using Quitanda.Files.Stores;
using Quitanda.Platform;

namespace Quitanda.Files.Uploads;

/// <summary>
/// Takes the bytes of an announced file, by its signed address, where files are kept in a folder: what a store with addresses of its own does itself. Until the file
/// is completed, sending again replaces what was sent.
/// </summary>
/// <remarks>Nothing of the database changes, so no transaction is open while the bytes arrive.</remarks>
[ReadsOnly, Refuses("link_expired", 403), Refuses("forbidden", 403), Refuses("request_timeout", 408)]
internal static class ReceiveUpload
{
    public static async Task<NoContent> Handle(Guid id, [AsParameters] SignedLink link, HttpRequest request, Db db, Intake intake, FileLinks links, CancellationToken ct)
    {
        var (type, size) = (request.ContentType ?? "", request.ContentLength ?? -1);
        var key = links.CheckUpload(id, type, size, link) switch
        {
            LinkState.Good => await db.ReadFirst($"select object_key from files.files where id = {id} and state = 'uploading' and is_direct", row => row.GetString(0), ct),
            LinkState.Expired => throw new RefusedException("link_expired", "The address was good for a while, which is over; announce the file again.", StatusCodes.Status403Forbidden),
            _ => null,
        };
        if (key is null)
            throw new RefusedException("forbidden", "The address is not one of ours, not for these bytes, or not any more.", StatusCodes.Status403Forbidden);

        await using var raw = intake.Spool();
        await intake.InTime(limit => Spool.Fill(raw, request.Body, size, limit), ct);
        await intake.Put(ObjectKey.Parse(key), raw, type, ct);
        return TypedResults.NoContent();
    }
}
