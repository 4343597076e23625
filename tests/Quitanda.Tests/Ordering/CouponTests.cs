using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Ordering.Orders;
using Quitanda.Platform;

namespace Quitanda.Tests.Ordering;

public sealed class CouponTests(Shop shop) : IClassFixture<Shop>
{
    private const string Orders = "/api/v1/orders";
    private const string Coupons = "/api/v1/coupons";

    private static int _number;

    private static object Money(long amount) => new { amount, currency = "BRL" };

    private async Task<JsonElement> Coupon(object coupon) => await (await (await shop.Staff()).Client.Post(Coupons, coupon)).Body(HttpStatusCode.Created);

    private static string NewCode() => $"FESTA-{Interlocked.Increment(ref _number)}";

    private static object Order(Guid product, int quantity, string code, string paymentMethod = "manual") => new { items = Shop.Lines((product, quantity)), fulfillment = "pickup", couponCode = code, paymentMethod };

    [Fact]
    public async Task A_coupon_takes_off_what_it_says_line_by_line()
    {
        var (cheap, dear) = (await shop.Product(stock: 100, price: 333), await shop.Product(stock: 100, price: 1001));
        var code = NewCode();
        var coupon = await Coupon(new { code = code.ToLowerInvariant(), percent = 15, description = "Aniversário" });
        Assert.Equal(code, coupon.Text("code"));

        var customer = await shop.Customer();
        var order = await shop.Place(customer, new { items = Shop.Lines((cheap, 1), (dear, 2), (cheap, 1)), fulfillment = "pickup", couponCode = $" {code.ToLowerInvariant()}", tip = Money(50) });
        // 15 % of 2668 is 400.2.
        Assert.Equal((2668, 400, 50, 2318), (order.Amount("subtotal"), order.Amount("discount"), order.Amount("tip"), order.Amount("total")));
        Assert.Equal(code, order.Text("couponCode"));
        Assert.Equal(400, order.GetProperty("items").EnumerateArray().Sum(item => item.Amount("discount")));
        Assert.Equal(order.GetRawText(), (await (await customer.Client.Get($"{Orders}/{order.Id()}")).Body()).GetRawText());
        var mine = (await (await customer.Client.Get($"{Orders}/mine")).Body()).GetProperty("data")[0];
        Assert.Equal(order.GetProperty("items").GetRawText(), mine.GetProperty("items").GetRawText());

        var amount = NewCode();
        await Coupon(new { code = amount, amount = Money(500) });
        Assert.Equal((333, 333, 0, "paid"), await Placed(await shop.Place(customer, Order(cheap, 1, amount))));
        Assert.Equal((1001, 500, 501, "pending"), await Placed(await shop.Place(customer, Order(dear, 1, amount))));

        static Task<(long, long, long, string?)> Placed(JsonElement order) => Task.FromResult((order.Amount("subtotal"), order.Amount("discount"), order.Amount("total"), order.Text("paymentStatus")));
    }

    [Fact]
    public async Task Every_refusal_names_its_rule_in_the_order_and_in_the_quote()
    {
        var product = await shop.Product(stock: 1000, price: 1000);
        var now = shop.Clock.GetUtcNow();
        var customer = await shop.Customer();
        await shop.Place(customer, Order(product, 1, (await Coupon(new { code = NewCode(), percent = 1 })).Text("code")!));
        (object Coupon, string Rule)[] rules =
        [
            (new { code = NewCode(), percent = 10, isActive = false }, "inactive"), (new { code = NewCode(), percent = 10, startsAt = now.AddMinutes(1) }, "not_started"),
            (new { code = NewCode(), percent = 10, endsAt = now }, "ended"), (new { code = NewCode(), percent = 10, minimumOrder = Money(2001) }, "minimum_order"),
            (new { code = NewCode(), percent = 10, firstOrderOnly = true }, "first_order_only"),
        ];
        foreach (var (coupon, rule) in rules)
            await Refused((await Coupon(coupon)).Text("code")!, rule);
        await Refused("NINGUEM", "unknown");

        var once = (await Coupon(new { code = NewCode(), percent = 10, maxUsesPerCustomer = 1 })).Text("code")!;
        await shop.Place(customer, Order(product, 1, once));
        await Refused(once, "used_by_customer");
        var last = (await Coupon(new { code = NewCode(), percent = 10, maxUses = 1 })).Text("code")!;
        await shop.Place(await shop.Customer(), Order(product, 1, last));
        await Refused(last, "used_up");

        // A guest is told that nobody knows them.
        var guest = await (await shop.CreateClient().Post("/api/v1/quotes", Order(product, 2, once))).Body();
        Assert.Equal(("coupon_refused", "account_needed"), (guest.GetProperty("refusals")[0].Text("code"), guest.GetProperty("refusals")[0].Text("rule")));

        async Task Refused(string code, string rule)
        {
            var before = await shop.StockOf(product);
            var problem = await (await customer.Client.Post(Orders, Order(product, 2, code))).Refusal(HttpStatusCode.Conflict, "coupon_refused");
            Assert.Equal(rule, problem.Text("rule"));
            var quote = await (await customer.Client.Post("/api/v1/quotes", Order(product, 2, code))).Body();
            var refusal = Assert.Single(quote.GetProperty("refusals").EnumerateArray());
            Assert.Equal(("coupon_refused", rule), (refusal.Text("code"), refusal.Text("rule")));
            Assert.Equal(JsonValueKind.Null, quote.GetProperty("quoteId").ValueKind);
            Assert.Equal(before, await shop.StockOf(product));
        }
    }

    [Fact]
    public async Task Two_hundred_at_once_on_two_processes_use_it_as_often_as_it_may_be()
    {
        var product = await shop.Product(stock: 100_000, price: 1000);
        await using var other = await shop.StartBeside();
        var people = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => shop.Customer()));
        var id = (await Coupon(new { code = NewCode(), percent = 50, maxUses = 10, maxUsesPerCustomer = 1 })).Id();
        var code = (await Coupon(new { code = NewCode(), amount = Money(100), maxUsesPerCustomer = 2 })).Text("code")!;
        var scarce = (await (await (await shop.Staff()).Client.Get($"{Coupons}/{id}")).Body()).Text("code")!;

        // Each of a hundred people twice, here and there: ten uses, of ten people.
        var answers = await Task.WhenAll(people.SelectMany(person => (HttpClient[])[person.Client, other.ClientFor(person.Client)]).Select(client => client.Post(Orders, Order(product, 1, scarce, "online"))));
        Assert.Equal(10, answers.Count(answer => answer.StatusCode == HttpStatusCode.Created));
        foreach (var answer in answers.Where(answer => answer.StatusCode != HttpStatusCode.Created))
            Assert.Contains((await answer.Refusal(HttpStatusCode.Conflict, "coupon_refused")).Text("rule"), (string[])["used_up", "used_by_customer"], StringComparer.Ordinal);
        Assert.Equal((10, 10, 99_990), (await Uses(id), await Count($"select count(*) from ordering.coupon_uses where coupon_id = {id} and uses = 1"), await shop.StockOf(product)));

        // One person twenty times: two uses.
        var greedy = people[0].Client;
        var tries = await Task.WhenAll(Enumerable.Range(0, 20).Select(at => (at % 2 == 0 ? greedy : other.ClientFor(greedy)).Post(Orders, Order(product, 1, code))));
        Assert.Equal(2, tries.Count(answer => answer.StatusCode == HttpStatusCode.Created));

        // A first order is one, however many are sent at once.
        var first = (await Coupon(new { code = NewCode(), percent = 10, firstOrderOnly = true })).Text("code")!;
        var newcomer = (await shop.Customer()).Client;
        var firsts = await Task.WhenAll(Enumerable.Range(0, 20).Select(at => (at % 2 == 0 ? newcomer : other.ClientFor(newcomer)).Post(Orders, Order(product, 1, first))));
        Assert.Equal(1, firsts.Count(answer => answer.StatusCode == HttpStatusCode.Created));

        // What is cancelled is given back, once: by its customer, or by time.
        var taken = new List<(HttpClient Client, Guid Order)>();
        foreach (var (answer, place) in answers.Select((answer, place) => (answer, place)).Where(one => one.answer.StatusCode == HttpStatusCode.Created))
            taken.Add((people[place / 2].Client, (await answer.Body(HttpStatusCode.Created)).Id()));
        await Task.WhenAll(taken.Take(4).SelectMany(one => Enumerable.Range(0, 3).Select(_ => one.Client.Post($"{Orders}/{one.Order}/cancel"))));
        Assert.Equal(6, await Uses(id));
        shop.Clock.Advance(TimeSpan.FromMinutes(31));
        await shop.InScope(async provider =>
        {
            await ActivatorUtilities.CreateInstance<LapseOrders>(provider).Handle(new(shop.Clock.GetUtcNow()), TestContext.Current.CancellationToken);
            return true;
        });
        await shop.RunJobs();
        Assert.Equal(0, await Uses(id));
        Assert.Equal(0, await Count($"select coalesce(sum(uses), 0)::bigint from ordering.coupon_uses where coupon_id = {id}"));
    }

    [Fact]
    public async Task Staff_keep_coupons_and_nobody_else()
    {
        var staff = (await shop.Staff()).Client;
        var coupon = await Coupon(new { code = NewCode(), percent = 10, maxUses = 5 });
        var path = $"{Coupons}/{coupon.Id()}";
        await (await staff.Post(Coupons, new { code = coupon.Text("code")!.ToLowerInvariant(), percent = 10 })).Refusal(HttpStatusCode.Conflict, "coupon_code_taken");
        (object Body, string Field)[] wrong =
        [
            (new { code = NewCode() }, "percent"), (new { code = NewCode(), percent = 10, amount = Money(1) }, "percent"), (new { code = NewCode(), percent = 101 }, "percent"), (new { code = "?", percent = 1 }, "code"),
            (new { code = NewCode(), amount = Money(0) }, "amount.amount"), (new { code = NewCode(), percent = 1, startsAt = "2026-01-02T00:00:00Z", endsAt = "2026-01-01T00:00:00Z" }, "endsAt"),
            (new { code = NewCode(), amount = Money(1), minimumOrder = new { amount = 1, currency = "USD" } }, "minimumOrder.currency"),
        ];
        foreach (var (body, field) in wrong)
            Assert.Equal([field], await (await staff.Post(Coupons, body)).Wrong());

        var product = await shop.Product(stock: 10, price: 1000);
        await shop.Place(await shop.Customer(), Order(product, 1, coupon.Text("code")!));
        await shop.Place(await shop.Customer(), Order(product, 1, coupon.Text("code")!));
        Assert.Equal(["maxUses"], await (await staff.Send(HttpMethod.Patch, path, new { maxUses = 1 })).Wrong());
        var changed = await (await staff.Send(HttpMethod.Patch, path, new { maxUses = 2, percent = (int?)null, amount = Money(300), isActive = false })).Body();
        Assert.Equal((2, 300, 2), (changed.GetProperty("maxUses").GetInt32(), changed.Amount("amount"), changed.GetProperty("uses").GetInt32()));
        Assert.Equal(coupon.Id(), Assert.Single((await (await staff.Get($"{Coupons}?code={coupon.Text("code")}&active=false")).Body()).GetProperty("data").EnumerateArray()).Id());
        foreach (var client in (HttpClient[])[(await shop.Customer()).Client])
        {
            await (await client.Get(path)).Refusal(HttpStatusCode.Forbidden, "forbidden");
            await (await client.Get(Coupons)).Refusal(HttpStatusCode.Forbidden, "forbidden");
        }

        await (await staff.Send(HttpMethod.Delete, path)).Body(HttpStatusCode.NoContent);
        await (await staff.Send(HttpMethod.Delete, path)).Refusal(HttpStatusCode.NotFound, "not_found");
    }

    private Task<long> Count(Sql sql) => shop.WithDb(db => db.ReadFirst(sql, row => row.GetInt64(0), TestContext.Current.CancellationToken));

    private async Task<int> Uses(Guid id) => (await (await (await shop.Staff()).Client.Get($"{Coupons}/{id}")).Body()).GetProperty("uses").GetInt32();
}
