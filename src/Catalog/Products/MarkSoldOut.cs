using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Files;
using Quitanda.Platform;

namespace Quitanda.Catalog.Products;

/// <summary>Says that a product is sold out, until the end of the shop's today unless another end is given. It comes back by itself; its stock and whether it is on sale stay as they are.</summary>
internal static class MarkSoldOut
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(366);

    /// <param name="Until">Until when, within a year; without it until the end of today where the shop is.</param>
    internal sealed record Request(DateTimeOffset? Until = null);

    public static async Task<Results<Ok<Product>, NotFound>> Handle(Guid id, Request? request, Db db, IFiles files, IBusinessTime time, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var until = Stored(request?.Until ?? EndOfDay(now, await time.Zone(ct)));
        if (until <= now || until > now + Longest)
            throw new InvalidException("until", "must lie ahead, within a year.");

        if (await db.Execute($"update catalog.products set sold_out_until = {until}, updated_at = {now} where id = {id} and archived_at is null", ct) == 0)
            return TypedResults.NotFound();
        db.Schedule(EndSoldOut.Kind, new EndSoldOut.Message(id, until), until, $"{EndSoldOut.Kind}:{id}:{until:O}");
        Product.Evict(db, id);
        return TypedResults.Ok(await Product.Find(db, id, new(files, now, ForStaff: true), ct));
    }

    /// <summary>The instant at which the next day begins on the shop's clock: on some days that is an hour later or earlier than 24 o'clock would be.</summary>
    internal static DateTimeOffset EndOfDay(DateTimeOffset now, TimeZoneInfo zone)
    {
        var midnight = TimeZoneInfo.ConvertTime(now, zone).Date.AddDays(1);
        // Where clocks go forward at midnight, the day begins when they have.
        while (zone.IsInvalidTime(midnight))
            midnight = midnight.AddMinutes(1);
        // And where they go back over it, midnight comes twice: the day ends with the first.
        var offset = zone.IsAmbiguousTime(midnight) ? zone.GetAmbiguousTimeOffsets(midnight).Max() : zone.GetUtcOffset(midnight);
        return new DateTimeOffset(midnight, offset).ToUniversalTime();
    }

    /// <summary>As the database keeps it, so that the job finds the same instant.</summary>
    private static DateTimeOffset Stored(DateTimeOffset given) => new(given.UtcTicks - given.UtcTicks % TimeSpan.TicksPerMicrosecond, TimeSpan.Zero);
}
