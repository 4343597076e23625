using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Quitanda.Platform;

namespace Quitanda.Ordering.Stores;

/// <summary>Shows the store: its name, currency, time zone, opening hours, what delivery costs, and whether it takes orders at all.</summary>
internal static class ShowStore
{
    public static async Task<Ok<StoreDetails>> Handle(Db db, Shown shown, CancellationToken ct)
    {
        shown.Tag(Store.Tag);
        return TypedResults.Ok(StoreDetails.Of(await db.Set<Store>().AsNoTracking().SingleAsync(ct)));
    }
}
