using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Accounts.Sessions;
using Quitanda.Platform;

namespace Quitanda.Accounts.Users;

/// <summary>Counts the users, for admins. Months and days are those of UTC.</summary>
internal static class UserStats
{
    private const int ActiveDays = 30;

    /// <param name="Total">All users, deactivated ones too.</param>
    /// <param name="NewThisMonth">Who signed up since the first of the month.</param>
    /// <param name="ActiveLast30Days">Who signed in, or whose client refreshed its tokens, today or on the 29 days before.</param>
    /// <param name="ByRole">Who holds each role; somebody who holds two is counted at both.</param>
    internal sealed record Response(long Total, long NewThisMonth, long ActiveLast30Days, Holders ByRole);

    /// <summary>How many hold each role.</summary>
    internal sealed record Holders(long Customer, long Owner, long Staff, long Moderator, long Admin);

    public static async Task<Ok<Response>> Handle(Db db, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var monthBegan = new DateTimeOffset(now.Year, now.Month, 1, 0, 0, 0, TimeSpan.Zero);
        return TypedResults.Ok(await db.ReadFirst(
            $"""
            select count(*), count(*) filter (where created_at >= {monthBegan}), (select count(*) from accounts.last_seen where seen_on > {now.UtcDay().AddDays(-ActiveDays)}),
                   count(*) filter (where roles & 1 <> 0), count(*) filter (where roles & 2 <> 0), count(*) filter (where roles & 4 <> 0),
                   count(*) filter (where roles & 8 <> 0), count(*) filter (where roles & 16 <> 0)
            from accounts.users
            """,
            row => new Response(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), new(row.GetInt64(3), row.GetInt64(4), row.GetInt64(5), row.GetInt64(6), row.GetInt64(7))), ct));
    }
}
