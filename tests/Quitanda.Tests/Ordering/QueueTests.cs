using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Ordering;
using Quitanda.Ordering.Queue;
using Quitanda.Platform;

namespace Quitanda.Tests.Ordering;

public sealed class QueueTests(Shop shop) : IClassFixture<Shop>
{
    private const string Orders = "/api/v1/orders";
    private const string Queue = "/api/v1/orders/queue";
    private const string Events = "/api/v1/orders/queue/events";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_order_comes_into_the_queue_once_it_is_to_be_made_and_each_change_is_told_once()
    {
        var (customer, staff) = (await shop.Customer(), await shop.Staff());
        await shop.RunJobs();
        await using var events = await EventReader.Open(staff.Client, Events);
        var before = (await Show(staff)).GetProperty("position").GetInt64();

        var unpaid = await shop.Place(customer, "pickup", "online");
        var manual = await shop.Place(customer, "pickup", "manual");
        await shop.RunJobs();
        Assert.DoesNotContain(unpaid.Id(), await Ids(staff));
        Assert.Contains(manual.Id(), await Ids(staff));

        var payment = (await (await customer.Client.Post("/api/v1/payments", new { orderId = unpaid.Id(), provider = "sandbox" })).Body(HttpStatusCode.Created)).Id();
        await (await customer.Client.Post($"/api/v1/sandbox/payments/{payment}/succeed")).Body();
        await shop.RunJobs();
        foreach (var step in (string[])["confirm", "prepare", "ready", "deliver"])
            await (await staff.Client.Post($"{Orders}/{manual.Id()}/{step}", new { reason = step })).Body();
        await (await customer.Client.Post($"{Orders}/{unpaid.Id()}/cancel")).Body();
        await shop.RunJobs();

        (string, Guid, string?)[] expected =
        [
            ("orderQueued", manual.Id(), "pending"), ("orderQueued", unpaid.Id(), "confirmed"), ("statusChanged", manual.Id(), "confirmed"), ("statusChanged", manual.Id(), "preparing"),
            ("statusChanged", manual.Id(), "ready"), ("statusChanged", manual.Id(), "delivered"), ("statusChanged", unpaid.Id(), "cancelled"),
        ];
        var live = await Take(events, expected.Length);
        // Jobs of different orders may run in any order; those of one order tell its story.
        foreach (var order in (Guid[])[manual.Id(), unpaid.Id()])
            Assert.Equal(expected.Where(one => one.Item2 == order), live.Where(one => one.Order == order).Select(one => (one.Name, one.Order, one.Status)));

        // Whoever had the list, or part of the stream, goes on from there and misses nothing.
        await using (var all = await EventReader.Open(staff.Client, $"{Events}?lastEventId=0"))
            Assert.Equal(1, (await Take(all, 1))[0].Position);
        foreach (var (from, rest) in ((long, int)[])[(before, expected.Length), (live[2].Position, expected.Length - 3)])
        {
            await using var again = await EventReader.Open(staff.Client, $"{Events}?lastEventId={from}");
            Assert.Equal(live[^rest..], await Take(again, rest));
        }

        Assert.DoesNotContain(manual.Id(), await Ids(staff));
        // The same said again, and late, tells nothing.
        await shop.InScope(async provider =>
        {
            await provider.GetRequiredService<QueueOrder>().Handle(new OrderStatusChanged(manual.Id(), 1, customer.Id, "ready"), Ct);
            return true;
        });
        Assert.Equal(live[^1].Position, (await Show(staff)).GetProperty("position").GetInt64());
    }

    [Fact]
    public async Task A_scheduled_order_enters_in_time()
    {
        var (customer, staff) = (await shop.Customer(), await shop.Staff());
        var wanted = shop.Clock.GetUtcNow().AddHours(5);
        var product = await shop.Product(stock: 10, price: 1000);
        var order = await shop.Place(customer, new { items = Shop.Lines((product, 1)), fulfillment = "pickup", paymentMethod = "manual", scheduledFor = wanted });
        await (await staff.Client.Post($"{Orders}/{order.Id()}/confirm")).Body();
        await shop.RunJobs();
        Assert.DoesNotContain(order.Id(), await Ids(staff));
        Assert.InRange((await Show(staff)).GetProperty("upcoming").GetInt32(), 1, 10);

        shop.Clock.Advance(TimeSpan.FromHours(4) + TimeSpan.FromMinutes(59));
        await shop.RunJobs();
        staff = await shop.Staff();
        Assert.DoesNotContain(order.Id(), await Ids(staff));
        shop.Clock.Advance(TimeSpan.FromMinutes(1));
        await using var events = await EventReader.Open(staff.Client, Events);
        await shop.RunJobs();
        var entered = Assert.Single(await Take(events, 1));
        Assert.Equal(("orderQueued", order.Id(), "confirmed"), (entered.Name, entered.Order, entered.Status));
        Assert.Contains(order.Id(), await Ids(staff));
    }

    [Fact]
    public async Task Positions_have_no_gaps_whoever_works_on_two_processes()
    {
        await using var other = await shop.StartBeside();
        var (customer, staff) = (await shop.Customer(), await shop.Staff());
        await shop.RunJobs();
        var before = (await Show(staff)).GetProperty("position").GetInt64();
        var product = await shop.Product(stock: 1000, price: 100);
        var count = Size.Of(20, 200);
        var placed = await Task.WhenAll(Enumerable.Range(0, count).Select(_ => shop.Place(customer, new { items = Shop.Lines((product, 1)), fulfillment = "pickup", paymentMethod = "manual" })));
        await Task.WhenAll(placed.Select((order, at) => (at % 2 == 0 ? staff.Client : other.ClientFor(staff.Client)).Post($"{Orders}/{order.Id()}/confirm")));
        var there = other.Services.GetRequiredService<JobRunner>();
        await Task.WhenAll(shop.RunJobs(), there.RunDue(Ct), there.RunDue(Ct));
        await shop.RunJobs();

        await using var events = await EventReader.Open(other.ClientFor(staff.Client), $"{Events}?lastEventId={before}");
        var last = (await Show(staff)).GetProperty("position").GetInt64();
        var told = await Take(events, (int)(last - before));
        Assert.Equal(Enumerable.Range(1, told.Count).Select(at => before + at), told.Select(one => one.Position));
        foreach (var order in placed)
        {
            var story = told.Where(one => one.Order == order.Id()).Select(one => $"{one.Name} {one.Status}").ToList();
            Assert.Contains(string.Join(", ", story), (string[])["orderQueued pending, statusChanged confirmed", "orderQueued confirmed"], StringComparer.Ordinal);
        }
    }

    [Fact]
    public async Task What_the_queue_was_told_of_finished_orders_is_forgotten_a_week_later_and_the_rest_stays()
    {
        var (customer, staff) = (await shop.Customer(), await shop.Staff());
        var (done, open) = (await shop.Place(customer), await shop.Place(customer));
        await shop.RunJobs();
        await (await staff.Client.Post($"{Orders}/{done.Id()}/cancel")).Body();
        await shop.RunJobs();
        shop.Clock.Advance(TimeSpan.FromDays(6.9));
        await Forget();
        Assert.Equal((2, 1), (await Told(done), await Told(open)));
        shop.Clock.Advance(TimeSpan.FromDays(0.2));
        await Forget();
        Assert.Equal((0, 1), (await Told(done), await Told(open)));

        // It goes on where it was, and whoever was away for long is told what is left.
        staff = await shop.Staff();
        await (await staff.Client.Post($"{Orders}/{open.Id()}/confirm")).Body();
        await shop.RunJobs();
        Assert.Equal(2, await Told(open));
        await using var events = await EventReader.Open(staff.Client, $"{Events}?lastEventId=0");
        var told = await Take(events, await shop.WithDb(db => db.ReadFirst($"select count(*)::int from ordering.queue_events", row => row.GetInt32(0), Ct)));
        Assert.Equal(["orderQueued", "statusChanged"], told.Where(one => one.Order == open.Id()).Select(one => one.Name), StringComparer.Ordinal);
        await (await staff.Client.Post($"{Orders}/{open.Id()}/cancel")).Body();
        await shop.RunJobs();

        Task Forget() => shop.InScope(async provider =>
        {
            await ActivatorUtilities.CreateInstance<ForgetQueueEvents>(provider).Handle(new(shop.Clock.GetUtcNow()), Ct);
            return true;
        });
        Task<int> Told(JsonElement order) => shop.WithDb(db => db.ReadFirst($"select count(*)::int from ordering.queue_events where order_id = {order.Id()}", row => row.GetInt32(0), Ct));
    }

    [Fact]
    public async Task The_queue_is_the_staffs()
    {
        var customer = (await shop.Customer()).Client;
        foreach (var path in (string[])[Queue, Events])
            await (await customer.Get(path)).Refusal(HttpStatusCode.Forbidden, "forbidden");
    }

    private static async Task<JsonElement> Show(Shop.Person staff) => await (await staff.Client.Get(Queue)).Body();

    private static async Task<List<Guid>> Ids(Shop.Person staff) => [.. (await Show(staff)).GetProperty("orders").EnumerateArray().Select(order => order.Id())];

    private static async Task<List<(string Name, Guid Order, string? Status, long Position)>> Take(EventReader events, int count)
    {
        List<(string Name, Guid Order, string? Status, long Position)> taken = [];
        while (taken.Count < count)
        {
            var one = (await events.Next())!;
            var data = JsonDocument.Parse(one.Data).RootElement;
            taken.Add((one.Event, data.GetProperty("orderId").GetGuid(), data.Text("status"), one.Id));
        }

        return taken;
    }
}
