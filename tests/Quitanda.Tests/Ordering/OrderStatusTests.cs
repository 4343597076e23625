using System.Net;
using System.Text.Json;

namespace Quitanda.Tests.Ordering;

public sealed class OrderStatusTests(Shop shop) : IClassFixture<Shop>
{
    private const string Orders = "/api/v1/orders";
    private static readonly string[] Actions = ["confirm", "prepare", "ready", "dispatch", "deliver", "cancel"];

    /// <summary>How to get somewhere, by staff.</summary>
    private static readonly Dictionary<string, string[]> Ways = new(StringComparer.Ordinal)
    {
        ["pending"] = [],
        ["confirmed"] = ["confirm"],
        ["preparing"] = ["confirm", "prepare"],
        ["ready"] = ["confirm", "prepare", "ready"],
        ["out_for_delivery"] = ["confirm", "prepare", "ready", "dispatch"],
        ["delivered"] = ["confirm", "prepare", "ready", "deliver"],
        ["cancelled"] = ["cancel"],
    };

    /// <summary>What staff may do, and where it leads. Anything else is refused.</summary>
    private static readonly Dictionary<(string Fulfillment, string From, string Action), string> Legal = new()
    {
        [("delivery", "pending", "confirm")] = "confirmed",
        [("delivery", "pending", "cancel")] = "cancelled",
        [("delivery", "confirmed", "prepare")] = "preparing",
        [("delivery", "confirmed", "cancel")] = "cancelled",
        [("delivery", "preparing", "ready")] = "ready",
        [("delivery", "preparing", "cancel")] = "cancelled",
        [("delivery", "ready", "dispatch")] = "out_for_delivery",
        [("delivery", "ready", "deliver")] = "delivered",
        [("delivery", "ready", "cancel")] = "cancelled",
        [("delivery", "out_for_delivery", "deliver")] = "delivered",
        [("delivery", "out_for_delivery", "cancel")] = "cancelled",
        [("pickup", "pending", "confirm")] = "confirmed",
        [("pickup", "pending", "cancel")] = "cancelled",
        [("pickup", "confirmed", "prepare")] = "preparing",
        [("pickup", "confirmed", "cancel")] = "cancelled",
        [("pickup", "preparing", "ready")] = "ready",
        [("pickup", "preparing", "cancel")] = "cancelled",
        [("pickup", "ready", "deliver")] = "delivered",
        [("pickup", "ready", "cancel")] = "cancelled",
    };

    public static IEnumerable<TheoryDataRow<string, string, string>> Everything() =>
        from fulfillment in (string[])["delivery", "pickup"]
        from status in Ways.Keys
        where fulfillment == "delivery" || status != "out_for_delivery"
        from action in Actions
        select new TheoryDataRow<string, string, string>(fulfillment, status, action);

    [Theory]
    [MemberData(nameof(Everything))]
    public async Task Staff_can_do_exactly_what_is_legal(string fulfillment, string status, string action)
    {
        var (customer, staff) = (await shop.Customer(), await shop.Staff());
        var order = await Arrive(customer, staff, fulfillment, status);

        var response = await staff.Client.Post($"{Orders}/{order.Id()}/{action}");

        var after = await (await staff.Client.Get($"{Orders}/{order.Id()}")).Body();
        if (Legal.TryGetValue((fulfillment, status, action), out var expected))
        {
            var changed = await response.Body();
            Assert.Equal(expected, changed.Text("status"));
            Assert.Equal(changed.GetRawText(), after.GetRawText());
            Assert.Equal([.. Story(order), (expected, "staff")], Story(after));
        }
        else
        {
            var problem = await response.Refusal(HttpStatusCode.Conflict, "invalid_transition");
            Assert.Equal(Legal.Where(pair => pair.Key.Fulfillment == fulfillment && pair.Key.From == status).Select(pair => pair.Value).Order(StringComparer.Ordinal),
                problem.GetProperty("allowed").EnumerateArray().Select(allowed => allowed.GetString()!).Order(StringComparer.Ordinal));
            Assert.Equal(order.GetRawText(), after.GetRawText());
        }
    }

    [Theory]
    [InlineData("pending", true)]
    [InlineData("confirmed", true)]
    [InlineData("preparing", false)]
    [InlineData("ready", false)]
    [InlineData("out_for_delivery", false)]
    [InlineData("delivered", false)]
    [InlineData("cancelled", false)]
    public async Task A_customer_cancels_until_it_is_prepared(string status, bool isLegal)
    {
        var (customer, staff) = (await shop.Customer(), await shop.Staff());
        var order = await Arrive(customer, staff, "delivery", status);

        var response = await customer.Client.Post($"{Orders}/{order.Id()}/cancel", new { reason = "Mudei de ideia" });

        if (isLegal)
        {
            var cancelled = await response.Body();
            Assert.Equal(("cancelled", "Mudei de ideia"), (cancelled.Text("status"), cancelled.Text("cancelReason")));
            Assert.Equal([.. Story(order), ("cancelled", "customer")], Story(cancelled));
            Assert.Equal("Mudei de ideia", cancelled.GetProperty("timeline").EnumerateArray().Last().Text("reason"));
        }
        else
        {
            Assert.Equal(0, (await response.Refusal(HttpStatusCode.Conflict, "invalid_transition")).GetProperty("allowed").GetArrayLength());
        }
    }

    [Fact]
    public async Task A_cancelled_order_gives_its_stock_back_once()
    {
        var (customer, product) = (await shop.Customer(), await shop.Product(stock: 10, price: 100));
        var order = await shop.Place(customer, Shop.Pickup((product, 3), (product, 2)));
        Assert.Equal(5, await shop.StockOf(product));

        await (await customer.Client.Post($"{Orders}/{order.Id()}/cancel")).Body();
        await (await customer.Client.Post($"{Orders}/{order.Id()}/cancel")).Refusal(HttpStatusCode.Conflict, "invalid_transition");

        Assert.Equal(10, await shop.StockOf(product));
    }

    [Fact]
    public async Task Dispatch_keeps_who_carries_it()
    {
        var (customer, staff) = (await shop.Customer(), await shop.Staff());
        var order = await Arrive(customer, staff, "delivery", "ready");

        var sent = await (await staff.Client.Post($"{Orders}/{order.Id()}/dispatch", new { carrier = "Motoboy Zé", trackingCode = "BR123" })).Body();

        Assert.Equal(("Motoboy Zé", "BR123"), (sent.Text("carrier"), sent.Text("trackingCode")));
    }

    [Fact]
    public async Task A_manual_order_is_paid_when_it_is_delivered()
    {
        var (customer, staff) = (await shop.Customer(), await shop.Staff());
        Assert.Equal("pending", (await Arrive(customer, staff, "pickup", "ready")).Text("paymentStatus"));
        Assert.Equal("paid", (await Arrive(customer, staff, "pickup", "delivered")).Text("paymentStatus"));
    }

    [Fact]
    public async Task Staff_cannot_confirm_an_online_order_that_is_not_paid_unless_it_costs_nothing()
    {
        var (customer, staff) = (await shop.Customer(), await shop.Staff());
        var order = await shop.Place(customer, paymentMethod: "online");
        await (await staff.Client.Post($"{Orders}/{order.Id()}/confirm")).Refusal(HttpStatusCode.Conflict, "payment_required");
        Assert.Equal(order.GetRawText(), (await (await staff.Client.Get($"{Orders}/{order.Id()}")).Body()).GetRawText());

        var gift = await shop.Place(customer, paymentMethod: "online", price: 0);
        Assert.Equal("confirmed", (await (await staff.Client.Post($"{Orders}/{gift.Id()}/confirm")).Body()).Text("status"));
    }

    [Fact]
    public async Task An_order_is_there_for_its_customer_and_for_staff_and_for_nobody_else()
    {
        var (customer, stranger, staff) = (await shop.Customer(), await shop.Customer(), await shop.Staff());
        var order = await shop.Place(customer);

        await (await stranger.Client.Get($"{Orders}/{order.Id()}")).Refusal(HttpStatusCode.NotFound, "not_found");
        await (await stranger.Client.Post($"{Orders}/{order.Id()}/cancel")).Refusal(HttpStatusCode.NotFound, "not_found");
        await (await shop.Guest.Get($"{Orders}/{order.Id()}")).Refusal(HttpStatusCode.Unauthorized, "unauthenticated");
        await (await shop.Guest.Post($"{Orders}/{order.Id()}/cancel")).Refusal(HttpStatusCode.Unauthorized, "unauthenticated");
        foreach (var action in Actions.Where(action => action != "cancel"))
        {
            await (await customer.Client.Post($"{Orders}/{order.Id()}/{action}")).Refusal(HttpStatusCode.Forbidden, "forbidden");
            await (await staff.Client.Post($"{Orders}/{Guid.CreateVersion7()}/{action}")).Refusal(HttpStatusCode.NotFound, "not_found");
        }

        await (await staff.Client.Get($"{Orders}/{Guid.CreateVersion7()}")).Refusal(HttpStatusCode.NotFound, "not_found");
        Assert.Equal(order.GetRawText(), (await (await staff.Client.Get($"{Orders}/{order.Id()}")).Body()).GetRawText());
    }

    private static IEnumerable<(string?, string?)> Story(JsonElement order) => order.GetProperty("timeline").EnumerateArray().Select(step => (step.Text("status"), step.Text("by")));

    private async Task<JsonElement> Arrive(Shop.Person customer, Shop.Person staff, string fulfillment, string status)
    {
        var order = await shop.Place(customer, fulfillment);
        foreach (var action in Ways[status])
            order = await (await staff.Client.Post($"{Orders}/{order.Id()}/{action}")).Body();
        Assert.Equal(status, order.Text("status"));
        return order;
    }
}
