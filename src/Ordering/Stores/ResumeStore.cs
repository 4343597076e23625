using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Quitanda.Platform;

namespace Quitanda.Ordering.Stores;

/// <summary>Ends a pause. One that is over, or never was, is no mistake.</summary>
internal static class ResumeStore
{
    public static async Task<Ok<StoreDetails>> Handle(Db db, TimeProvider clock, CancellationToken ct)
    {
        var store = await db.Set<Store>().SingleAsync(ct);
        store.Resume(clock.GetUtcNow());
        db.Evict(Store.Tag);
        return TypedResults.Ok(StoreDetails.Of(store));
    }
}
