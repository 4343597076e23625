using Microsoft.Extensions.Options;
using Quitanda.Platform;

namespace Loyalty.Points;

/// <summary>
/// Takes points away that are older than a year. What was used was the oldest, so of the old ones there is left what they come to less all that ever went. What was taken back went from its own order, and is as old as that.
/// </summary>
internal sealed class ExpirePoints(Db db, IOptions<LoyaltySettings> settings) : IHandle<Tick>
{
    public const string Kind = "loyalty.expire-points";

    public static readonly TimeSpan Period = TimeSpan.FromHours(1);

    /// <summary>People a tick; the next one takes the rest.</summary>
    private const int AtMost = 1000;

    public async Task Handle(Tick message, CancellationToken ct)
    {
        var entries = Sql.Raw("loyalty.entries e left join loyalty.entries earned on e.kind = 'taken_back' and earned.order_id = e.order_id and earned.kind = 'earned'");
        var left = Sql.Of($"sum(e.points) filter (where coalesce(earned.created_at, e.created_at) < {message.At - TimeSpan.FromDays(settings.Value.Days)} or (e.points < 0 and e.kind <> 'taken_back'))");
        var people = await db.Read($"select e.person_id from {entries} group by e.person_id having {left} > 0 limit {AtMost}", row => row.GetGuid(0), ct);
        // Everybody who changes what somebody has waits for this row, and is counted in the statement after it.
        await db.Execute($"select from loyalty.accounts where person_id = any({people.ToArray()}) order by person_id for update", ct);
        await db.Execute(
            $"""
            with expired as (
                insert into loyalty.entries (id, person_id, kind, points, created_at)
                select gen_random_uuid(), e.person_id, {EntryKind.Expired}, -{left}, {message.At} from {entries} where e.person_id = any({people.ToArray()}) group by e.person_id having {left} > 0
                returning person_id, points)
            update loyalty.accounts account set points = account.points + expired.points, updated_at = {message.At} from expired where account.person_id = expired.person_id
            """, ct);
    }
}
