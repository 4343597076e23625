using System.Net;
using System.Text.Json;

namespace Quitanda.Tests.Ordering;

/// <summary>When orders are promised: found by it, and promised anew. The clock of the tests begins at noon of a Wednesday in São Paulo, 2026-03-04T15:00Z.</summary>
public sealed class OrderTimesTests(Shop shop) : IClassFixture<Shop>
{
    private const string Orders = "/api/v1/orders";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Staff_see_what_is_to_come_by_its_time_and_find_orders_by_it()
    {
        await Change(new { pickup = new { isOffered = true, leadMinutes = 30 } });
        var (customer, staff, product) = (await shop.Customer(), (await shop.Staff()).Client, await shop.Product(stock: 20, price: 1000));
        var day = new DateTimeOffset(shop.Clock.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero).AddDays(3).AddHours(15);
        var late = await Place(customer, product, day.AddHours(5));
        var early = await Place(customer, product, day.AddHours(1), "delivery");
        var next = await Place(customer, product, day.AddDays(1));
        var unpaid = await Place(customer, product, day.AddHours(2), paymentMethod: "online");
        var off = await Place(customer, product, day.AddHours(3));
        await (await staff.Post($"{Orders}/{off.Id()}/cancel")).Body();
        var soon = await Place(customer, product, at: null);

        Assert.Equal([early.Id(), late.Id(), next.Id()], await Ids(staff, $"{Orders}/upcoming"));
        Assert.Equal(3, (await (await staff.Get($"{Orders}/queue")).Body()).GetProperty("upcoming").GetInt32());
        Assert.Equal([early.Id(), late.Id()], await Ids(staff, $"{Orders}/upcoming?from={day:yyyy-MM-dd}&to={day:yyyy-MM-dd}"));
        Assert.Equal([late.Id(), next.Id()], await Ids(staff, $"{Orders}/upcoming?fulfillment=pickup"));
        Assert.Equal([next.Id(), late.Id(), early.Id()], await Ids(staff, $"{Orders}/upcoming?sort=-readyAt"));
        // By cursor, one at a time.
        var (seen, cursor) = (new List<Guid>(), "");
        do
        {
            var page = await (await staff.Get($"{Orders}/upcoming?limit=1&sort=readyAt{(cursor.Length > 0 ? $"&after={Uri.EscapeDataString(cursor)}" : "")}")).Body();
            seen.Add(Assert.Single(page.GetProperty("data").EnumerateArray()).Id());
            cursor = page.GetProperty("meta").Text("next") ?? "";
        }
        while (cursor.Length > 0);
        Assert.Equal([early.Id(), late.Id(), next.Id()], seen);

        // They were placed at one instant of the test's clock, and so in any order.
        Assert.Equal(Sorted(off, unpaid, early, late), (await Ids(staff, $"{Orders}?readyFrom={day:yyyy-MM-dd}&readyTo={day:yyyy-MM-dd}")).Order());
        Assert.Equal([early.Id()], await Ids(staff, $"{Orders}?readyFrom={day:yyyy-MM-dd}&fulfillment=delivery"));
        Assert.Equal(Sorted(unpaid, early, late), (await Ids(staff, $"{Orders}?readyFrom={day:yyyy-MM-ddTHH:mm:ssZ}&readyTo={day.AddDays(1):yyyy-MM-ddTHH:mm:ssZ}&status=pending&search={customer.Id}&paymentStatus=pending")).Order());
        Assert.DoesNotContain(soon.Id(), await Ids(staff, $"{Orders}?readyFrom={day:yyyy-MM-dd}"));
        foreach (var (path, field) in (((string, string)[])[($"{Orders}?readyFrom=amanha", "readyFrom"), ($"{Orders}?readyTo=x", "readyTo"), ($"{Orders}?fulfillment=pigeon", "fulfillment"), ($"{Orders}/upcoming?from=x", "from"), ($"{Orders}/upcoming?sort=name", "sort")]))
            Assert.Equal([field], await (await staff.Get(path)).Wrong());
        await (await customer.Client.Get($"{Orders}/upcoming")).Refusal(HttpStatusCode.Forbidden, "forbidden");
    }

    [Fact]
    public async Task Staff_promise_an_order_for_another_time_and_everybody_is_told()
    {
        await Change(new { pickup = new { isOffered = true, leadMinutes = 30 } });
        var (customer, staff, product) = (await shop.Customer(), await shop.Staff(), await shop.Product(stock: 20, price: 1000));
        var now = shop.Clock.GetUtcNow();
        var order = await Place(customer, product, now.AddHours(5));
        await shop.RunJobs();
        await using var watched = await EventReader.Open(customer.Client, $"{Orders}/{order.Id()}/events", lastEventId: 1);

        var moved = await (await staff.Client.Post($"{Orders}/{order.Id()}/promise", new { readyAt = now.AddHours(2), reason = "O forno ficou livre" })).Body();
        Assert.Equal((now.AddHours(2), now.AddHours(5), "pending"), (moved.GetProperty("readyAt").GetDateTimeOffset(), moved.GetProperty("scheduledFor").GetDateTimeOffset(), moved.Text("status")));
        var step = moved.GetProperty("timeline")[1];
        Assert.Equal(("pending", "staff", "O forno ficou livre", staff.Id, now.AddHours(2)), (step.Text("status"), step.Text("by"), step.Text("reason"), step.GetProperty("byId").GetGuid(), step.GetProperty("readyAt").GetDateTimeOffset()));
        var told = (await watched.Next())!;
        var data = JsonDocument.Parse(told.Data).RootElement;
        Assert.Equal(("readyAtChanged", 2L, "O forno ficou livre", now.AddHours(2)), (told.Event, told.Id, data.Text("reason"), data.GetProperty("readyAt").GetDateTimeOffset()));
        // Who of the staff it was is for staff.
        Assert.False(data.TryGetProperty("byId", out _));
        Assert.False((await (await customer.Client.Get($"{Orders}/{order.Id()}")).Body()).GetProperty("timeline")[1].TryGetProperty("byId", out _));

        // Sooner than it was, it comes into the queue sooner: half an hour before.
        await shop.RunJobs();
        shop.Clock.Advance(TimeSpan.FromMinutes(89));
        await shop.RunJobs();
        staff = await shop.Staff();
        await using var queue = await EventReader.Open(staff.Client, $"{Orders}/queue/events");
        shop.Clock.Advance(TimeSpan.FromMinutes(1));
        await shop.RunJobs();
        var entered = (await queue.Next())!;
        Assert.Equal(("orderQueued", order.Id()), (entered.Event, JsonDocument.Parse(entered.Data).RootElement.GetProperty("orderId").GetGuid()));

        // Later again, while it is in the queue already.
        await (await staff.Client.Post($"{Orders}/{order.Id()}/promise", new { readyAt = now.AddHours(9) })).Body();
        await shop.RunJobs();
        var put = (await queue.Next())!;
        Assert.Equal(("readyAtChanged", now.AddHours(9)), (put.Event, JsonDocument.Parse(put.Data).RootElement.GetProperty("readyAt").GetDateTimeOffset()));
        foreach (var verb in (string[])["confirm", "prepare", "ready", "deliver"])
            await (await staff.Client.Post($"{Orders}/{order.Id()}/{verb}")).Body();
        var over = await (await staff.Client.Post($"{Orders}/{order.Id()}/promise", new { readyAt = now.AddHours(9) })).Refusal(HttpStatusCode.Conflict, "invalid_transition");
        Assert.Empty(over.GetProperty("allowed").EnumerateArray());
        await shop.RunJobs();
    }

    [Fact]
    public async Task An_order_put_off_enters_the_queue_when_its_new_time_comes()
    {
        await Change(new { pickup = new { isOffered = true, leadMinutes = 30 } });
        var (customer, product) = (await shop.Customer(), await shop.Product(stock: 20, price: 1000));
        var now = shop.Clock.GetUtcNow();
        var order = await Place(customer, product, now.AddHours(2));
        await shop.RunJobs();
        await (await (await shop.Staff()).Client.Post($"{Orders}/{order.Id()}/promise", new { readyAt = now.AddHours(4) })).Body();
        shop.Clock.Advance(TimeSpan.FromHours(3));
        await shop.RunJobs();
        var staff = (await shop.Staff()).Client;
        Assert.Contains(order.Id(), await Ids(staff, $"{Orders}/upcoming"));
        await using var queue = await EventReader.Open(staff, $"{Orders}/queue/events");
        shop.Clock.Advance(TimeSpan.FromMinutes(30));
        await shop.RunJobs();
        var entered = (await queue.Next())!;
        Assert.Equal(("orderQueued", order.Id()), (entered.Event, JsonDocument.Parse(entered.Data).RootElement.GetProperty("orderId").GetGuid()));
        await (await (await shop.Staff()).Client.Post($"{Orders}/{order.Id()}/cancel")).Body();
    }

    [Fact]
    public async Task The_place_of_an_order_moves_with_what_is_promised_and_what_staff_said_outlives_a_payment()
    {
        await Change(new { slots = new { minutes = 30, pickupCapacity = 1 } });
        var (customer, staff, product) = (await shop.Customer(), (await shop.Staff()).Client, await shop.Product(stock: 20, price: 1000));
        var slot = new DateTimeOffset(shop.Clock.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero).AddDays(5).AddHours(18);
        var order = await Place(customer, product, slot.AddMinutes(5));
        var neighbour = await Place(customer, product, slot.AddMinutes(35));
        Assert.Equal((1, 1), (await Taken(slot), await Taken(slot.AddMinutes(30))));

        // Staff may put one more into a slot than it takes of customers.
        await (await staff.Post($"{Orders}/{order.Id()}/promise", new { readyAt = slot.AddMinutes(50) })).Body();
        Assert.Equal((0, 2), (await Taken(slot), await Taken(slot.AddMinutes(30))));
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async at => await (await staff.Post($"{Orders}/{(at % 2 == 0 ? order : neighbour).Id()}/promise", new { readyAt = slot.AddMinutes(at % 4 * 15) })).Body()));
        Assert.Equal(2, await Taken(slot) + await Taken(slot.AddMinutes(30)));
        foreach (var one in (JsonElement[])[order, neighbour])
            await (await customer.Client.Post($"{Orders}/{one.Id()}/cancel")).Body();
        Assert.Equal((0, 0), (await Taken(slot), await Taken(slot.AddMinutes(30))));

        await Change();
        var unpaid = await Place(customer, product, at: null, paymentMethod: "online");
        var promised = shop.Clock.GetUtcNow().AddHours(1);
        await (await staff.Post($"{Orders}/{unpaid.Id()}/promise", new { readyAt = promised })).Body();
        shop.Clock.Advance(TimeSpan.FromMinutes(10));
        var payment = (await (await customer.Client.Post("/api/v1/payments", new { orderId = unpaid.Id(), provider = "sandbox" })).Body(HttpStatusCode.Created)).Id();
        await (await customer.Client.Post($"/api/v1/sandbox/payments/{payment}/succeed")).Body();
        Assert.Equal(promised, (await (await customer.Client.Get($"{Orders}/{unpaid.Id()}")).Body()).GetProperty("readyAt").GetDateTimeOffset());
        await (await staff.Post($"{Orders}/{unpaid.Id()}/cancel")).Body();

        Task<int> Taken(DateTimeOffset start) => shop.WithDb(db => db.ReadFirst($"select coalesce(sum(taken), 0)::int from ordering.slots where starts_at = {start}", row => row.GetInt32(0), Ct));
    }

    [Fact]
    public async Task Only_staff_promise_and_only_times_to_come()
    {
        var (customer, staff) = (await shop.Customer(), (await shop.Staff()).Client);
        var order = (await shop.Place(customer)).Id();
        var now = shop.Clock.GetUtcNow();
        await (await customer.Client.Post($"{Orders}/{order}/promise", new { readyAt = now.AddHours(1) })).Refusal(HttpStatusCode.Forbidden, "forbidden");
        foreach (var body in (object[])[new { readyAt = now }, new { readyAt = now.AddDays(367) }, new { reason = "Sem hora" }])
            Assert.Equal(["readyAt"], await (await staff.Post($"{Orders}/{order}/promise", body)).Wrong());
        await (await staff.Post($"{Orders}/{Guid.CreateVersion7()}/promise", new { readyAt = now.AddHours(1) })).Refusal(HttpStatusCode.NotFound, "not_found");
        await (await staff.Post($"{Orders}/{order}/cancel")).Body();
    }

    private static IEnumerable<Guid> Sorted(params JsonElement[] orders) => orders.Select(order => order.Id()).Order();

    private static async Task<List<Guid>> Ids(HttpClient staff, string path) =>
        [.. (await (await staff.Get(path)).Body()).GetProperty("data").EnumerateArray().Select(order => order.Id())];

    private Task<JsonElement> Place(Shop.Person customer, Guid product, DateTimeOffset? at, string fulfillment = "pickup", string paymentMethod = "manual") => shop.Place(customer,
        new { items = Shop.Lines((product, 1)), fulfillment, paymentMethod, scheduledFor = at, address = fulfillment == "delivery" ? Shop.Address() : null });

    private async Task Change(object? but = null)
    {
        var store = JsonSerializer.SerializeToNode(Things.Store())!.AsObject();
        store["timeZone"] = Stores.AStore.SaoPaulo;
        foreach (var (name, value) in JsonSerializer.SerializeToNode(but ?? new { })!.AsObject())
            store[name] = value?.DeepClone();
        await (await (await shop.Staff()).Client.Send(HttpMethod.Put, "/api/v1/store", store.ToJsonString())).Body();
    }
}
