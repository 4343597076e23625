using Quitanda.Ordering.Contacts;
using Quitanda.Ordering.Orders;
using Quitanda.Platform;

namespace Quitanda.Ordering.Letters;

/// <summary>What letters tell of an order: as it was when the letter was written, whenever that goes out.</summary>
internal sealed record OrderFacts(
    long Number, OrderFacts.Line[] Lines, Money Subtotal, Money? Discount, Money? DeliveryFee, Money? Tip, Money Total, string? Address, DateTimeOffset? ScheduledFor, Uri? FollowUrl = null)
{
    /// <summary>One line of the order.</summary>
    internal sealed record Line(int Quantity, string Name, Money Total);

    public static OrderFacts Of(Order order, FollowLinks links)
    {
        var currency = order.Currency;
        return new(
            order.Number, [.. order.Items.OrderBy(item => item.Position).Select(item => new Line(item.Quantity, item.Name, new(item.Total, currency)))],
            new(order.Subtotal, currency), Unless0(order.Discount), Unless0(order.DeliveryFee), Unless0(order.Tip), new(order.Total, currency),
            order.Address is { } address ? $"{address.Street}, {address.Number}{(address.Complement is { Length: > 0 } more ? $", {more}" : "")}, {address.Neighborhood}, {address.City} - {address.State}" : null,
            order.ScheduledFor, links.PageOf(order));

        Money? Unless0(long amount) => amount == 0 ? null : new(amount, currency);
    }
}
