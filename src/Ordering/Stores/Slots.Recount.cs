using Quitanda.Ordering.Orders;
using Quitanda.Platform;

namespace Quitanda.Ordering.Stores;

/// <content>Places when the plan has changed.</content>
internal sealed partial class Slots
{
    /// <summary>Longer than a slot: what was to be handed over before is in none that anybody can still ask for.</summary>
    private static readonly TimeSpan GoneBy = TimeSpan.FromDays(1);

    /// <summary>
    /// Counts the places of all orders anew: each is in the slot that its promised time is in now, whichever it had and if it had none, and however many that slot takes. Nobody takes a place
    /// meanwhile, since the caller goes alone through <see cref="Store.Table"/>; an order that gives its place back comes before, or waits and gives back its new one.
    /// </summary>
    /// <param name="terms">What the store says from now on.</param>
    /// <param name="now">The time.</param>
    /// <param name="ct">Ends what was not sent yet.</param>
    public async Task Recount(Terms terms, DateTimeOffset now, CancellationToken ct)
    {
        // Where no place need be taken, none is looked at until there is a plan again, and then all are counted.
        if (terms.CapacityOf(Fulfillment.Pickup) is null && terms.CapacityOf(Fulfillment.Delivery) is null)
            return;
        var since = now - GoneBy;
        // One that was handed over keeps its place, as it always does: the work of its slot was done. By id, like everybody who locks more than one.
        var orders = await db.Read(
            $"select id, fulfillment, ready_at, slot_at from ordering.orders where ready_at >= {since} and status <> 'cancelled' order by id for no key update",
            row => (Id: row.GetGuid(0), Fulfillment: Wire.Parse<Fulfillment>(row.GetString(1)), ReadyAt: row.GetFieldValue<DateTimeOffset>(2), SlotAt: InstantOrNull(row, 3)), ct);

        var placed = orders.ConvertAll(order => (order.Id, order.Fulfillment, Was: order.SlotAt, Is: terms.SlotAt(order.Fulfillment, order.ReadyAt)));
        var moved = placed.FindAll(order => order.Was != order.Is);
        var counts = placed.Where(order => order.Is is not null).CountBy(order => (order.Fulfillment, StartsAt: order.Is!.Value)).ToList();
        var (ids, to) = (moved.Select(order => order.Id).ToArray(), moved.Select(order => order.Is).ToArray());
        var (ways, starts, taken) = (counts.Select(slot => slot.Key.Fulfillment.Name()).ToArray(), counts.Select(slot => slot.Key.StartsAt).ToArray(), counts.Select(slot => slot.Value).ToArray());
        await db.Execute($"delete from ordering.slots where starts_at >= {since}", ct);
        await db.Execute(
            $"""
            insert into ordering.slots (fulfillment, starts_at, taken) select fulfillment, starts_at, taken from unnest({ways}, {starts}, {taken}) as counted (fulfillment, starts_at, taken)
            on conflict (fulfillment, starts_at) do update set taken = excluded.taken
            """, ct);
        await db.Execute($"update ordering.orders o set slot_at = moved.slot_at from unnest({ids}, {to}) as moved (id, slot_at) where o.id = moved.id", ct);
    }
}
