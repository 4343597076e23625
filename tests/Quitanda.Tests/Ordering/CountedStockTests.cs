using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Ordering.Orders;
using Quitanda.Payments.Sandbox;
using Quitanda.Platform;

namespace Quitanda.Tests.Ordering;

/// <summary>Staff begin to count what they sell, or end it, while orders are open. What goes back is what was taken.</summary>
public sealed class CountedStockTests(Shop shop) : IClassFixture<Shop>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_was_not_counted_when_it_was_ordered_goes_back_into_no_count(bool isCancelled)
    {
        var (product, sauce) = await Uncounted();
        List<JsonElement> orders = [];
        for (var at = 0; at < 4; at++)
            orders.Add(await shop.Place(await shop.Customer(), Online((product, 3, sauce), (product, 2, sauce))));

        await SetStock(product, sauce, 10);
        orders.Add(await shop.Place(await shop.Customer(), Online((product, 4, sauce))));
        Assert.Equal((6, 6), await Left(product, sauce));

        await End(orders, isCancelled);
        Assert.Equal((10, 10), await Left(product, sauce));
    }

    [Fact]
    public async Task A_counted_option_of_a_product_that_is_not_counted_goes_back_alone()
    {
        var (product, sauce) = await Uncounted();
        await SetStock(product, sauce, 10);
        await SetStock(product, null);
        var order = await shop.Place(await shop.Customer(), Online((product, 3, sauce)));

        await SetStock(product, 20);
        Assert.Equal((20, 7), await Left(product, sauce));
        await End([order], isCancelled: true);
        Assert.Equal((20, 10), await Left(product, sauce));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Late_money_takes_again_and_what_was_counted_then_is_what_goes_back(bool wasCountedFirst)
    {
        var (product, sauce) = await Uncounted();
        if (wasCountedFirst)
            await SetStock(product, sauce, 10);
        var customer = await shop.Customer();
        var order = await shop.Place(customer, Online((product, 2, sauce)));
        var payment = (await (await customer.Client.Post("/api/v1/payments", new { orderId = order.Id(), provider = "sandbox" })).Body(HttpStatusCode.Created)).Id();
        await shop.Services.GetRequiredService<SandboxProvider>().Settle($"payment-{payment:N}", SandboxOutcome.Succeed, code: null, Ct);
        await SetStock(product, sauce, wasCountedFirst ? null : 10);

        // The sweep and the word of the money are both due by then: which is first is said here.
        shop.Clock.Advance(TimeSpan.FromMinutes(31));
        await shop.InScope(async provider =>
        {
            await provider.GetRequiredService<LapseOrder>().Handle(new(order.Id()), Ct);
            return true;
        });
        await Later(TimeSpan.Zero);
        var back = await (await (await shop.Staff()).Client.Get($"/api/v1/orders/{order.Id()}")).Body();
        Assert.Equal(["pending", "cancelled", "confirmed"], back.GetProperty("timeline").EnumerateArray().Select(step => step.Text("status")), StringComparer.Ordinal);
        if (wasCountedFirst)
            await SetStock(product, sauce, 10);
        Assert.Equal(wasCountedFirst ? (10, 10) : (8, 8), await Left(product, sauce));

        await End([order], isCancelled: true);
        Assert.Equal((10, 10), await Left(product, sauce));
    }

    [Fact]
    public async Task An_order_of_before_that_did_not_note_it_goes_back_to_what_is_counted_now()
    {
        var (product, sauce) = await Uncounted();
        var order = await shop.Place(await shop.Customer(), Online((product, 2, sauce)));
        await shop.WithDb(db => db.Execute(
            $"""
            update ordering.order_items set is_counted = default, options = (select jsonb_agg(chosen - 'isCounted') from jsonb_array_elements(options) chosen)
            where order_id = {order.Id()}
            """, Ct));

        await SetStock(product, sauce, 10);
        await End([order], isCancelled: true);
        Assert.Equal((12, 12), await Left(product, sauce));
    }

    /// <summary>A product with an option, neither of them counted.</summary>
    private async Task<(Guid Product, Guid Sauce)> Uncounted()
    {
        var product = await shop.Product(stock: 1, price: 1000);
        var changed = await (await (await shop.Staff()).Client.Send(HttpMethod.Patch, $"/api/v1/products/{product}", new
        {
            stock = (int?)null,
            optionGroups = new[] { new { name = "Molho", min = 0, max = 2, options = new[] { new { name = "Alho", price = new { amount = 77, currency = "BRL" } } } } },
        })).Body();
        return (product, changed.GetProperty("optionGroups")[0].GetProperty("options")[0].Id());
    }

    private async Task SetStock(Guid product, int? stock) => await (await (await shop.Staff()).Client.Send(HttpMethod.Patch, $"/api/v1/products/{product}", new { stock })).Body();

    private async Task SetStock(Guid product, Guid sauce, int? stock)
    {
        await SetStock(product, stock);
        await (await (await shop.Staff()).Client.Send(HttpMethod.Patch, $"/api/v1/products/{product}/options/{sauce}", new { stock })).Body();
    }

    private async Task<(int Product, int Sauce)> Left(Guid product, Guid sauce) =>
        (await shop.StockOf(product), (await (await (await shop.Staff()).Client.Get($"/api/v1/products/{product}/options/{sauce}")).Body()).GetProperty("stock").GetInt32());

    private static object Online(params (Guid Product, int Quantity, Guid Sauce)[] lines) => new
    {
        items = lines.Select(line => new { productId = line.Product, quantity = line.Quantity, options = new[] { new { optionId = line.Sauce } } }).ToArray(),
        fulfillment = "pickup",
    };

    /// <summary>Called off by staff, or by time.</summary>
    private async Task End(IEnumerable<JsonElement> orders, bool isCancelled)
    {
        if (!isCancelled)
        {
            await Later(TimeSpan.FromMinutes(31));
            return;
        }

        var staff = (await shop.Staff()).Client;
        foreach (var order in orders)
            await (await staff.Post($"/api/v1/orders/{order.Id()}/cancel")).Body();
    }

    private async Task Later(TimeSpan time)
    {
        await shop.Services.GetRequiredService<JobRunner>().EnsureTimers(Ct);
        shop.Clock.Advance(time);
        await shop.RunJobs();
    }
}
