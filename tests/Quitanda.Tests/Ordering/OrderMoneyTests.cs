using System.Numerics;
using FsCheck;
using FsCheck.Fluent;
using Quitanda.Catalog;
using Quitanda.Ordering.Orders;
using Quitanda.Ordering.Pricing;
using Quitanda.Platform;

namespace Quitanda.Tests.Ordering;

public sealed class OrderMoneyTests
{
    private static readonly string[] CurrenciesOfAllDecimals = ["JPY", "BRL", "KWD"];

    private sealed record Case(string Currency, (long Price, int Quantity)[] Lines, Discount? Off, long Fee, long Tip);

    [Fact]
    public void Parts_sum_to_the_whole_or_the_order_is_refused_as_too_large()
    {
        var ordinary = Gen.Choose(0, 100_000).Select(minor => (long)minor);
        // So large that even a few lines may not be money any more.
        var large = Gen.Choose(0, 1_000_000).Select(minor => minor * 1000L);
        var cases = from currency in Gen.Elements(CurrenciesOfAllDecimals)
                    from amount in Gen.Elements(ordinary, large)
                    from count in Gen.Choose(1, 100)
                    from lines in amount.Zip(Gen.Choose(1, 999)).ArrayOf(count)
                    from fee in amount
                    from tip in amount
                    from off in Gen.OneOf(Gen.Constant<Discount?>(null), Gen.Choose(1, 100).Select(percent => (Discount?)new(percent, Amount: null)), amount.Select(minor => (Discount?)new(Percent: null, minor + 1)))
                    select new Case(currency, lines, off, fee, tip);
        var seen = (Taken: 0, Refused: 0);

        Prop.ForAll(cases.ToArbitrary(), made =>
        {
            var goods = made.Lines.Aggregate(BigInteger.Zero, (sum, one) => sum + ((BigInteger)one.Price * one.Quantity));
            // Half a unit of a percentage is rounded up, and an amount takes no more than there is.
            var off = made.Off is not { } discount ? 0 : discount.Percent is { } percent ? ((goods * percent * 2) + 100) / 200 : BigInteger.Min(goods, discount.Amount!.Value);
            var whole = goods - off + made.Fee + made.Tip;
            Order order;
            try
            {
                order = Place(made);
            }
            catch (RefusedException refused) when (refused.Code == "total_too_large")
            {
                seen.Refused++;
                // Goods alone may be too much, whatever comes off them.
                return whole > Money.Most || goods > Money.Most;
            }

            seen.Taken++;
            return order.Total == whole && goods <= Money.Most && order.Discount == off
                && order.Items.Sum(item => item.Discount) == order.Discount
                && order.Items.All(item => item.Discount >= 0 && item.Discount <= item.Total)
                && order.Items.Sum(item => item.Total) == order.Subtotal
                && order.Items.All(item => item.Total == item.UnitPrice * item.Quantity)
                && order.Total == order.Subtotal - order.Discount + order.DeliveryFee + order.Tip
                && order.Split.Values.Sum() == order.Total
                && order.Split.Values.All(part => part != 0);
        }).QuickCheckThrowOnFailure();

        Assert.True(seen is { Taken: > 0, Refused: > 0 }, $"{seen}");
    }

    [Fact]
    public void A_product_of_another_currency_is_refused()
    {
        var refused = Assert.Throws<RefusedException>(() => Bill.Of("BRL", [new(Guid.CreateVersion7(), "Coxinha", 1, 500, "USD")], discount: null, deliveryFee: 0, tip: 0));
        Assert.Equal("currency_mismatch", refused.Code);
    }

    [Fact]
    public void An_order_that_costs_nothing_is_paid()
    {
        Assert.Equal(PaymentStatus.Paid, Place(new("BRL", [(0, 3)], Off: null, 0, 0)).PaymentStatus);
        Assert.Equal(PaymentStatus.Paid, Place(new("BRL", [(7, 3)], new(100, Amount: null), 0, 0)).PaymentStatus);
        Assert.Equal(PaymentStatus.Pending, Place(new("BRL", [(0, 3)], Off: null, 0, 1)).PaymentStatus);
    }

    private static Order Place(Case made)
    {
        var lines = made.Lines.Select(line => new TakenLine(Guid.CreateVersion7(), "Coxinha", line.Quantity, line.Price, made.Currency)).ToList();
        return Order.Place(
            Guid.CreateVersion7(), Guid.CreateVersion7(), new(1, "A1"), Bill.Of(made.Currency, lines, made.Off, made.Fee, made.Tip),
            new(Fulfillment.Pickup, PaymentMethod.Online, Address: null, ScheduledFor: null, Notes: null, Metadata: null), DateTimeOffset.UnixEpoch, TimeSpan.FromMinutes(30));
    }
}
