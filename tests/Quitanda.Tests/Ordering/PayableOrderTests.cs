using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Payments;

namespace Quitanda.Tests.Ordering;

/// <summary>What an order does when Payments tells it about money.</summary>
public sealed class PayableOrderTests(Shop shop) : IClassFixture<Shop>
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;
    private readonly Guid _payment = Guid.CreateVersion7();

    [Fact]
    public async Task What_is_due_is_split_by_account_and_sums_to_the_total()
    {
        await shop.ChangeStore(fee: 600);
        var (customer, product) = (await shop.Customer(), await shop.Product(stock: 10, price: 1000));
        var order = await shop.Place(customer, new { items = Shop.Lines((product, 2)), fulfillment = "delivery", address = Shop.Address(), tip = new { amount = 50, currency = "BRL" } });

        var due = await Payable(payable => payable.Lock(order.Id(), _ct));

        Assert.Equal((customer.Id, 2650, "BRL", true, null), (due!.OwnerId, due.Amount.Amount, due.Amount.Currency, due.MayBePaid, due.WhyNot));
        Assert.Equal(new Dictionary<string, long>(StringComparer.Ordinal) { ["sales"] = 2000, ["delivery"] = 600, ["tips"] = 50 }, due.Split);
        Assert.Null(await Payable(payable => payable.Lock(Guid.CreateVersion7(), _ct)));
    }

    [Fact]
    public async Task Money_confirms_an_online_order_once()
    {
        var customer = await shop.Customer();
        var order = await shop.Place(customer, paymentMethod: "online");

        Assert.True(await Pay(order));
        Assert.True(await Pay(order));

        var paid = await Shown(customer, order);
        Assert.Equal(("confirmed", "paid"), (paid.Text("status"), paid.Text("paymentStatus")));
        Assert.Equal(["pending customer", "confirmed system"], paid.GetProperty("timeline").EnumerateArray().Select(step => $"{step.Text("status")} {step.Text("by")}"), StringComparer.Ordinal);
        Assert.Equal("already_paid", (await Payable(payable => payable.Lock(order.Id(), _ct)))!.WhyNot);
    }

    [Fact]
    public async Task A_second_payment_and_its_refund_do_not_touch_a_paid_order()
    {
        var customer = await shop.Customer();
        var order = await shop.Place(customer, paymentMethod: "online");
        Assert.True(await Pay(order));
        var second = Guid.CreateVersion7();

        Assert.False(await Payable(payable => payable.Paid(order.Id(), second, shop.Clock.GetUtcNow(), _ct)));
        await Payable(payable => payable.Refunded(order.Id(), second, new(1, "BRL"), isWhole: true, shop.Clock.GetUtcNow(), _ct));
        await Payable(payable => payable.Failed(order.Id(), second, shop.Clock.GetUtcNow(), _ct));

        Assert.Equal("paid", (await Shown(customer, order)).Text("paymentStatus"));
    }

    [Fact]
    public async Task A_cancelled_order_takes_no_money()
    {
        var customer = await shop.Customer();
        var order = await shop.Place(customer, paymentMethod: "online");
        await (await customer.Client.Post($"/api/v1/orders/{order.Id()}/cancel")).Body();

        Assert.Equal("order_cancelled", (await Payable(payable => payable.Lock(order.Id(), _ct)))!.WhyNot);
        Assert.False(await Pay(order));
        Assert.Equal(("cancelled", "pending"), ((await Shown(customer, order)).Text("status"), (await Shown(customer, order)).Text("paymentStatus")));
    }

    [Fact]
    public async Task A_manual_order_is_paid_at_the_door()
    {
        var order = await shop.Place(await shop.Customer(), paymentMethod: "manual");
        var due = await Payable(payable => payable.Lock(order.Id(), _ct));
        Assert.Equal((true, true), (due!.MayBePaid, due.IsByHand));
        // Money that comes early does not have the kitchen begin: that is for staff to say.
        Assert.True(await Pay(order));
        var seen = await Shown(await shop.Staff(), order);
        Assert.Equal(("pending", "paid"), (seen.Text("status"), seen.Text("paymentStatus")));
    }

    [Fact]
    public async Task A_failed_payment_is_shown_and_may_be_tried_again()
    {
        var customer = await shop.Customer();
        var order = await shop.Place(customer, paymentMethod: "online");

        await Payable(payable => payable.Failed(order.Id(), Guid.CreateVersion7(), shop.Clock.GetUtcNow(), _ct));
        Assert.Equal("failed", (await Shown(customer, order)).Text("paymentStatus"));
        Assert.True((await Payable(payable => payable.Lock(order.Id(), _ct)))!.MayBePaid);

        Assert.True(await Pay(order));
        Assert.Equal("paid", (await Shown(customer, order)).Text("paymentStatus"));
    }

    [Fact]
    public async Task Refunds_are_shown_in_part_and_in_whole()
    {
        var customer = await shop.Customer();
        var order = await shop.Place(customer, paymentMethod: "online");
        await Pay(order);

        await Payable(payable => payable.Refunded(order.Id(), _payment, new(1, "BRL"), isWhole: false, shop.Clock.GetUtcNow(), _ct));
        Assert.Equal("partially_refunded", (await Shown(customer, order)).Text("paymentStatus"));
        await Payable(payable => payable.Refunded(order.Id(), _payment, new(1, "BRL"), isWhole: true, shop.Clock.GetUtcNow(), _ct));
        Assert.Equal(("confirmed", "refunded"), ((await Shown(customer, order)).Text("status"), (await Shown(customer, order)).Text("paymentStatus")));
    }

    private Task<bool> Pay(JsonElement order) => Payable(async payable =>
    {
        await payable.Lock(order.Id(), _ct);
        return await payable.Paid(order.Id(), _payment, shop.Clock.GetUtcNow(), _ct);
    });

    private Task<T> Payable<T>(Func<IPayable, Task<T>> use) => shop.InScope(provider => use(provider.GetServices<IPayable>().Single(payable => payable.Kind == "order")));

    private Task<bool> Payable(Func<IPayable, Task> use) => Payable(async payable =>
    {
        await use(payable);
        return true;
    });

    private static async Task<JsonElement> Shown(Shop.Person customer, JsonElement order) => await (await customer.Client.Get($"/api/v1/orders/{order.Id()}")).Body();
}
