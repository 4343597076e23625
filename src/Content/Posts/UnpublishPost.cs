using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Files;
using Quitanda.Platform;

namespace Quitanda.Content.Posts;

/// <summary>Makes a draft of a post again, whatever it was: nobody else sees it then, and a time that was set is void.</summary>
internal static class UnpublishPost
{
    public static async Task<Results<Ok<Post>, NotFound>> Handle(Guid id, Caller caller, Db db, IFiles files, Authors authors, TimeProvider clock, CancellationToken ct) =>
        await Publishing.Withdraw(db, id, caller, PostStatus.Draft, clock.GetUtcNow(), files, ct) is { } post ? TypedResults.Ok(await authors.Sign(post, ct)) : TypedResults.NotFound();
}
