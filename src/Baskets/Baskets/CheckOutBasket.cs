using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Quitanda.Booking;
using Quitanda.Ordering;
using Quitanda.Platform;

namespace Quitanda.Baskets.Baskets;

/// <summary>
/// Holds everything in a basket, or nothing: goods become an order, and each listing a booking, all in one transaction. What cannot be had is named, each thing with the rule that refused it. What is held
/// is paid with one payment, of the basket, within half an hour; then all of it is free again.
/// </summary>
[Refuses("basket_refused"), Refuses("basket_empty"), Refuses("basket_held"), Refuses("already_paid"), Refuses("currency_mismatch"), Refuses("total_too_large")]
internal static class CheckOutBasket
{
    public static async Task<Results<Ok<BasketDetails>, NotFound>> Handle(
        Guid id, Caller caller, Db db, IOrdering ordering, IBookings bookings, BasketParts parts, BasketView view, TimeProvider clock, IOptions<BasketSettings> settings, CancellationToken ct)
    {
        if (await Basket.Lock(db, id, ct) is not { } basket || basket.OwnerId != caller.Id)
            return TypedResults.NotFound();
        var now = clock.GetUtcNow();
        await parts.RequireOpen(basket, now, ct);
        if (basket.Wanted.IsEmpty)
            throw new RefusedException("basket_empty", "Nothing is in the basket.");
        var payBy = now + TimeSpan.FromMinutes(settings.Value.UnpaidMinutes);

        // Listings before goods, by everybody, and each in the order of its id.
        (string Field, WantedRental Wanted)[] rentals = [.. basket.Wanted.AllRentals];
        await bookings.LockListings([.. rentals.Select(rental => rental.Wanted.ListingId)], ct);
        var held = new Attempt(db);
        foreach (var (field, wanted) in rentals.OrderBy(rental => rental.Wanted.ListingId))
            await held.Try("booking", field, () => bookings.Hold(wanted, caller.Id, basket.Id, payBy, ct), ct);
        if (basket.Wanted.Goods is { } goods)
            await held.Try("order", "goods", () => ordering.Hold(goods, caller, basket.Id, payBy, ct), ct);
        var (currency, total) = held.Require();

        var position = 0;
        foreach (var part in held.Parts)
            db.Add(new Part { BasketId = basket.Id, Position = ++position, Kind = part.Kind, PartId = part.Id, Field = part.Field, Amount = part.Amount.Amount });
        basket.Hold(currency, total, payBy, now);
        await db.Flush(ct);
        // One that costs nothing waits for nobody.
        if (basket.Status == BasketStatus.Paid)
            await parts.MarkPaid(basket, paymentId: null, now, ct);
        return TypedResults.Ok(await view.Of(basket, caller, ct));
    }

    /// <summary>What was held until now, and what was refused: all refusals are told at once.</summary>
    private sealed class Attempt(Db db)
    {
        private readonly List<object> _failures = [];

        public List<(string Kind, Guid Id, string Field, Money Amount)> Parts { get; } = [];

        public async Task Try(string kind, string field, Func<Task<(Guid Id, Money Total)>> hold, CancellationToken ct)
        {
            await db.Execute(Sql.Raw("savepoint before_part"), ct);
            try
            {
                var (id, total) = await hold();
                Parts.Add((kind, id, field, total));
                return;
            }
            catch (RefusedException refused)
            {
                _failures.Add(new { part = field, code = refused.Code, message = refused.Message, facts = refused.Facts });
            }
            catch (InvalidException invalid)
            {
                _failures.Add(new { part = field, code = "validation_failed", message = $"{invalid.Field}: {invalid.Message}" });
            }

            // So that what it took before it was refused stands in no other's way; in the end all is undone.
            await db.Execute(Sql.Raw("rollback to savepoint before_part"), ct);
        }

        public (string Currency, long Total) Require()
        {
            if (_failures.Count > 0)
                throw new RefusedException("basket_refused", "Not everything in the basket can be had, so nothing is held.") { Facts = new Dictionary<string, object>(StringComparer.Ordinal) { ["failures"] = _failures } };
            string[] currencies = [.. Parts.Select(part => part.Amount.Currency).Distinct(StringComparer.Ordinal)];
            if (currencies is not [var currency])
                throw new RefusedException("currency_mismatch", "Not everything in the basket has one currency, so one payment cannot pay it.");
            var total = Parts.Sum(part => part.Amount.Amount);
            return total <= Money.Most ? (currency, total) : throw new RefusedException("total_too_large", "No basket may come to so much.");
        }
    }
}
