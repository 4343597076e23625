using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Quitanda.Platform;

namespace Quitanda.Ordering.Stores;

/// <summary>Replaces everything about the store. Orders that exist keep their currency and fee.</summary>
internal static class ChangeStore
{
    /// <param name="Name">As customers see it.</param>
    /// <param name="Currency">What products, fees and orders are priced in.</param>
    /// <param name="TimeZone">An IANA name; opening hours are in it.</param>
    /// <param name="OpeningHours">Any number of intervals a day; none at all is closed. Around the clock is <c>00:00</c> to <c>24:00</c> on each day.</param>
    /// <param name="DeliveryZones">Exactly one, for everywhere, in this version.</param>
    /// <param name="AcceptingOrders">False refuses every order, whatever the hour.</param>
    internal sealed record Request(
        [StringLength(100, MinimumLength = 1)] string Name,
        [Currency] string Currency,
        [TimeZone] string TimeZone,
        [MaxLength(70)] OpeningInterval[] OpeningHours,
        [MinLength(1), MaxLength(1)] DeliveryZone[] DeliveryZones,
        bool AcceptingOrders);

    public static async Task<Ok<StoreDetails>> Handle(Request request, Db db, TimeProvider clock, CancellationToken ct)
    {
        var store = await db.Set<Store>().SingleAsync(ct);
        store.Change(request, clock.GetUtcNow());
        db.Evict(Store.Tag);
        return TypedResults.Ok(StoreDetails.Of(store));
    }
}
