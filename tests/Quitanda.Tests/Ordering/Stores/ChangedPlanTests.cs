using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Quitanda.Ordering.Orders;
using Quitanda.Ordering.Stores;

namespace Quitanda.Tests.Ordering.Stores;

/// <summary>That the places which orders have are there under every plan of slots. The clock of the tests begins at noon of a Wednesday in São Paulo, 2026-03-04T15:00Z.</summary>
public sealed class ChangedPlanTests(Shop shop) : IClassFixture<Shop>
{
    private const string Store = "/api/v1/store";
    private const string Orders = "/api/v1/orders";

    [Fact]
    public async Task Places_that_are_taken_stay_taken_when_slots_are_cut_otherwise()
    {
        await Change(new { slots = new { minutes = 30, pickupCapacity = 2 } });
        var (customer, product) = (await shop.Customer(), await shop.Product(stock: 20, price: 1000));
        var day = At("2026-03-06T18:00Z");
        var first = await Place(customer, product, day.AddMinutes(5));
        await Place(customer, product, day.AddMinutes(20));
        await Place(customer, product, day.AddMinutes(40));
        Assert.Equal("18:00-18:30:full 18:30-19:00", await Slots(day, 2));

        // What two slots had is in one that takes no more, and one was above it already: nobody is sent away.
        await Change(new { slots = new { minutes = 60, pickupCapacity = 2 } });
        Assert.Equal("18:00-19:00:full 19:00-20:00", await Slots(day, 2));
        await Refused(customer, product, day.AddMinutes(50));
        // A place that is given back comes off the slot that there is now; the third order of two still has its own.
        await (await customer.Client.Post($"{Orders}/{first.Id()}/cancel")).Body();
        await Refused(customer, product, day.AddMinutes(50));

        await Change(new { slots = new { minutes = 20, pickupCapacity = 1 } });
        Assert.Equal("18:00-18:20 18:20-18:40:full 18:40-19:00:full", await Slots(day, 3));
        await Change(new { slots = new { minutes = 30, pickupCapacity = 2 } });
        Assert.Equal("18:00-18:30 18:30-19:00", await Slots(day, 2));
        await Place(customer, product, day.AddMinutes(10));
        await Refused(customer, product, day.AddMinutes(10));
        Assert.Empty(await Missing());
    }

    [Fact]
    public async Task Orders_of_a_time_without_slots_have_their_places_when_there_are_some()
    {
        await Change();
        var (customer, product) = (await shop.Customer(), await shop.Product(stock: 20, price: 1000));
        var day = At("2026-03-08T18:00Z");
        var handedOver = await Place(customer, product, day.AddMinutes(1));
        await Place(customer, product, day.AddMinutes(2));
        var calledOff = await Place(customer, product, day.AddMinutes(3));
        await (await customer.Client.Post($"{Orders}/{calledOff.Id()}/cancel")).Body();
        foreach (var step in (string[])["confirm", "prepare", "ready", "deliver"])
            await (await (await shop.Staff()).Client.Post($"{Orders}/{handedOver.Id()}/{step}")).Body();

        await Change(new { slots = new { minutes = 60, pickupCapacity = 3 } });
        await Place(customer, product, day.AddMinutes(4));
        await Refused(customer, product, day.AddMinutes(5));

        // Hours that begin within a slot make it begin with them, and it is the same one.
        await Change(new { slots = new { minutes = 60, pickupCapacity = 3 }, openingHours = new[] { new { day = "sunday", opens = "15:01", closes = "23:00" } } });
        await Refused(customer, product, day.AddMinutes(6));
        // Hours that leave an order out leave it as it is, with no place of any slot.
        await Change(new { slots = new { minutes = 60, pickupCapacity = 3 }, openingHours = new[] { new { day = "sunday", opens = "15:03", closes = "23:00" } } });
        await Place(customer, product, day.AddMinutes(6));
        await Place(customer, product, day.AddMinutes(7));
        await Refused(customer, product, day.AddMinutes(8));
        Assert.Empty(await Missing());
        await Change();
    }

    [Fact]
    public async Task No_order_loses_its_place_however_often_the_plan_changes_while_it_is_placed_or_called_off()
    {
        await using var other = await shop.StartBeside();
        await Change(new { slots = new { minutes = 15, pickupCapacity = 1000 } });
        var product = await shop.Product(stock: 100_000, price: 1000);
        var staff = (await shop.Staff()).Client;
        HttpClient[] counters = [staff, other.ClientFor(staff)];
        var day = At("2026-03-10T15:00Z");
        var people = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => shop.Customer()));

        var changing = Task.WhenAll(counters.Select(async (counter, number) =>
        {
            foreach (var minutes in Enumerable.Range(0, Size.Of(12, 120)).Select(round => ((int[])[15, 60, 20, 30])[(round + number) % 4]))
            {
                var written = Written(new { slots = minutes == 20 ? null : new { minutes, pickupCapacity = 1000 } });
                // Every other change has a condition, and so a snapshot of its own beginning; it may find that it comes too late.
                var tag = minutes == 30 ? (await counter.Get(Store)).Headers.ETag!.Tag : null;
                var answer = await Send(counter, written, tag);
                Assert.True(answer.StatusCode is HttpStatusCode.OK || (tag is not null && answer.StatusCode is HttpStatusCode.PreconditionFailed or HttpStatusCode.ServiceUnavailable), $"{answer.StatusCode}");
            }
        }));
        var placed = await Task.WhenAll(people.SelectMany(person => (HttpClient[])[person.Client, other.ClientFor(person.Client)]).Select(async (client, number) =>
        {
            var count = 0;
            for (var round = 0; round < 4 || !changing.IsCompleted; round++, count++)
            {
                var order = await (await client.Post(Orders, For(product, day.AddMinutes((round * 7 + number * 11) % 240)))).Body(HttpStatusCode.Created);
                // Somebody thinks better of it, while others order and the plan changes.
                if (round % 3 == 0)
                    await (await client.Post($"{Orders}/{order.Id()}/cancel")).Body();
            }

            return count;
        }));
        await changing;

        Assert.True(placed.Sum() >= 64);
        if ((await (await shop.Guest.Get(Store)).Body()).GetProperty("slots").ValueKind == JsonValueKind.Object)
            Assert.Empty(await Missing());
        await Change(new { slots = new { minutes = 15, pickupCapacity = 1000 } });
        Assert.Empty(await Missing());
        Assert.Equal(placed.Sum(), await shop.WithDb(db => db.ReadFirst($"select count(*)::int from ordering.orders o join ordering.order_items i on i.order_id = o.id where i.product_id = {product}", row => row.GetInt32(0), Ct)));
        await Change();
    }

    [Theory]
    [InlineData(null, 15, false)]
    [InlineData(15, 60, false)]
    [InlineData(15, 60, true)]
    public async Task An_order_that_is_halfway_when_the_plan_changes_has_its_place_in_the_new_one(int? before, int after, bool hasCondition)
    {
        await Change(new { slots = before is null ? null : new { minutes = before, pickupCapacity = 1 } });
        var (staff, customer, product) = ((await shop.Staff()).Client, await shop.Customer(), await shop.Product(stock: 10, price: 1000));
        var at = At("2026-03-12T15:00Z").AddHours(after + (hasCondition ? 1 : 0)).AddMinutes(20);
        var tag = hasCondition ? (await staff.Get(Store)).Headers.ETag!.Tag : null;
        var (isHeld, mayGoOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        var holding = shop.WithDb(async db =>
        {
            await db.Execute($"select from catalog.products where id = {product} for update", Ct);
            isHeld.SetResult();
            await mayGoOn.Task;
            return true;
        });
        await isHeld.Task;
        Task<HttpResponseMessage> changing;
        var ordering = customer.Client.Post(Orders, For(product, at));
        try
        {
            // It knows what the store says, and waits for its goods.
            await Eventually.Happens(() => Waiting(1));
            changing = Send(staff, Written(new { slots = new { minutes = after, pickupCapacity = 1 } }), tag);
            await Eventually.Happens(async () => changing.IsCompleted || await Waiting(2));
        }
        finally
        {
            mayGoOn.SetResult();
        }

        await holding;
        await (await ordering).Body(HttpStatusCode.Created);
        await (await changing).Body();
        Assert.Empty(await Missing());
        await Refused(customer, product, at.AddMinutes(5));
        await Change();
    }

    private Task<bool> Waiting(int count) => shop.WithDb(db => db.ReadFirst(
        $"select count(*) >= {count} from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'", row => row.GetBoolean(0), Ct));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>Slots that count other than the orders that have a place in them, and orders whose place is not in the slot of their time.</summary>
    private Task<List<string>> Missing() => shop.WithDb(async db =>
    {
        var terms = await Terms.Read(db, Ct);
        var wrong = await db.Read(
            $"""
            select coalesce(s.starts_at, o.slot_at)::text || ': ' || coalesce(s.taken, 0) || ' instead of ' || coalesce(o.count, 0)
            from (select * from ordering.slots where taken > 0) s
            full join (select fulfillment, slot_at, count(*) from ordering.orders where slot_at is not null and status <> 'cancelled' group by 1, 2) o on o.fulfillment = s.fulfillment and o.slot_at = s.starts_at
            where coalesce(s.taken, 0) <> coalesce(o.count, 0)
            """, row => row.GetString(0), Ct);
        var orders = await db.Read($"select ready_at, slot_at from ordering.orders where status <> 'cancelled' and fulfillment = 'pickup'",
            row => (ReadyAt: row.GetFieldValue<DateTimeOffset>(0), SlotAt: row.IsDBNull(1) ? null : (DateTimeOffset?)row.GetFieldValue<DateTimeOffset>(1)), Ct);
        return (List<string>)[.. wrong, .. orders.Where(order => terms.SlotAt(Fulfillment.Pickup, order.ReadyAt) != order.SlotAt).Select(order => $"{order.ReadyAt} is not in {order.SlotAt}")];
    });

    private async Task Change(object? but = null) => await (await Send((await shop.Staff()).Client, Written(but), tag: null)).Body();

    private static JsonObject Written(object? but)
    {
        var store = JsonSerializer.SerializeToNode(Things.Store())!.AsObject();
        store["timeZone"] = AStore.SaoPaulo;
        foreach (var (name, value) in JsonSerializer.SerializeToNode(but ?? new { })!.AsObject())
            store[name] = value?.DeepClone();
        return store;
    }

    private static Task<HttpResponseMessage> Send(HttpClient client, JsonObject store, string? tag)
    {
        var request = new HttpRequestMessage(HttpMethod.Put, Store) { Content = new StringContent(store.ToJsonString(), System.Text.Encoding.UTF8, "application/json") };
        if (tag is not null)
            request.Headers.TryAddWithoutValidation("If-Match", tag);
        return client.SendAsync(request, Ct);
    }

    private async Task<string> Slots(DateTimeOffset from, int count)
    {
        var day = await (await shop.Guest.Get(string.Create(CultureInfo.InvariantCulture, $"{Store}/slots?fulfillment=pickup&date={from:yyyy-MM-dd}"))).Body();
        return string.Join(' ', day.GetProperty("slots").EnumerateArray().SkipWhile(slot => slot.GetProperty("start").GetDateTimeOffset() < from).Take(count)
            .Select(slot => $"{slot.Text("start")![11..16]}-{slot.Text("end")![11..16]}{(slot.Text("reason") is { } reason ? ":" + reason : "")}"));
    }

    private Task<JsonElement> Place(Shop.Person customer, Guid product, DateTimeOffset at) => shop.Place(customer, For(product, at));

    private static async Task Refused(Shop.Person customer, Guid product, DateTimeOffset at) => await (await customer.Client.Post(Orders, For(product, at))).Refusal(HttpStatusCode.Conflict, "slot_taken");

    private static object For(Guid product, DateTimeOffset at) => new { items = Shop.Lines((product, 1)), fulfillment = "pickup", paymentMethod = "manual", scheduledFor = at };

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
}
