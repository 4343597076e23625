using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Content.Posts;
using Quitanda.Platform;

namespace Quitanda.Content.Revisions;

/// <summary>Shows a text that a post had before. For its author and moderators.</summary>
internal static class ShowRevision
{
    public static async Task<Results<Ok<Revision>, NotFound>> Handle(Guid id, Guid revisionId, Caller caller, Db db, Authors authors, CancellationToken ct)
    {
        if (await Revision.Find(db, id, revisionId, caller, ct) is not { } revision)
            return TypedResults.NotFound();
        return TypedResults.Ok(revision with { Writer = (await authors.Names([revision.WrittenBy], ct)).GetValueOrDefault(revision.WrittenBy ?? Guid.Empty) });
    }
}
