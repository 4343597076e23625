using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Quitanda.Platform;

namespace Quitanda.Ordering.Stores;

/// <summary>Says that every order takes so many minutes longer just now: until a time, or until something else is said. None at all is as always.</summary>
internal static class SetBusy
{
    /// <param name="Minutes">On top of the lead.</param>
    /// <param name="Until">When it ends by itself, at most 31 days from now.</param>
    internal sealed record Request([Range(0, 240)] int Minutes, DateTimeOffset? Until = null);

    public static async Task<Ok<StoreDetails>> Handle(Request request, Db db, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if (request.Until is { } until && (until <= now || until > now.AddDays(PauseStore.DaysAtMost)))
            throw new InvalidException("until", $"must be in the future, and at most {PauseStore.DaysAtMost} days ahead.");

        var store = await db.Set<Store>().SingleAsync(ct);
        store.SlowDown(request.Minutes, request.Until, now);
        db.Evict(Store.Tag);
        return TypedResults.Ok(StoreDetails.Of(store));
    }
}
