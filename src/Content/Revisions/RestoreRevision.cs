using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Quitanda.Content.Posts;
using Quitanda.Files;
using Quitanda.Platform;

namespace Quitanda.Content.Revisions;

/// <summary>Gives a post a text again that it had before. The one it has now is kept as any other, so nothing is lost by it.</summary>
internal static class RestoreRevision
{
    public static async Task<Results<Ok<Post>, NotFound>> Handle(
        Guid id, Guid revisionId, Caller caller, Db db, PostText texts, IFiles files, Authors authors, IOptions<ContentSettings> settings, TimeProvider clock, CancellationToken ct)
    {
        if (await Revision.Find(db, id, revisionId, caller, ct) is not { } revision)
            return TypedResults.NotFound();
        var text = new NewText(revision.Title, new(revision.Excerpt), revision.Content, texts.Render(revision.Content));
        if (await Rewriting.Write(db, id, caller, text, settings.Value.RevisionsKept, clock.GetUtcNow(), ct) is null)
            return TypedResults.NotFound();
        var restored = (await Post.Find(db, id, caller, files, ct))!;
        Rewriting.Index(db, restored, text);
        return TypedResults.Ok(await authors.Sign(restored, ct));
    }
}
