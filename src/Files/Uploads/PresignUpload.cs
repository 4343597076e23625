using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Quitanda.Files.Files;
using Quitanda.Files.Formats;
using Quitanda.Files.Stores;
using Quitanda.Platform;

namespace Quitanda.Files.Uploads;

/// <summary>
/// Announces a file that the client sends to the store itself: the answer says where, how and until when. It takes exactly the size and type announced, and
/// nobody sees the file before it is completed.
/// </summary>
[Refuses("payload_too_large", 413), Refuses("quota_exceeded")]
internal static class PresignUpload
{
    /// <param name="Name">What the file is called; the ending follows from what it turns out to be.</param>
    /// <param name="ContentType">What it is; its bytes must prove it.</param>
    /// <param name="Size">Its bytes, to the byte.</param>
    /// <param name="Visibility">Who may fetch it. For good: a file does not change.</param>
    internal sealed record Request(
        [StringLength(1000, MinimumLength = 1)] string Name,
        [AllowedValues("image/jpeg", "image/png", "image/webp", "image/gif", "application/pdf")] string ContentType,
        [Range(1, 100 * 1024 * 1024)] long Size,
        Visibility Visibility = Visibility.Private);

    /// <param name="File">The file as it is announced.</param>
    /// <param name="Upload">How to send its bytes.</param>
    internal sealed record Response(FileDetails File, Upload Upload);

    /// <param name="Method">Always `PUT`.</param>
    /// <param name="Url">Where to, as it stands here.</param>
    /// <param name="Headers">What to send with it, as it stands here.</param>
    /// <param name="ExpiresAt">Until when.</param>
    internal sealed record Upload(string Method, string Url, IReadOnlyDictionary<string, string> Headers, DateTimeOffset ExpiresAt);

    public static async Task<Created<Response>> Handle(
        Request request, Caller owner, Db db, Intake intake, IFileStore store, FileLinks links, IOptions<FileSettings> settings, TimeProvider clock, CancellationToken ct)
    {
        if (request.Size > settings.Value.MaxBytes)
            throw Spool.TooLarge(settings.Value.MaxBytes);

        var now = clock.GetUtcNow();
        var file = new NewFile(
            Guid.CreateVersion7(now), owner, request.Visibility, request.ContentType, request.Size, FileName.Clean(request.Name, FileFormat.Of(request.ContentType)), ObjectKey.New(now), IsDirect: true);
        await intake.Intend(db, file, ct);

        var until = links.Until;
        // Signing asks nobody: the store's keys are here.
        var url = (await store.SignUpload(file.Key, file.ContentType, file.Size, links.Lifetime))?.AbsoluteUri ?? links.Upload(file.Id, file.ContentType, file.Size, until);
        var headers = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Content-Type"] = file.ContentType,
            ["Content-Length"] = file.Size.ToString(System.Globalization.CultureInfo.InvariantCulture),
        };
        var details = new FileDetails(file.Id, owner.Id, IsReady: false, file.Visibility, file.ContentType, file.Size, Width: null, Height: null, file.Name, Url: null, Sha256: null, now, now);
        return TypedResults.Created(FileDetails.PathOf(file.Id), new Response(details, new("PUT", url, headers, until)));
    }
}
