using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Files;
using Quitanda.Platform;

namespace Quitanda.Catalog.Products;

/// <summary>Says that a product is sold out, until the end of the shop's today unless another end is given. It comes back by itself; its stock and whether it is on sale stay as they are.</summary>
internal static class MarkSoldOut
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(366);

    /// <param name="Until">Until when, within a year; without it until the shop's today is over, which is after midnight where it works on past that.</param>
    internal sealed record Request(DateTimeOffset? Until = null);

    public static async Task<Results<Ok<Product>, NotFound>> Handle(Guid id, Request? request, Db db, IFiles files, IBusinessTime time, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var until = Stored(request?.Until ?? await time.DayIsOver(now, ct));
        if (until <= now || until > now + Longest)
            throw new InvalidException("until", "must lie ahead, within a year.");

        if (await db.Execute($"update catalog.products set sold_out_until = {until}, updated_at = {now} where id = {id} and archived_at is null", ct) == 0)
            return TypedResults.NotFound();
        db.Schedule(EndSoldOut.Kind, new EndSoldOut.Message(id, until), until, $"{EndSoldOut.Kind}:{id}:{until:O}");
        Product.Evict(db, id);
        return TypedResults.Ok(await Product.Find(db, id, new(files, now, ForStaff: true), ct));
    }

    /// <summary>As the database keeps it, so that the job finds the same instant.</summary>
    private static DateTimeOffset Stored(DateTimeOffset given) => new(given.UtcTicks - given.UtcTicks % TimeSpan.TicksPerMicrosecond, TimeSpan.Zero);
}
