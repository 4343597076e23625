using System.Text.Json;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Ordering.Queue;
using Quitanda.Tests.Platform;

namespace Quitanda.Tests.Ordering;

/// <summary>Orders that staff put off when the kitchen had them on its screen already: they go, and they come again when their new time has come.</summary>
public sealed class PutOffTests(Shop shop) : IClassFixture<Shop>
{
    private const string Orders = "/api/v1/orders";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_order_that_is_put_off_comes_in_again_once_each_time_whatever_is_promised_between()
    {
        await HalfAnHour();
        var (before, order, now) = await Queued();
        await Promise(order, now.AddHours(2));
        await shop.RunJobs();
        Assert.Equal(["orderQueued", "readyAtChanged"], await Story(order, before), StringComparer.Ordinal);
        Assert.DoesNotContain(order, await InQueue());

        // Brought forward, it comes before the clock of the first promise rings; put off again, that clock rings for nothing.
        await Promise(order, now.AddMinutes(40));
        await shop.RunJobs();
        await Later(now.AddMinutes(10));
        Assert.Equal(["orderQueued", "readyAtChanged", "readyAtChanged", "orderQueued"], await Story(order, before), StringComparer.Ordinal);
        Assert.Contains(order, await InQueue());
        await Promise(order, now.AddHours(3));
        await shop.RunJobs();
        await Later(now.AddMinutes(90));
        Assert.Equal(5, (await Story(order, before)).Count);
        Assert.DoesNotContain(order, await InQueue());

        await Later(now.AddMinutes(150));
        string[] all = ["orderQueued", "readyAtChanged", "readyAtChanged", "orderQueued", "readyAtChanged", "orderQueued"];
        Assert.Equal(all, await Story(order, before), StringComparer.Ordinal);
        Assert.Contains(order, await InQueue());
        await Tell(order);
        await Later(now.AddHours(4));
        Assert.Equal(all, await Story(order, before), StringComparer.Ordinal);
        await Over(order);
    }

    [Fact]
    public async Task One_that_is_put_off_twice_comes_in_again_once_and_one_for_a_time_that_has_come_does_not()
    {
        await HalfAnHour();
        var (before, order, now) = await Queued();
        await Promise(order, now.AddHours(1));
        await Promise(order, now.AddHours(2));
        await Later(now.AddMinutes(30));
        Assert.Equal(["orderQueued", "readyAtChanged", "readyAtChanged"], await Story(order, before), StringComparer.Ordinal);
        await Later(now.AddMinutes(90));
        Assert.Equal(["orderQueued", "readyAtChanged", "readyAtChanged", "orderQueued"], await Story(order, before), StringComparer.Ordinal);

        // Another time, and still to be begun at once: it never left.
        await Promise(order, now.AddMinutes(118));
        await Later(now.AddMinutes(120));
        Assert.Equal(["orderQueued", "readyAtChanged", "readyAtChanged", "orderQueued", "readyAtChanged"], await Story(order, before), StringComparer.Ordinal);
        await Over(order);
    }

    [Fact]
    public async Task Jobs_that_come_late_tell_that_it_went_and_that_it_is_back_and_one_that_is_called_off_is_not()
    {
        await HalfAnHour();
        var (before, order, now) = await Queued();
        var (_, off, _) = await Queued();
        foreach (var one in (Guid[])[order, off])
            await Promise(one, now.AddHours(2));
        await (await (await shop.Staff()).Client.Post($"{Orders}/{off}/cancel")).Body();
        await Later(now.AddMinutes(95));
        await Tell(order);
        await Tell(off);
        Assert.Equal(["orderQueued", "readyAtChanged", "orderQueued"], await Story(order, before), StringComparer.Ordinal);
        Assert.Equal(["orderQueued", "readyAtChanged", "statusChanged"], await Story(off, before), StringComparer.Ordinal);
        await Over(order);
    }

    [Fact]
    public async Task A_screen_hears_until_when_it_is_gone_and_the_hub_that_it_is_back()
    {
        await HalfAnHour();
        var (_, order, now) = await Queued();
        var position = await Position();
        await Promise(order, now.AddHours(2));
        await shop.RunJobs();
        await using (var events = await EventReader.Open((await shop.Staff()).Client, $"{Orders}/queue/events?lastEventId={position}"))
        {
            var (name, told) = await Next(events);
            Assert.Equal(("readyAtChanged", order, now.AddMinutes(90)), (name, told.GetProperty("orderId").GetGuid(), told.GetProperty("queueAt").GetDateTimeOffset()));
        }

        await Later(now.AddMinutes(89));
        var server = (TestServer)shop.Services.GetRequiredService<Microsoft.AspNetCore.Hosting.Server.IServer>();
        using var hub = await HubClient.Connect(server, authorization: (await shop.Staff()).Client.DefaultRequestHeaders.Authorization!.ToString());
        await using var queue = await EventReader.Open((await shop.Staff()).Client, $"{Orders}/queue/events");
        await Later(now.AddMinutes(90));
        var (again, back) = await Next(queue);
        Assert.Equal(("orderQueued", order), (again, back.GetProperty("orderId").GetGuid()));
        var heard = (await hub.Next())!.Value;
        Assert.Equal("orderChanged", heard.Text("target"));
        Assert.Contains($"{order}", heard.GetRawText(), StringComparison.Ordinal);
        await Over(order);
    }

    [Fact]
    public async Task What_is_promised_sooner_and_then_later_again_keeps_the_kitchens_lead()
    {
        await HalfAnHour();
        var (_, order, now) = await Queued();
        // Too soon for half an hour: the kitchen begins at once.
        await Promise(order, now.AddMinutes(10));
        Assert.Contains(order, await InQueue());
        await Promise(order, now.AddHours(4));
        await Later(now.AddMinutes(209));
        Assert.DoesNotContain(order, await InQueue());
        await Later(now.AddMinutes(210));
        Assert.Contains(order, await InQueue());
        await Over(order);
    }

    private async Task<(long Before, Guid Order, DateTimeOffset Now)> Queued()
    {
        await shop.RunJobs();
        var before = await Position();
        var order = (await shop.Place(await shop.Customer())).Id();
        await shop.RunJobs();
        return (before, order, shop.Clock.GetUtcNow());
    }

    private async Task Promise(Guid order, DateTimeOffset readyAt) => await (await (await shop.Staff()).Client.Post($"{Orders}/{order}/promise", new { readyAt })).Body();

    private async Task Over(Guid order)
    {
        await (await (await shop.Staff()).Client.Post($"{Orders}/{order}/cancel")).Body();
        await shop.RunJobs();
    }

    private async Task Later(DateTimeOffset at)
    {
        shop.Clock.Advance(at - shop.Clock.GetUtcNow());
        await shop.RunJobs();
    }

    private Task<bool> Tell(Guid order) => shop.InScope(async provider =>
    {
        await provider.GetRequiredService<QueueOrder>().Handle(new QueueOrder.Message(order), Ct);
        return true;
    });

    private async Task<JsonElement> Queue() => await (await (await shop.Staff()).Client.Get($"{Orders}/queue")).Body();

    private async Task<long> Position() => (await Queue()).GetProperty("position").GetInt64();

    private async Task<List<Guid>> InQueue() => [.. (await Queue()).GetProperty("orders").EnumerateArray().Select(order => order.Id())];

    /// <summary>What the stream has said of an order since a position, and nothing besides.</summary>
    private async Task<List<string>> Story(Guid order, long since)
    {
        await using var events = await EventReader.Open((await shop.Staff()).Client, $"{Orders}/queue/events?lastEventId={since}");
        List<string> story = [];
        for (var left = await Position() - since; left > 0; left--)
        {
            var (name, told) = await Next(events);
            if (told.GetProperty("orderId").GetGuid() == order)
                story.Add(name);
        }

        return story;
    }

    private static async Task<(string Name, JsonElement Told)> Next(EventReader events)
    {
        var one = (await events.Next())!;
        return (one.Event, JsonDocument.Parse(one.Data).RootElement);
    }

    private async Task HalfAnHour()
    {
        var store = JsonSerializer.SerializeToNode(Things.Store())!.AsObject();
        store["pickup"] = JsonSerializer.SerializeToNode(new { isOffered = true, leadMinutes = 30 });
        await (await (await shop.Staff()).Client.Send(HttpMethod.Put, "/api/v1/store", store.ToJsonString())).Body();
    }
}
