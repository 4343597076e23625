using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Notifications.WebPush;

/// <summary>Shows one of the caller's browsers that asked to be told.</summary>
internal static class ShowSubscription
{
    public static async Task<Results<Ok<PushSubscription>, NotFound>> Handle(Guid id, Caller caller, Db db, CancellationToken ct) => await db.ReadFirst(
        $"select {PushSubscription.Columns} from notifications.push_subscriptions s where s.id = {id} and s.person_id = {caller.Id}", PushSubscription.Read, ct) is { } subscription
        ? TypedResults.Ok(subscription) : TypedResults.NotFound();
}
