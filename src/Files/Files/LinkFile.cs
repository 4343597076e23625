using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Files.Files;

/// <summary>Signs a link to a file of the caller's own, by which anyone may fetch it until the link ends; staff may sign for everyone's.</summary>
[ReadsOnly, AnswersSecret, Refuses("file_not_ready")]
internal static class LinkFile
{
    /// <param name="Url">Where whoever holds the link gets the bytes.</param>
    /// <param name="ExpiresAt">Until when.</param>
    internal sealed record Response([Personal] string Url, DateTimeOffset ExpiresAt);

    public static async Task<Results<Ok<Response>, NotFound>> Handle(Guid id, Caller caller, Db db, FileLinks links, CancellationToken ct)
    {
        if (await StoredFile.Find(db, id, caller, ct) is not { } file)
            return TypedResults.NotFound();
        if (file.State != FileState.Ready)
            throw new RefusedException("file_not_ready", "The file has no bytes yet.");
        var until = links.Until;
        return TypedResults.Ok(new Response(links.Signed(id, until), until));
    }
}
