using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Files;
using Quitanda.Platform;

namespace Quitanda.Content.Posts;

/// <summary>Puts a post away: only its author and moderators see it then, with its comments as they are. It can be published again.</summary>
internal static class ArchivePost
{
    public static async Task<Results<Ok<Post>, NotFound>> Handle(Guid id, Caller caller, Db db, IFiles files, Authors authors, TimeProvider clock, CancellationToken ct) =>
        await Publishing.Withdraw(db, id, caller, PostStatus.Archived, clock.GetUtcNow(), files, ct) is { } post ? TypedResults.Ok(await authors.Sign(post, ct)) : TypedResults.NotFound();
}
