using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Booking.Waitlist;

/// <summary>Shows a wish on a waiting list, to who waits, to the listing's owner and to admins.</summary>
internal static class ShowWait
{
    public static async Task<Results<Ok<Wait>, NotFound>> Handle(Guid id, Caller caller, Db db, TimeProvider clock, CancellationToken ct) =>
        await Wait.Find(db, id, Wait.VisibleTo(caller), clock.GetUtcNow(), ct) is { } wait ? TypedResults.Ok(wait) : TypedResults.NotFound();
}
