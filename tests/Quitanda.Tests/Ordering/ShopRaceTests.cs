using System.Net;
using System.Text.Json;
using Quitanda.Platform;

namespace Quitanda.Tests.Ordering;

/// <summary>Everything that orders share, raced at once by two hundred clients of two processes: stock, options, a coupon and the places of a slot.</summary>
public sealed class ShopRaceTests(Shop shop) : IClassFixture<Shop>
{
    private const string Orders = "/api/v1/orders";

    [Fact]
    public async Task Two_hundred_clients_of_two_processes_oversell_nothing_and_every_total_adds_up()
    {
        await using var other = await shop.StartBeside();
        var staff = (await shop.Staff()).Client;
        var (scarce, plenty) = (await shop.Product(stock: 60, price: 333), await shop.Product(stock: 100_000, price: 1001));
        var sauces = (await (await staff.Send(HttpMethod.Patch, $"/api/v1/products/{plenty}", new
        {
            optionGroups = new[] { new { name = "Molho", min = 0, max = 2, options = new[] { new { name = "Alho", price = Money(77), stock = 90 } } } },
        })).Body()).GetProperty("optionGroups")[0].GetProperty("options");
        var coupon = (await (await staff.Post("/api/v1/coupons", new { code = "CORRIDA", percent = 7, maxUses = 40 })).Body(HttpStatusCode.Created)).Id();
        await SetSlots(staff, capacity: 25);
        var people = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => shop.Customer()));
        var clients = people.SelectMany(person => (HttpClient[])[person.Client, other.ClientFor(person.Client)]).ToArray();
        var slot = new DateTimeOffset(shop.Clock.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero).AddDays(2).AddHours(15);

        // A third wants the slot, a third the coupon, all of them what is scarce in one way or another, in lines of any order.
        var answers = await Task.WhenAll(clients.Select((client, at) =>
        {
            object[] lines = [new { productId = plenty, quantity = 1 + at % 2, options = new[] { new { optionId = sauces[0].Id() } } }, new { productId = scarce, quantity = 1 }, new { productId = plenty, quantity = 1 }];
            if (at % 2 == 0)
                Array.Reverse(lines);
            return client.Post(Orders, new
            {
                items = at % 5 == 4 ? lines[..1] : lines,
                fulfillment = "pickup",
                couponCode = at % 3 == 0 ? "CORRIDA" : null,
                scheduledFor = at % 3 == 1 ? slot.AddMinutes(at % 15) : (DateTimeOffset?)null,
                tip = Money(at % 7),
            });
        }));
        await SetSlots(staff, capacity: null);

        var (taken, codes) = (new List<JsonElement>(), new SortedDictionary<string, int>(StringComparer.Ordinal));
        foreach (var answer in answers)
            if (answer.StatusCode == HttpStatusCode.Created)
                taken.Add(await answer.Body(HttpStatusCode.Created));
            else
            {
                var problem = await answer.Body(HttpStatusCode.Conflict);
                codes[problem.Text("code")!] = codes.GetValueOrDefault(problem.Text("code")!) + 1;
            }

        Assert.Empty(codes.Keys.Except(["out_of_stock", "coupon_refused", "slot_taken"], StringComparer.Ordinal));
        Assert.All(taken, AddsUp);
        var lines = taken.SelectMany(order => order.GetProperty("items").EnumerateArray()).ToList();
        var (soldScarce, soldPlenty) = (Sold(lines, scarce), Sold(lines, plenty));
        var soldSauce = lines.Sum(line => line.GetProperty("quantity").GetInt32() * line.GetProperty("options").EnumerateArray().Sum(option => option.GetProperty("quantity").GetInt32()));
        var withCoupon = taken.Count(order => order.Text("couponCode") is not null);
        var inSlot = taken.Count(order => order.GetProperty("scheduledFor").ValueKind == JsonValueKind.String);
        Assert.InRange(soldScarce, 1, 60);
        Assert.InRange(soldSauce, 1, 90);
        Assert.InRange(withCoupon, 1, 40);
        Assert.InRange(inSlot, 1, 25);
        Assert.Equal((60 - soldScarce, 100_000 - soldPlenty), (await shop.StockOf(scarce), await shop.StockOf(plenty)));
        Assert.Equal(90 - soldSauce, (await (await staff.Get($"/api/v1/products/{plenty}/options/{sauces[0].Id()}")).Body()).GetProperty("stock").GetInt32());
        Assert.Equal(withCoupon, (await (await staff.Get($"/api/v1/coupons/{coupon}")).Body()).GetProperty("uses").GetInt32());
        Assert.Equal(inSlot, await Count($"select coalesce(sum(taken), 0)::bigint from ordering.slots where starts_at = {slot}"));
        // Something was short, or nothing was raced.
        Assert.NotEmpty(codes);

        // All is called off by both sides at once, and everything is as it was.
        await Task.WhenAll(taken.SelectMany(order => (HttpClient[])[staff, other.ClientFor(staff)], (order, client) => client.Post($"{Orders}/{order.Id()}/cancel")));
        Assert.Equal((60, 100_000), (await shop.StockOf(scarce), await shop.StockOf(plenty)));
        Assert.Equal((90, 0), ((await (await staff.Get($"/api/v1/products/{plenty}/options/{sauces[0].Id()}")).Body()).GetProperty("stock").GetInt32(), (await (await staff.Get($"/api/v1/coupons/{coupon}")).Body()).GetProperty("uses").GetInt32()));
        Assert.Equal(0, await Count($"select coalesce(sum(taken), 0)::bigint from ordering.slots"));
    }

    private static void AddsUp(JsonElement order)
    {
        var items = order.GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(order.Amount("subtotal"), items.Sum(item => item.Amount("total")));
        Assert.Equal(order.Amount("discount"), items.Sum(item => item.Amount("discount")));
        Assert.Equal(order.Amount("total"), order.Amount("subtotal") - order.Amount("discount") + order.Amount("deliveryFee") + order.Amount("tip"));
        Assert.All(items, item => Assert.Equal(item.Amount("total"), item.Amount("unitPrice") * item.GetProperty("quantity").GetInt32()));
        // 7 %, half a unit rounded up.
        Assert.Equal(order.Text("couponCode") is null ? 0 : ((order.Amount("subtotal") * 7) + 50) / 100, order.Amount("discount"));
    }

    private static int Sold(List<JsonElement> lines, Guid product) => lines.Where(line => line.GetProperty("productId").GetGuid() == product).Sum(line => line.GetProperty("quantity").GetInt32());

    private Task<long> Count(Sql sql) => shop.WithDb(db => db.ReadFirst(sql, row => row.GetInt64(0), TestContext.Current.CancellationToken));

    private static async Task SetSlots(HttpClient staff, int? capacity)
    {
        var store = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>((await (await staff.Get("/api/v1/store")).Body()).GetRawText())!;
        string[] shown = ["createdAt", "updatedAt", "pausedUntil", "pausedAt", "pauseReason", "busyMinutes", "busyUntil"];
        foreach (var name in shown)
            store.Remove(name);
        store["slots"] = JsonSerializer.SerializeToElement(capacity is null ? null : new { minutes = 15, pickupCapacity = capacity });
        await (await staff.Send(HttpMethod.Put, "/api/v1/store", store)).Body();
    }

    private static object Money(long amount) => new { amount, currency = "BRL" };
}
