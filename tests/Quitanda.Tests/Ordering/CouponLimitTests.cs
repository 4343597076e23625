using System.Net;
using System.Text.Json;

namespace Quitanda.Tests.Ordering;

/// <summary>A coupon's limit for each customer is set, raised and taken away while orders have the coupon.</summary>
public sealed class CouponLimitTests(Shop shop) : IClassFixture<Shop>
{
    private const string Coupons = "/api/v1/coupons";

    [Fact]
    public async Task A_limit_that_is_set_later_counts_what_was_used_before_and_nothing_is_given_back_twice()
    {
        var product = await shop.Product(stock: 100, price: 1000);
        var coupon = await (await (await shop.Staff()).Client.Post(Coupons, new { code = "DEPOIS", percent = 10 })).Body(HttpStatusCode.Created);
        var customer = await shop.Customer();
        var first = await shop.Place(customer, Order(product));
        await SetLimit(coupon, 1);
        await Refused(customer, product);

        await SetLimit(coupon, 2);
        var second = await shop.Place(customer, Order(product));
        await Refused(customer, product);

        // The first gives back its own use, and not that of the second.
        await (await customer.Client.Post($"/api/v1/orders/{first.Id()}/cancel")).Body();
        Assert.Equal(1, await Uses(coupon));
        await SetLimit(coupon, 1);
        await Refused(customer, product);

        await (await customer.Client.Post($"/api/v1/orders/{second.Id()}/cancel")).Body();
        await shop.Place(customer, Order(product));
        await Refused(customer, product);
        Assert.Equal(1, await Uses(coupon));

        // Without a limit it is counted all the same.
        await SetLimit(coupon, null);
        await shop.Place(customer, Order(product));
        await SetLimit(coupon, 2);
        await Refused(customer, product);
        Assert.Equal(2, await Uses(coupon));
    }

    private static object Order(Guid product) => new { items = Shop.Lines((product, 1)), fulfillment = "pickup", couponCode = "DEPOIS" };

    private static async Task Refused(Shop.Person customer, Guid product)
    {
        Assert.Equal("used_by_customer", (await (await customer.Client.Post("/api/v1/orders", Order(product))).Refusal(HttpStatusCode.Conflict, "coupon_refused")).Text("rule"));
        Assert.Equal("used_by_customer", (await (await customer.Client.Post("/api/v1/quotes", Order(product))).Body()).GetProperty("refusals")[0].Text("rule"));
    }

    private async Task SetLimit(JsonElement coupon, int? most) =>
        await (await (await shop.Staff()).Client.Send(HttpMethod.Patch, $"{Coupons}/{coupon.Id()}", new { maxUsesPerCustomer = most })).Body();

    private async Task<int> Uses(JsonElement coupon) => (await (await (await shop.Staff()).Client.Get($"{Coupons}/{coupon.Id()}")).Body()).GetProperty("uses").GetInt32();
}
