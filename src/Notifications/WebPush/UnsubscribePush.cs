using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Notifications.WebPush;

/// <summary>Has one of the caller's browsers told no more.</summary>
internal static class UnsubscribePush
{
    public static async Task<Results<NoContent, NotFound>> Handle(Guid id, Caller caller, Db db, CancellationToken ct) =>
        await db.Execute($"delete from notifications.push_subscriptions where id = {id} and person_id = {caller.Id}", ct) == 1 ? TypedResults.NoContent() : TypedResults.NotFound();
}
