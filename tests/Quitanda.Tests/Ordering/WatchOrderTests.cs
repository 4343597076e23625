using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;

namespace Quitanda.Tests.Ordering;

public sealed class WatchOrderTests(Shop shop) : IClassFixture<Shop>
{
    private const string Orders = "/api/v1/orders";
    private static readonly string[] Actions = ["confirm", "prepare", "ready", "deliver"];
    private static readonly long[] Whole = [1, 2, 3, 4, 5];
    private static readonly string[] Story = ["pending", "confirmed", "preparing", "ready", "delivered"];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_comes_first_then_what_happens_each_once_until_the_order_is_final()
    {
        var (customer, staff) = (await shop.Customer(), await shop.Staff());
        var order = (await shop.Place(customer)).Id();
        await Move(staff, order, "confirm");

        await using var events = await EventReader.Open(customer.Client, Events(order));
        Assert.Equal((1, "pending"), await Status(events));
        Assert.Equal((2, "confirmed"), await Status(events));
        foreach (var (action, position) in (IEnumerable<(string, int)>)[("prepare", 3), ("ready", 4), ("deliver", 5)])
        {
            await Move(staff, order, action);
            Assert.Equal((position, Story[position - 1]), await Status(events));
        }

        Assert.Null(await events.Next());
        // A browser comes again by itself, and is told to stop.
        Assert.Equal(HttpStatusCode.NoContent, (await customer.Client.Get($"{Events(order)}?lastEventId=5")).StatusCode);
    }

    [Fact]
    public async Task An_event_is_a_step_of_the_timeline()
    {
        var customer = await shop.Customer();
        var order = await shop.Place(customer);
        await using var events = await EventReader.Open(customer.Client, Events(order.Id()));
        Assert.Equal("statusChanged", (await events.Next())!.Event);

        var cancelled = await (await customer.Client.Post($"{Orders}/{order.Id()}/cancel", new { reason = "Mudei de ideia:\n\nnão quero\rmais" })).Body();

        var heard = (await events.Next())!;
        Assert.Equal(cancelled.GetProperty("timeline").EnumerateArray().Last().GetRawText(), heard.Data);
        var contract = await DocumentedAnswers.ContractOf(shop.Services);
        var media = contract.Find("GET", Events(order.Id()))!.Json.GetProperty("responses").GetProperty("200").GetProperty("content").GetProperty("text/event-stream");
        Assert.Empty(contract.Broken(JsonDocument.Parse(heard.Data).RootElement, media.GetProperty("schema")));
    }

    [Fact]
    public async Task Nothing_on_the_way_keeps_it_or_waits_for_more()
    {
        var customer = await shop.Customer();
        await using var events = await EventReader.Open(customer.Client, Events((await shop.Place(customer)).Id()));

        Assert.NotNull(await events.Next());
        Assert.Equal("2000", events.Retry);
        Assert.True(events.Response.Headers.CacheControl is { NoStore: true, NoTransform: true });
        Assert.Equal("no", Assert.Single(events.Response.Headers.GetValues("X-Accel-Buffering")));
        Assert.Empty(events.Response.Content.Headers.ContentEncoding);
    }

    [Theory]
    [InlineData(0, 3)]
    [InlineData(1, 2)]
    [InlineData(2, 1)]
    public async Task Who_comes_again_gets_exactly_what_was_missed(long last, int missed)
    {
        var (customer, staff) = (await shop.Customer(), await shop.Staff());
        var order = (await shop.Place(customer)).Id();
        await Move(staff, order, "confirm");
        await Move(staff, order, "cancel");

        await using var byHeader = await EventReader.Open(customer.Client, Events(order), last);
        await using var byQuery = await EventReader.Open(customer.Client, $"{Events(order)}?lastEventId={last}");

        foreach (var events in (EventReader[])[byHeader, byQuery])
            Assert.Equal(Enumerable.Range((int)last + 1, missed).Select(position => (long)position), (await events.Rest()).Select(heard => heard.Id));
    }

    [Theory]
    [InlineData("abc")]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("9999999999999999999")]
    public async Task An_id_that_is_none_is_refused(string last)
    {
        var customer = await shop.Customer();
        var order = (await shop.Place(customer)).Id();

        Assert.Equal(["lastEventId"], await (await customer.Client.Get($"{Events(order)}?lastEventId={last}")).Wrong());
        using var request = new HttpRequestMessage(HttpMethod.Get, Events(order));
        request.Headers.TryAddWithoutValidation("Last-Event-ID", last);
        Assert.Equal(["Last-Event-ID"], await (await customer.Client.SendAsync(request, Ct)).Wrong());
    }

    [Fact]
    public async Task An_order_is_watched_by_its_customer_and_by_staff_and_by_nobody_else()
    {
        var (customer, stranger, staff) = (await shop.Customer(), await shop.Customer(), await shop.Staff());
        var order = (await shop.Place(customer)).Id();

        await (await stranger.Client.Get(Events(order))).Refusal(HttpStatusCode.NotFound, "not_found");
        await (await shop.Guest.Get(Events(order))).Refusal(HttpStatusCode.Unauthorized, "unauthenticated");
        await (await staff.Client.Get(Events(Guid.CreateVersion7()))).Refusal(HttpStatusCode.NotFound, "not_found");
        await using var events = await EventReader.Open(staff.Client, Events(order));
        Assert.Equal((1, "pending"), await Status(events));
    }

    [Fact]
    public async Task HEAD_is_answered_and_does_not_hang()
    {
        var customer = await shop.Customer();
        var order = (await shop.Place(customer)).Id();

        var head = await customer.Client.Send(HttpMethod.Head, Events(order)).WaitAsync(Eventually.Patience, Ct);

        Assert.Equal((HttpStatusCode.OK, "text/event-stream"), (head.StatusCode, head.Content.Headers.ContentType?.MediaType));
    }

    [Fact]
    public async Task A_change_on_one_process_is_read_on_the_other_within_a_second()
    {
        await using var other = await shop.StartBeside();
        var (customer, staff) = (await shop.Customer(), await shop.Staff());
        var order = (await shop.Place(customer)).Id();
        await using var events = await EventReader.Open(other.ClientFor(customer.Client), Events(order));
        Assert.Equal((1, "pending"), await Status(events));

        var took = new List<double>();
        foreach (var (action, at) in Actions.Select((action, at) => (action, at)))
        {
            await Move(staff, order, action);
            var committed = LivedTime.Now;
            // The clock stands still, so nobody looks without being told.
            Assert.Equal((at + 2, Story[at + 1]), await Status(events));
            took.Add(LivedTime.Since(committed).TotalSeconds);
        }

        Assert.True(took.Order().ElementAt(1) < 1, string.Join(", ", took));
    }

    [Fact]
    public async Task Fifty_who_come_and_go_while_statuses_change_on_two_processes_miss_nothing_and_get_nothing_twice()
    {
        await using var other = await shop.StartBeside(("Streams:PerCaller", "1000"));
        var customer = await shop.Customer();
        var staff = (await shop.Staff()).Client;
        var staffThere = other.ClientFor((await shop.Staff()).Client);
        var there = other.ClientFor(customer.Client);
        var orders = new List<Guid>();
        for (var i = 0; i < 5; i++)
            orders.Add((await shop.Place(customer)).Id());

        var collected = new ConcurrentBag<(Guid Order, long[] Positions)>();
        var readers = Enumerable.Range(0, 50).Select(async reader =>
        {
            var (order, last, heard) = (orders[reader % orders.Count], 0L, new List<long>());
            var random = new Random(reader);
            while (await EventReader.OpenUnlessOver(there, Events(order), last) is { } events)
                await using (events)
                    while (await events.Next() is { } next)
                    {
                        heard.Add(last = next.Id);
                        if (random.Next(3) == 0)
                            break;
                    }

            collected.Add((order, [.. heard]));
        }).ToArray();
        var movers = orders.Select(async (order, at) =>
        {
            foreach (var (action, step) in Actions.Select((action, step) => (action, step)))
                await (await ((at + step) % 2 == 0 ? staff : staffThere).Post($"{Orders}/{order}/{action}")).Body();
        });
        await Task.WhenAll([.. readers, .. movers]);

        Assert.Equal(50, collected.Count);
        Assert.All(collected, reader => Assert.Equal(Whole, reader.Positions));
    }

    [Fact]
    public async Task A_change_that_nobody_announced_is_found_within_seconds()
    {
        var customer = await shop.Customer();
        var order = (await shop.Place(customer)).Id();
        await using var events = await EventReader.Open(customer.Client, Events(order));
        Assert.Equal((1, "pending"), await Status(events));

        // As by a process that died between its commit and its signal.
        await Unannounced(order);
        shop.Clock.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal((2, "confirmed"), await Status(events));
    }

    [Fact]
    public async Task A_lost_connection_for_signals_loses_no_event()
    {
        await using var other = await shop.StartBeside();
        var (customer, staff) = (await shop.Customer(), await shop.Staff());
        var order = (await shop.Place(customer)).Id();
        await using var events = await EventReader.Open(other.ClientFor(customer.Client), Events(order));
        Assert.Equal((1, "pending"), await Status(events));

        Assert.True(await shop.WithDb(db => db.Read(
            $"select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query like 'listen %'", row => row.GetBoolean(0), Ct)) is { Count: >= 2 });
        await Unannounced(order);
        Assert.Equal((2, "confirmed"), await Status(events));
        // And it hears again what is announced.
        await Move(staff, order, "prepare");
        Assert.Equal((3, "preparing"), await Status(events));
    }

    [Fact]
    public async Task Silence_is_broken_by_a_comment_every_fifteen_seconds()
    {
        var customer = await shop.Customer();
        await using var events = await EventReader.Open(customer.Client, Events((await shop.Place(customer)).Id()));
        Assert.Equal((1, "pending"), await Status(events));

        for (var beat = 0; beat < 2; beat++)
        {
            var next = events.NextOfAny();
            shop.Clock.Advance(TimeSpan.FromSeconds(14));
            await Assert.ThrowsAsync<TimeoutException>(() => next.WaitAsync(TimeSpan.FromSeconds(1.5), Ct));
            shop.Clock.Advance(TimeSpan.FromSeconds(1));
            Assert.True((await next)!.IsComment);
        }
    }

    private static string Events(Guid order) => $"{Orders}/{order}/events";

    private static async Task<(long, string?)> Status(EventReader events) => await events.Next() is { } heard ? (heard.Id, heard.Status) : (0, null);

    private static async Task Move(Shop.Person staff, Guid order, string action) => await (await staff.Client.Post($"{Orders}/{order}/{action}")).Body();

    private Task<int> Unannounced(Guid order) => shop.WithDb(async db =>
    {
        await db.Execute($"update ordering.orders set status = 'confirmed' where id = {order}", Ct);
        return await db.Execute($"insert into ordering.order_events (order_id, position, status, at, made_by) values ({order}, 2, 'confirmed', {shop.Clock.GetUtcNow()}, 'staff')", Ct);
    });
}
