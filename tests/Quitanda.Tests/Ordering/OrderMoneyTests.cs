using System.Numerics;
using FsCheck;
using FsCheck.Fluent;
using Quitanda.Catalog;
using Quitanda.Ordering.Orders;
using Quitanda.Platform;

namespace Quitanda.Tests.Ordering;

public sealed class OrderMoneyTests
{
    private static readonly string[] CurrenciesOfAllDecimals = ["JPY", "BRL", "KWD"];

    private sealed record Case(string Currency, (long Price, int Quantity)[] Lines, long Fee, long Tip);

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
                    select new Case(currency, lines, fee, tip);
        var seen = (Taken: 0, Refused: 0);

        Prop.ForAll(cases.ToArbitrary(), made =>
        {
            var whole = made.Lines.Aggregate(BigInteger.Zero, (sum, one) => sum + ((BigInteger)one.Price * one.Quantity)) + made.Fee + made.Tip;
            Order order;
            try
            {
                order = Place(made);
            }
            catch (RefusedException refused) when (refused.Code == "total_too_large")
            {
                seen.Refused++;
                return whole > Money.Most;
            }

            seen.Taken++;
            return order.Total == whole
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
        var refused = Assert.Throws<RefusedException>(() => Order.Place(Guid.CreateVersion7(), 1, [new(Guid.CreateVersion7(), "Coxinha", 1, 500, "USD")], "BRL", 0, Plain(0), DateTimeOffset.UnixEpoch, TimeSpan.FromMinutes(30)));
        Assert.Equal("currency_mismatch", refused.Code);
    }

    [Fact]
    public void An_order_that_costs_nothing_is_paid()
    {
        Assert.Equal(PaymentStatus.Paid, Place(new("BRL", [(0, 3)], 0, 0)).PaymentStatus);
        Assert.Equal(PaymentStatus.Pending, Place(new("BRL", [(0, 3)], 0, 1)).PaymentStatus);
    }

    private static Order Place(Case made) =>
        Order.Place(Guid.CreateVersion7(), 1, [.. made.Lines.Select(line => new TakenLine(Guid.CreateVersion7(), "Coxinha", line.Quantity, line.Price, made.Currency))], made.Currency, made.Fee, Plain(made.Tip), DateTimeOffset.UnixEpoch, TimeSpan.FromMinutes(30));

    private static Order.Wishes Plain(long tip) => new(Fulfillment.Pickup, PaymentMethod.Online, Address: null, ScheduledFor: null, Notes: null, tip, Metadata: null);
}
