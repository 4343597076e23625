using Quitanda.Booking;
using Quitanda.Ordering;
using Quitanda.Platform;

namespace Quitanda.Baskets.Baskets;

/// <summary>A basket as its owner sees it: what is wanted, what it comes to now or came to when it was held, and what stands against it.</summary>
internal sealed record BasketDetails
{
    public required Guid Id { get; init; }
    [Person]
    public required Guid OwnerId { get; init; }
    public required BasketStatus Status { get; init; }
    public required PaymentStatus PaymentStatus { get; init; }

    /// <summary>Each thing in it.</summary>
    public required IReadOnlyList<Line> Parts { get; init; }

    /// <summary>All of it, with deposits; null where that cannot be said, such as in an empty one or where something has another currency.</summary>
    public required Money? TotalAmount { get; init; }

    /// <summary>What went back of it until now.</summary>
    public required Money? RefundedAmount { get; init; }

    /// <summary>Until when all of it is held; null where it is not, or does not lapse.</summary>
    public required DateTimeOffset? ExpiresAt { get; init; }
    public required DateTimeOffset? PaidAt { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>One thing in a basket.</summary>
    /// <param name="Field">Where it stands in what is wanted: <c>goods</c>, <c>rentals[0]</c>.</param>
    /// <param name="Title">What it is, for people.</param>
    /// <param name="OrderId">The order that it became when it was checked out.</param>
    /// <param name="BookingId">The booking that it became when it was checked out.</param>
    /// <param name="Amount">What it comes to.</param>
    /// <param name="RefundedAmount">What went back of it.</param>
    /// <param name="PriceLines">What makes it up, as long as it is not held; then its order or booking says.</param>
    /// <param name="Refusals">What stands against it now.</param>
    [SchemaId("BasketPart")]
    internal sealed record Line(
        [Impersonal] string Field, [Impersonal] string? Title, Guid? OrderId, Guid? BookingId, SignedMoney? Amount, Money? RefundedAmount, IReadOnlyList<PriceLine> PriceLines, IReadOnlyList<Refusal> Refusals);

    /// <summary>One amount of a part, and the rule that made it.</summary>
    [SchemaId("BasketPriceLine")]
    internal sealed record PriceLine([Impersonal] string Rule, [Impersonal] string? Label, SignedMoney Amount);

    /// <summary>Why a part is not to be had.</summary>
    /// <param name="Code">The rule's name.</param>
    /// <param name="Message">A sentence for people.</param>
    [SchemaId("BasketRefusal")]
    internal sealed record Refusal([Impersonal] string Code, [Impersonal] string Message);
}

/// <summary>Shows baskets: what is held as it was held, and what is not as it would be now.</summary>
internal sealed class BasketView(Db db, IOrdering ordering, IBookings bookings, TimeProvider clock)
{
    public async Task<BasketDetails> Of(Basket basket, Caller caller, CancellationToken ct)
    {
        var isHeld = basket.Status == BasketStatus.Paid || (basket.Status == BasketStatus.Held && !basket.IsOver(clock.GetUtcNow()));
        List<BasketDetails.Line> parts = isHeld ? [.. (await basket.Parts(db, ct)).Select(part => Held(part, basket.Currency!))] : await Priced(basket.Wanted, caller, ct);
        var currencies = parts.Select(part => part.Amount?.Currency).Distinct(StringComparer.Ordinal).ToList();
        var total = parts.Sum(part => part.Amount?.Amount ?? 0);
        return new()
        {
            Id = basket.Id,
            OwnerId = basket.OwnerId,
            Status = isHeld ? basket.Status : BasketStatus.Open,
            PaymentStatus = basket.PaymentStatus,
            Parts = parts,
            TotalAmount = isHeld ? new(basket.Total, basket.Currency!) : currencies is [{ } one] && total is >= 0 and <= Money.Most ? new(total, one) : null,
            RefundedAmount = basket.Currency is { } currency && basket.Status == BasketStatus.Paid ? new(basket.Refunded, currency) : null,
            ExpiresAt = isHeld ? basket.ExpiresAt : null,
            PaidAt = basket.PaidAt,
            CreatedAt = basket.CreatedAt,
            UpdatedAt = basket.UpdatedAt,
        };
    }

    private static BasketDetails.Line Held(Part part, string currency) => new(
        part.Field, Title: null, part.Kind == "order" ? part.PartId : null, part.Kind == "booking" ? part.PartId : null, new(part.Amount, currency), new(part.Refunded, currency), [], []);

    private async Task<List<BasketDetails.Line>> Priced(BasketWish wish, Caller caller, CancellationToken ct)
    {
        List<BasketDetails.Line> parts = [];
        if (wish.Goods is { } goods)
            try
            {
                var priced = await ordering.Price(goods, caller, ct);
                parts.Add(new("goods", Title: null, OrderId: null, BookingId: null, new(priced.Total.Amount, priced.Total.Currency), RefundedAmount: null, Lines(priced.Lines), Refusals(priced.Refusals)));
            }
            catch (RefusedException refused)
            {
                parts.Add(Refused("goods", refused.Code, refused.Message));
            }
            catch (InvalidException invalid)
            {
                parts.Add(Refused("goods", "validation_failed", $"{invalid.Field}: {invalid.Message}"));
            }

        foreach (var (field, wanted) in wish.AllRentals)
            try
            {
                var priced = await bookings.Price(wanted, ct);
                parts.Add(new(field, priced.Title, OrderId: null, BookingId: null, priced.Total, RefundedAmount: null, Lines(priced.Lines), Refusals(priced.Refusals)));
            }
            catch (InvalidException invalid)
            {
                parts.Add(Refused(field, "validation_failed", $"{invalid.Field}: {invalid.Message}"));
            }

        return parts;
    }

    private static BasketDetails.Line Refused(string field, string code, string message) =>
        new(field, Title: null, OrderId: null, BookingId: null, Amount: null, RefundedAmount: null, [], [new(code, message)]);

    private static BasketDetails.PriceLine[] Lines(IReadOnlyList<(string Rule, string? Label, SignedMoney Amount)> lines) => [.. lines.Select(line => new BasketDetails.PriceLine(line.Rule, line.Label, line.Amount))];

    private static BasketDetails.Refusal[] Refusals(IReadOnlyList<(string Code, string Message)> refusals) => [.. refusals.Select(refusal => new BasketDetails.Refusal(refusal.Code, refusal.Message))];
}
