using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Accounts;
using Quitanda.Platform;

namespace Loyalty.Points;

/// <summary>An admin gives somebody points, or takes some of those that are there, and says why.</summary>
[Refuses("not_enough_points")]
internal static class AdjustPoints
{
    /// <param name="Points">How many; less than nothing takes them.</param>
    /// <param name="Reason">For their owner to read.</param>
    internal sealed record Request([Range(-1_000_000, 1_000_000)] int Points, [StringLength(200, MinimumLength = 1)] string Reason);

    public static async Task<Results<Ok<Balance>, NotFound>> Handle(Guid personId, Request request, IAccounts accounts, Db db, TimeProvider clock, CancellationToken ct)
    {
        if (request.Points == 0)
            throw new InvalidException("points", "must not be 0.");
        if (await accounts.Payees([personId], ct) is { Count: 0 })
            return TypedResults.NotFound();

        var now = clock.GetUtcNow();
        await db.Execute($"insert into loyalty.accounts (person_id, points, updated_at) values ({personId}, 0, {now}) on conflict (person_id) do nothing", ct);
        // Checked where it is written: two admins who take at once cannot both have the last points.
        if (await db.Execute($"update loyalty.accounts set points = points + {request.Points}, updated_at = {now} where person_id = {personId} and ({request.Points} > 0 or points + {request.Points} >= 0)", ct) == 0)
            throw new RefusedException("not_enough_points", "There are not so many points to take.");
        await db.Execute(
            $"insert into loyalty.entries (id, person_id, kind, points, reason, created_at) values ({Guid.CreateVersion7()}, {personId}, {EntryKind.Adjusted}, {(long)request.Points}, {request.Reason}, {now})", ct);
        return TypedResults.Ok(await Balance.Of(db, personId, ct));
    }
}
