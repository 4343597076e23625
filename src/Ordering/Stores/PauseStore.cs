using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Quitanda.Platform;

namespace Quitanda.Ordering.Stores;

/// <summary>Stops taking orders: for some minutes, until a time, or until <c>POST /store/resume</c>. Orders scheduled for after its end are taken.</summary>
internal static class PauseStore
{
    internal const int DaysAtMost = 31;

    /// <param name="Minutes">How long, from now.</param>
    /// <param name="Until">Instead: the end, at most 31 days from now.</param>
    /// <param name="Reason">For customers to read.</param>
    internal sealed record Request([Range(1, 1440)] int? Minutes = null, DateTimeOffset? Until = null, [StringLength(200, MinimumLength = 1)] string? Reason = null);

    public static async Task<Ok<StoreDetails>> Handle(Request? request, Db db, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if (request is { Minutes: not null, Until: not null })
            throw new InvalidException("until", "cannot be given together with minutes.");
        if (request?.Until is { } until && (until <= now || until > now.AddDays(DaysAtMost)))
            throw new InvalidException("until", $"must be in the future, and at most {DaysAtMost} days ahead.");

        var store = await db.Set<Store>().SingleAsync(ct);
        store.Pause(request?.Minutes is { } minutes ? now.AddMinutes(minutes) : request?.Until, request?.Reason, now);
        db.Evict(Store.Tag);
        return TypedResults.Ok(StoreDetails.Of(store));
    }
}
