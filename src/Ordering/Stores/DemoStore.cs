using Microsoft.EntityFrameworkCore;
using Quitanda.Ordering.Orders;
using Quitanda.Platform;

namespace Quitanda.Ordering.Stores;

/// <summary>The demo snack bar: open around the clock, so that whoever tries it out can order.</summary>
internal sealed class DemoStore(TimeProvider clock) : IDemo
{
    public async Task<bool> IsEmpty(Db db, CancellationToken ct) => !await db.Set<Order>().AnyAsync(ct);

    public async Task Fill(Db db, DemoPeople people, CancellationToken ct)
    {
        var store = await db.Set<Store>().SingleAsync(ct);
        store.Change(new(
            "Vai Coxinha", "BRL", "America/Sao_Paulo",
            [.. Enum.GetValues<DayOfWeek>().Select(day => new OpeningInterval(day, "00:00", "24:00"))],
            [new DeliveryZone(new(600, "BRL"))],
            AcceptingOrders: true), clock.GetUtcNow());
        db.Evict(Store.Tag);
    }
}
