using Microsoft.EntityFrameworkCore;
using Quitanda.Payments;
using Quitanda.Platform;

namespace Quitanda.Baskets.Baskets;

/// <summary>What happens to all parts of a basket together. The basket is locked by the caller.</summary>
internal sealed class BasketParts(Db db, IEnumerable<IPayablePart> kinds, IPayments payments)
{
    /// <summary>Refuses to change a basket that is held or paid. What was held and not paid in time is let go first.</summary>
    /// <exception cref="RefusedException"><c>basket_held</c>, <c>already_paid</c>.</exception>
    public async Task RequireOpen(Basket basket, DateTimeOffset now, CancellationToken ct)
    {
        if (basket.Status == BasketStatus.Paid)
            throw new RefusedException("already_paid", "The basket is paid: what is in it is changed one by one.");
        if (basket.IsOver(now))
            await Release(basket, hasLapsed: true, now, ct);
        if (basket.Status == BasketStatus.Held)
            throw new RefusedException("basket_held", "The basket is held: release it first.");
        // What a former checkout had made is over; a payment for it that still comes finds nothing to pay, and goes back.
        foreach (var part in await basket.Parts(db, ct))
            db.Remove(part);
        basket.Reopen(now);
        await db.Flush(ct);
    }

    /// <summary>Lets go of all parts that nobody paid, and ends the basket's open payment.</summary>
    public async Task Release(Basket basket, bool hasLapsed, DateTimeOffset now, CancellationToken ct)
    {
        foreach (var part in await basket.Parts(db, ct))
            await KindOf(part).Release(part.PartId, hasLapsed, ct);
        if (hasLapsed)
            basket.Lapse(now);
        else
            basket.Reopen(now);
        await payments.CancelOrRefund(PayableBasket.BasketKind, basket.Id, hasLapsed ? "lapsed" : "released", ct);
        await db.Flush(ct);
    }

    /// <summary>Whether all parts are held, or may be had again.</summary>
    public async Task<bool> AreThere(Basket basket, CancellationToken ct)
    {
        var parts = await basket.Parts(db, ct);
        foreach (var part in parts)
            if (await KindOf(part).Lock(part.PartId, ct) is not { Stand: PartStand.Held or PartStand.Lapsed })
                return false;
        return parts.Count > 0;
    }

    /// <summary>Makes all parts paid ones, or none (of a basket that costs nothing, without a payment): those that had lapsed are taken again first. False where one cannot be had any more; then nothing has changed.</summary>
    public async Task<bool> MarkPaid(Basket basket, Guid? paymentId, DateTimeOffset at, CancellationToken ct)
    {
        var parts = await basket.Parts(db, ct);
        foreach (var part in parts)
            await KindOf(part).MakeWay(part.PartId, ct);
        await db.Execute(Sql.Raw("savepoint before_parts"), ct);
        List<Action> mark = [];
        foreach (var part in parts)
        {
            if (await KindOf(part).TakePaid(part.PartId, paymentId, at, ct) is not { } paid)
            {
                await db.Execute(Sql.Raw("rollback to savepoint before_parts"), ct);
                return false;
            }

            mark.Add(paid);
        }

        foreach (var paid in mark)
            paid();
        if (paymentId is { } payment)
            await MoveIncome(basket, parts, payment, ct);
        return true;
    }

    /// <summary>More of the basket's payment went back, or came back where it is less than nothing: of the parts that it was asked for, in the order in which it was; and what nobody asked for, of what is left.</summary>
    public async Task Return(Basket basket, long more, Guid paymentId, DateTimeOffset at, CancellationToken ct)
    {
        var parts = (await basket.Parts(db, ct)).ToDictionary(part => part.Position);
        var refunds = await db.Set<PartRefund>().Where(refund => refund.BasketId == basket.Id).OrderBy(refund => refund.CreatedAt).ThenBy(refund => refund.Id).ToListAsync(ct);
        Dictionary<int, long> changed = [];
        foreach (var refund in more > 0 ? refunds : Enumerable.Reverse(refunds))
        {
            var share = more > 0 ? Math.Min(more, refund.Amount - refund.Gone) : Math.Max(more, -refund.Gone);
            refund.Gone += share;
            more -= share;
            changed[refund.Position] = changed.GetValueOrDefault(refund.Position) + share;
        }

        foreach (var part in parts.Values.OrderByDescending(part => part.Kind == "order").ThenBy(part => part.Position))
        {
            var so = part.Refunded + changed.GetValueOrDefault(part.Position);
            var share = Math.Min(more, part.Amount - so);
            if (share <= 0)
                continue;
            db.Add(new PartRefund { Id = Guid.CreateVersion7(at), BasketId = basket.Id, Position = part.Position, Amount = share, Gone = share, CreatedAt = at });
            more -= share;
            changed[part.Position] = changed.GetValueOrDefault(part.Position) + share;
        }

        foreach (var (position, share) in changed.Where(one => one.Value != 0).OrderBy(one => one.Key))
        {
            var part = parts[position];
            part.Refunded += share;
            await KindOf(part).Refunded(part.PartId, paymentId, new(part.Refunded, basket.Currency!), at, ct);
            // What was income went back out of what is held: so it is taken from there again.
            if (await KindOf(part).Lock(part.PartId, ct) is { Income.Count: > 0 })
                payments.Post(new(basket.NextMove(), LedgerPostKind.Transfer, [new(BookAccounts.Refunds, share, basket.Currency!), new(BookAccounts.Held, -share, basket.Currency!)], paymentId, TakesBack: part.Kind));
        }
    }

    public IPayablePart KindOf(Part part) => kinds.Single(kind => kind.Kind == part.Kind);

    /// <summary>What is somebody's as soon as it is paid leaves what is held.</summary>
    private async Task MoveIncome(Basket basket, List<Part> parts, Guid paymentId, CancellationToken ct)
    {
        foreach (var part in parts)
            if (await KindOf(part).Lock(part.PartId, ct) is { Income: { Count: > 0 } income, Amount.Amount: > 0 and var amount })
                payments.Post(new(basket.NextMove(), LedgerPostKind.Transfer,
                    [new(BookAccounts.Held, amount, basket.Currency!), .. income.Where(line => line.Value != 0).Select(line => new LedgerLine(line.Key, -line.Value, basket.Currency!))], paymentId));
    }
}
