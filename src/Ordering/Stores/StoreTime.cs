using Quitanda.Platform;

namespace Quitanda.Ordering.Stores;

/// <summary>The business keeps the time of its store.</summary>
internal sealed class StoreTime(Db db) : IBusinessTime
{
    public async ValueTask<TimeZoneInfo> Zone(CancellationToken ct) =>
        TimeZoneInfo.FindSystemTimeZoneById((await db.ReadFirst($"select time_zone from ordering.stores where id = 1", row => row.GetString(0), ct))!);

    public async ValueTask<DateTimeOffset> DayIsOver(DateTimeOffset instant, CancellationToken ct) => (await Terms.Read(db, ct)).DayIsOver(instant);
}
