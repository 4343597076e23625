using Microsoft.Extensions.Options;
using Quitanda.Ordering.Orders;
using Quitanda.Platform;

namespace Quitanda.Ordering.Contacts;

/// <summary>Forgets what guests left with orders that have been done for a while: whom to ask for, where it went and what was said about it. What was sold stays.</summary>
internal sealed class ForgetGuests(Db db, IOptions<OrderingSettings> settings, TimeProvider clock) : IHandle<Tick>
{
    public const string Kind = "ordering.forget-guests";

    public static readonly TimeSpan Period = TimeSpan.FromHours(1);

    /// <summary>Orders a tick; the next one takes the rest.</summary>
    private const int AtMost = 500;

    public async Task Handle(Tick message, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        // The condition is the index's own, word for word, so that a plan made without values may use it. One that somebody is at is left for the next time.
        var done = await db.Read(
            $"""
            select id, customer_id from ordering.orders
            where is_guest and contact is not null and status in ('delivered', 'cancelled') and updated_at < {now.AddDays(-settings.Value.GuestDays)}
            order by updated_at limit {AtMost} for update skip locked
            """, row => (Id: row.GetGuid(0), Guest: row.GetGuid(1)), ct);
        if (done.Count == 0)
            return;
        await PersonsOrders.Forget(db, Sql.Of($"o.id = any({done.Select(order => order.Id).ToArray()})"), ct);
        foreach (var guest in done.Select(order => order.Guest).Distinct())
            db.Schedule(EraseGuest.Kind, new EraseGuest.Message(guest), now, $"{EraseGuest.Kind}:{guest}");
    }
}

/// <summary>Erases a guest of whom nothing is left here but what was sold: from payments, and from the audit log. One who is still about is left alone.</summary>
internal sealed class EraseGuest(Db db, Erasure erasure, TimeProvider clock) : IHandle<EraseGuest.Message>
{
    public const string Kind = "ordering.erase-guest";

    /// <param name="GuestId">The guest.</param>
    internal sealed record Message(Guid GuestId);

    public async Task Handle(Message message, CancellationToken ct)
    {
        var guest = message.GuestId;
        var (hasOrders, hasCart) = await db.ReadFirst(
            $"""
            select exists (select from ordering.orders where customer_id = {guest} and contact is not null), exists (select from ordering.carts where owner_id = {guest})
            """, row => (row.GetBoolean(0), row.GetBoolean(1)), ct);
        // A newer order brings us here again once it is as old; a cart does not.
        if (hasOrders)
            return;
        if (hasCart)
            db.Schedule(Kind, message, clock.GetUtcNow().AddDays(1));
        else
            await erasure.EraseGuest(guest, typeof(EraseGuest), ct);
    }
}
