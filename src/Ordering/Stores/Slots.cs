using Quitanda.Ordering.Orders;
using Quitanda.Platform;

namespace Quitanda.Ordering.Stores;

/// <summary>A slot and how many of its places are taken.</summary>
internal sealed class TakenSlot
{
    public Fulfillment Fulfillment { get; private init; }
    public DateTimeOffset StartsAt { get; private init; }
    public int Taken { get; private init; }
}

/// <summary>The places of the slots, taken and given back in the caller's transaction.</summary>
/// <remarks>
/// Lock order: slots are taken, and given back, after products and coupons. They are what most orders of an hour have in common, and so are held for the shortest time; and since
/// every order holds one slot at the most, two orders cannot wait for each other here.
/// </remarks>
internal sealed partial class Slots(Db db)
{
    /// <summary>
    /// Takes a place in the first of these slots that has room, and says which; null where none has. Whoever is on the way to the last place makes others wait for
    /// their end: then it is gone, or free again.
    /// </summary>
    /// <param name="fulfillment">Each way has places of its own.</param>
    /// <param name="candidates">The beginnings of slots, the first choice first.</param>
    /// <param name="capacity">How many places each has now; where it was lowered, what is taken above it stays.</param>
    /// <param name="ct">Ends what was not sent yet.</param>
    public async Task<DateTimeOffset?> Take(Fulfillment fulfillment, IReadOnlyList<DateTimeOffset> candidates, int capacity, CancellationToken ct)
    {
        // The choice may be lost to somebody faster; then the next one is made from what is left. Each round loses one candidate, but for a place that came back meanwhile.
        for (var round = 0; round <= 2 * candidates.Count; round++)
        {
            var (chosen, taken) = await db.ReadFirst($"""
                with choice as (
                    select starts_at from unnest({candidates.ToArray()}) with ordinality as wanted (starts_at, place)
                    where not exists (select from ordering.slots as full_one where full_one.fulfillment = {fulfillment} and full_one.starts_at = wanted.starts_at and full_one.taken >= {capacity})
                    order by place limit 1
                ), took as (
                    insert into ordering.slots as slot (fulfillment, starts_at, taken) select {fulfillment}, starts_at, 1 from choice
                    on conflict (fulfillment, starts_at) do update set taken = slot.taken + 1 where slot.taken < {capacity}
                    returning starts_at
                )
                select (select starts_at from choice), (select starts_at from took)
                """, row => (InstantOrNull(row, 0), InstantOrNull(row, 1)), ct);
            if (taken is not null || chosen is null)
                return taken;
        }

        return null;
    }

    /// <summary>Takes what a promise needs, and gives the promise as it can be kept; null where there is no room.</summary>
    public async ValueTask<Promise?> Keep(Terms terms, Fulfillment fulfillment, Promise promise, CancellationToken ct)
    {
        if (promise.Slots.Count == 0 || terms.CapacityOf(fulfillment) is not { } capacity)
            return promise with { Slots = [] };
        return await Take(fulfillment, promise.Slots, capacity, ct) is { } slot ? promise.In(slot) : null;
    }

    /// <summary>Gives a place back, with the unit of work's other writes. One that was given back already, or forgotten, is passed over.</summary>
    public void Return(Fulfillment fulfillment, DateTimeOffset start) =>
        db.Write($"update ordering.slots set taken = taken - 1 where fulfillment = {fulfillment} and starts_at = {start} and taken > 0");

    /// <summary>Moves a place from one slot to another, whatever room there is, with the unit of work's other writes.</summary>
    public void Move(Fulfillment fulfillment, DateTimeOffset? from, DateTimeOffset? to)
    {
        if (from == to)
            return;
        // The earlier slot first, so that two who move the other way round cannot wait for each other.
        if (from is { } left && !(to < left))
            Return(fulfillment, left);
        if (to is { } taken)
            db.Write($"insert into ordering.slots as slot (fulfillment, starts_at, taken) values ({fulfillment}, {taken}, 1) on conflict (fulfillment, starts_at) do update set taken = slot.taken + 1");
        if (from is { } later && to < later)
            Return(fulfillment, later);
    }

    /// <summary>Those of a time that have no room, to show.</summary>
    public async Task<HashSet<DateTimeOffset>> Full(Fulfillment fulfillment, DateTimeOffset from, DateTimeOffset until, int capacity, CancellationToken ct) =>
        [.. await db.Read($"select starts_at from ordering.slots where fulfillment = {fulfillment} and starts_at >= {from} and starts_at < {until} and taken >= {capacity}", row => row.GetFieldValue<DateTimeOffset>(0), ct)];

    /// <summary>The refusal of an order whose slots are all taken, with the next one that had room just now, if there is one.</summary>
    /// <param name="terms">The store's.</param>
    /// <param name="fulfillment">How it was to be handed over.</param>
    /// <param name="promise">What could not be kept.</param>
    /// <param name="now">The time.</param>
    /// <param name="ct">Ends what was not sent yet.</param>
    public async Task<Refusal> Refused(Terms terms, Fulfillment fulfillment, Promise promise, DateTimeOffset now, CancellationToken ct)
    {
        var later = terms.SlotsFrom(fulfillment, promise.Slots[0], now);
        Dictionary<string, object> facts = new(StringComparer.Ordinal);
        if (later.Count > 0)
        {
            var full = await Full(fulfillment, later[0], later[^1].AddTicks(1), terms.CapacityOf(fulfillment) ?? int.MaxValue, ct);
            if (later.Where(slot => !full.Contains(slot)).Select(slot => (DateTimeOffset?)slot).FirstOrDefault() is { } free)
                facts["nextFree"] = free;
        }

        return new("slot_taken", promise.Slots.Count > 1 ? "There is no room left today." : "There is no room left at that time.", facts);
    }

    private static DateTimeOffset? InstantOrNull(Npgsql.NpgsqlDataReader row, int at) => row.IsDBNull(at) ? null : row.GetFieldValue<DateTimeOffset>(at);
}

/// <summary>Forgets slots a week after they began: nobody gives a place of theirs back any more.</summary>
internal sealed class ForgetSlots(Db db) : IHandle<Tick>
{
    public const string Kind = "ordering.forget-slots";

    public static readonly TimeSpan Period = TimeSpan.FromHours(1);

    private static readonly TimeSpan Kept = TimeSpan.FromDays(7);

    public Task Handle(Tick message, CancellationToken ct) => db.Execute($"delete from ordering.slots where starts_at < {message.At - Kept}", ct);
}
