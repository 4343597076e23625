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
            [
                new(new(600, "BRL"), PostalCodePrefixes: ["010", "011", "012", "013", "014", "015"], FreeFrom: new(8000, "BRL"), Name: "Centro"),
                new(new(1200, "BRL"), MinimumOrder: new(3000, "BRL"), Name: "Resto da cidade"),
            ],
            AcceptingOrders: true,
            Pickup: new(LeadMinutes: 15),
            Delivery: new(LeadMinutes: 40)), clock.GetUtcNow());
        db.Evict(Store.Tag);
    }
}
