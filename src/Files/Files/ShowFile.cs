using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Files.Files;

/// <summary>Shows a file of the caller's own; staff see everyone's.</summary>
internal static class ShowFile
{
    public static async Task<Results<Ok<FileDetails>, NotFound>> Handle(Guid id, Caller caller, Db db, FileLinks links, CancellationToken ct) =>
        await StoredFile.Find(db, id, caller, ct) is { } file ? TypedResults.Ok(FileDetails.Of(file, links)) : TypedResults.NotFound();
}
