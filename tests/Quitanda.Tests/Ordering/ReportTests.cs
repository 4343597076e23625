using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Ordering.Orders;
using Quitanda.Ordering.Reports;
using Quitanda.Payments;
using Quitanda.Platform;

namespace Quitanda.Tests.Ordering;

public sealed class ReportTests(Shop shop) : IClassFixture<Shop>
{
    private const string Orders = "/api/v1/orders";

    private static object Money(long amount) => new { amount, currency = "BRL" };

    [Theory]
    // Two autumns and one spring: four hundred days of the calendar, and an hour.
    [InlineData("2024-10-01", "2025-11-04", true)]
    [InlineData("2024-09-30", "2025-11-04", false)]
    public async Task Four_hundred_days_are_those_of_the_calendar(string from, string to, bool isRead)
    {
        var reading = Period.Read(new ReportCancellations.Query { From = from, To = to }, new Berlin(), new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), TestContext.Current.CancellationToken);
        if (isRead)
            Assert.Equal(TimeSpan.FromHours(400 * 24 + 1), (await reading).To - (await reading).From);
        else
            Assert.Equal("from", (await Assert.ThrowsAsync<InvalidException>(() => reading)).Field);
    }

    private sealed class Berlin : IBusinessTime
    {
        public ValueTask<TimeZoneInfo> Zone(CancellationToken ct) => ValueTask.FromResult(TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"));

        public ValueTask<DateTimeOffset> DayIsOver(DateTimeOffset instant, CancellationToken ct) => throw new NotSupportedException();
    }

    [Fact]
    public async Task Sales_are_what_the_books_say_however_they_are_grouped()
    {
        // A day of its own.
        shop.Clock.Advance(TimeSpan.FromDays(5));
        await shop.ChangeStore(fee: 600);
        var staff = (await shop.Staff()).Client;
        var other = (await (await staff.Post("/api/v1/categories", new { name = "Bebidas" })).Body(HttpStatusCode.Created)).Id();
        var (coxinha, suco) = (await shop.Product(stock: 1000, price: 799), await shop.Product(stock: 1000, price: 1250));
        await (await staff.Send(HttpMethod.Patch, $"/api/v1/products/{suco}", new { name = "Suco", categoryId = other })).Body();
        await (await staff.Post("/api/v1/coupons", new { code = "QUINZE", percent = 15 })).Body(HttpStatusCode.Created);
        await (await staff.Post("/api/v1/coupons", new { code = "TUDO", percent = 100 })).Body(HttpStatusCode.Created);

        // Two that are paid online, one of them given back in part; one by hand at the door, an hour later; one that is paid and called off; one nobody paid; one for nothing.
        var first = await Paid(new { items = Shop.Lines((coxinha, 3), (suco, 1)), fulfillment = "delivery", address = Shop.Address(), couponCode = "QUINZE", tip = Money(150) });
        await (await staff.Post($"/api/v1/payments/{first.Payment}/refunds", new { amount = Money(500), reason = "Suco quente" })).Body(HttpStatusCode.Created);
        var off = await Paid(new { items = Shop.Lines((suco, 2)), fulfillment = "pickup" });
        await (await staff.Post($"{Orders}/{off.Order}/cancel", new { reason = "Acabou o gás" })).Body();
        await shop.RunJobs();
        shop.Clock.Advance(TimeSpan.FromHours(1));
        staff = (await shop.Staff()).Client;
        var manual = await shop.Place(await shop.Customer(), new { items = Shop.Lines((coxinha, 10)), fulfillment = "pickup", paymentMethod = "manual" });
        foreach (var step in (string[])["confirm", "prepare", "ready", "deliver"])
            await (await staff.Post($"{Orders}/{manual.Id()}/{step}")).Body();
        var unpaid = await shop.Customer();
        await (await unpaid.Client.Post($"{Orders}/{(await shop.Place(unpaid, new { items = Shop.Lines((coxinha, 1)), fulfillment = "pickup" })).Id()}/cancel")).Body();
        await shop.Place(await shop.Customer(), new { items = Shop.Lines((coxinha, 1)), fulfillment = "pickup", couponCode = "TUDO" });
        await shop.RunJobs();

        var day = shop.Clock.GetUtcNow().ToOffset(TimeSpan.FromHours(-3));
        var period = $"from={day:yyyy-MM-dd}&to={day:yyyy-MM-dd}";
        var report = await (await staff.Get($"/api/v1/reports/sales?{period}")).Body();
        var totals = Assert.Single(report.GetProperty("totals").EnumerateArray());
        var goods = (3 * 799) + 1250 + (2 * 1250) + (10 * 799);
        Assert.Equal((3, goods, 547, 600, 150, goods - 547 + 600 + 150, 1), (totals.GetProperty("orders").GetInt32(), totals.Amount("goods"), totals.Amount("discount"), totals.Amount("deliveryFees"), totals.Amount("tips"), totals.Amount("total"), totals.GetProperty("freeOrders").GetInt32()));
        Assert.Equal((totals.Amount("total") + 1) / 3, totals.Amount("averageTicket"));
        Assert.Equal(500 + 2500, totals.Amount("refunded"));

        var accounts = (await (await (await shop.Admin()).Get("/api/v1/ledger/accounts")).Body()).GetProperty("data").EnumerateArray().ToDictionary(
            account => account.Text("code")!, account => account.GetProperty("balances").EnumerateArray().Sum(balance => balance.GetProperty("amount").GetInt64()), StringComparer.Ordinal);
        Assert.Equal((-totals.Amount("goods"), totals.Amount("discount"), -totals.Amount("deliveryFees"), -totals.Amount("tips")), (accounts["sales"], accounts["discounts"], accounts["delivery"], accounts["tips"]));

        foreach (var group in (string[])["day", "hour", "product", "category", "method"])
        {
            var rows = (await (await staff.Get($"/api/v1/reports/sales?{period}&groupBy={group}")).Body()).GetProperty("rows").EnumerateArray().ToList();
            Assert.Equal((goods, 547, goods - 547), (rows.Sum(row => row.Amount("goods")), rows.Sum(row => row.Amount("discount")), rows.Sum(row => row.Amount("net"))));
            Assert.Equal(3 + 1 + 2 + 10, rows.Sum(row => row.GetProperty("quantity").GetInt64()));
            Assert.Equal(group is "day" ? 1 : 2, rows.Count);
        }

        var categories = (await (await staff.Get($"/api/v1/reports/sales?{period}&groupBy=category")).Body()).GetProperty("rows").EnumerateArray();
        Assert.Equal(["Salgados", "Bebidas"], categories.Select(row => row.Text("label")), StringComparer.Ordinal);
        var methods = (await (await staff.Get($"/api/v1/reports/sales?{period}&groupBy=method")).Body()).GetProperty("rows").EnumerateArray();
        Assert.Equal([("manual", 1, 10 * 799L), ("sandbox", 2, goods - (10 * 799L))], methods.Select(row => (row.Text("key"), row.GetProperty("orders").GetInt32(), row.Amount("goods"))));
        Assert.Contains("manual,manual,1,10,7990,0,7990,BRL", await (await staff.Get($"/api/v1/reports/sales/export?{period}&groupBy=method")).Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        var file = await staff.Get($"/api/v1/reports/sales/export?{period}&groupBy=product");
        Assert.Equal("text/csv", file.Content.Headers.ContentType?.MediaType);
        var lines = (await file.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("key,label,orders,quantity,goods,discount,net,currency", lines[0]);
        Assert.Contains(lines, line => line.StartsWith($"{suco},Suco,2,3,3750,", StringComparison.Ordinal));

        var cancelled = await (await staff.Get($"/api/v1/reports/cancellations?{period}")).Body();
        Assert.Equal(2, cancelled.GetProperty("orders").GetInt32());
        Assert.Equal([("customer", null, 1, 0), ("staff", "Acabou o gás", 1, 1)], cancelled.GetProperty("rows").EnumerateArray().OrderBy(row => row.Text("by"), StringComparer.Ordinal)
            .Select(row => (row.Text("by"), row.Text("reason"), row.GetProperty("orders").GetInt32(), row.GetProperty("paid").GetInt32())));
        Assert.Contains("staff,Acabou o gás,1,1,2500,BRL", await (await staff.Get($"/api/v1/reports/cancellations/export?{period}")).Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_time_that_cannot_be_is_refused_by_field_and_reports_are_the_staffs()
    {
        var (staff, customer) = ((await shop.Staff()).Client, (await shop.Customer()).Client);
        foreach (var report in (string[])["sales", "cancellations", "sales/export", "cancellations/export"])
        {
            Assert.Equal(["to"], await (await staff.Get($"/api/v1/reports/{report}?from=2026-03-04&to=2026-03-03")).Wrong());
            Assert.Equal(["from"], await (await staff.Get($"/api/v1/reports/{report}?from=2024-03-04&to=2026-03-03")).Wrong());
            Assert.Equal(["from"], await (await staff.Get($"/api/v1/reports/{report}?from=ontem")).Wrong());
            Assert.Equal(["to"], await (await staff.Get($"/api/v1/reports/{report}?to=0001-01-05")).Wrong());
            Assert.Equal(["to"], await (await staff.Get($"/api/v1/reports/{report}?to=9999-12-31")).Wrong());
            await (await customer.Get($"/api/v1/reports/{report}")).Refusal(HttpStatusCode.Forbidden, "forbidden");
        }
    }

    [Fact]
    public async Task An_order_that_lapsed_and_came_back_and_was_called_off_was_called_off_once()
    {
        var customer = await shop.Customer();
        shop.Clock.Advance(TimeSpan.FromDays(3));
        customer = await shop.Customer();
        var order = (await shop.Place(customer, "pickup", "online")).Id();
        var payment = (await (await customer.Client.Post("/api/v1/payments", new { orderId = order, provider = "sandbox" })).Body(HttpStatusCode.Created)).Id();
        shop.Clock.Advance(TimeSpan.FromMinutes(31));
        await shop.InScope(async provider =>
        {
            await ActivatorUtilities.CreateInstance<LapseOrders>(provider).Handle(new(shop.Clock.GetUtcNow()), TestContext.Current.CancellationToken);
            return true;
        });
        await shop.RunJobs();
        await shop.InScope(async provider => await provider.GetServices<IPayable>().Single(payable => payable.Kind == "order").Paid(order, payment, shop.Clock.GetUtcNow(), TestContext.Current.CancellationToken));
        var staff = (await shop.Staff()).Client;
        await (await staff.Post($"{Orders}/{order}/cancel", new { reason = "Sem gás" })).Body();

        // What happens at this moment is in the next report.
        shop.Clock.Advance(TimeSpan.FromSeconds(1));
        var report = await (await staff.Get($"/api/v1/reports/cancellations?from={shop.Clock.GetUtcNow().AddHours(-2):yyyy-MM-ddTHH:mm:ssZ}")).Body();
        Assert.Equal(1, report.GetProperty("orders").GetInt32());
        Assert.Equal("Sem gás", Assert.Single(report.GetProperty("rows").EnumerateArray()).Text("reason"));
    }

    private async Task<(Guid Order, Guid Payment)> Paid(object order)
    {
        var customer = await shop.Customer();
        var id = (await shop.Place(customer, order)).Id();
        var payment = (await (await customer.Client.Post("/api/v1/payments", new { orderId = id, provider = "sandbox" })).Body(HttpStatusCode.Created)).Id();
        await (await customer.Client.Post($"/api/v1/sandbox/payments/{payment}/succeed")).Body();
        return (id, payment);
    }
}
