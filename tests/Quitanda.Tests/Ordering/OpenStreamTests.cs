using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Platform;
using People = Quitanda.Tests.Accounts.People;

namespace Quitanda.Tests.Ordering;

/// <summary>Streams that stay open: how many, for how long, and at what cost.</summary>
public sealed class OpenStreamTests(Shop shop) : IClassFixture<Shop>
{
    private const string Orders = "/api/v1/orders";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_stream_ends_with_its_callers_account_session_rights_or_token()
    {
        var admin = shop.CreateClient(People.TokenOf(shop, await People.Insert(shop, Roles.Admin)));
        var stays = await shop.Customer();
        await using var staying = await EventReader.Open(stays.Client, Events((await shop.Place(stays)).Id()));
        Assert.NotNull(await staying.Next());

        foreach (var end in (Func<Shop.Person, Task>[])[
            async leaver => await (await admin.Post($"/api/v1/users/{leaver.Id}/deactivate")).Body(),
            async leaver => await (await admin.Send(HttpMethod.Put, $"/api/v1/users/{leaver.Id}/roles", People.Holding("customer", "owner"))).Body(),
            async leaver => Assert.Equal(HttpStatusCode.NoContent, (await leaver.Client.Post("/api/v1/auth/logout-all")).StatusCode)])
        {
            var leaver = await shop.Customer();
            await using var events = await EventReader.Open(leaver.Client, Events((await shop.Place(leaver)).Id()));
            Assert.NotNull(await events.Next());
            await end(leaver);
            shop.Clock.Advance(TimeSpan.FromSeconds(20));
            Assert.Null(await events.Next());
        }

        // Signing out ends the streams of that sign-in, though its access token lives on for a while.
        var session = await People.Register(shop);
        var client = shop.CreateClient(session.Text("accessToken")!);
        await using var ofSession = await EventReader.Open(client, Events((await shop.Place(new(session.GetProperty("user").Id(), client))).Id()));
        Assert.NotNull(await ofSession.Next());
        await shop.Guest.Post("/api/v1/auth/logout", new { refreshToken = session.Text("refreshToken") });
        shop.Clock.Advance(TimeSpan.FromSeconds(20));
        Assert.Null(await ofSession.Next());

        var isOver = staying.Next();
        Assert.False(isOver.IsCompleted);
        shop.Clock.Advance(TimeSpan.FromMinutes(15));
        Assert.Null(await isOver);
    }

    [Fact]
    public async Task One_outlives_a_minute_in_which_nothing_ran_and_not_what_ended_its_caller_meanwhile()
    {
        var connections = shop.Services.GetRequiredService<OpenConnections>();
        var (stays, leaves) = (await shop.Customer(), await shop.Customer());
        using var staying = connections.Open(new Caller(stays.Id, Roles.Customer, Guid.CreateVersion7()), out _)!;
        using var leaving = connections.Open(new Caller(leaves.Id, Roles.Customer, Guid.CreateVersion7()), out _)!;
        var admin = shop.CreateClient(People.TokenOf(shop, await People.Insert(shop, Roles.Admin)));
        await (await admin.Post($"/api/v1/users/{leaves.Id}/deactivate")).Body();
        var opened = staying.VouchedAt;

        shop.Clock.Advance(TimeSpan.FromMinutes(1));

        await Eventually.Happens(() => staying.VouchedAt != opened, "The check");
        await Eventually.Happens(() => leaving.Ended.IsCancellationRequested, "The end of who was deactivated");
        Assert.False(staying.Ended.IsCancellationRequested);
    }

    [Fact]
    public async Task There_may_be_so_many_and_no_more()
    {
        await using var other = await shop.StartBeside(("Streams:PerCaller", "2"), ("Streams:PerProcess", "3"));
        var (customer, second) = (await shop.Customer(), await shop.Customer());
        var (order, anothers) = ((await shop.Place(customer)).Id(), (await shop.Place(second)).Id());
        var (client, secondClient) = (other.ClientFor(customer.Client), other.ClientFor(second.Client));

        await using var one = await EventReader.Open(client, Events(order));
        var two = await EventReader.Open(client, Events(order));
        var refused = await client.Get(Events(order));
        await refused.Refusal(HttpStatusCode.TooManyRequests, "too_many_streams");
        Assert.NotNull(refused.Headers.RetryAfter);
        await using var theirs = await EventReader.Open(secondClient, Events(anothers));
        await (await secondClient.Get(Events(anothers))).Refusal(HttpStatusCode.TooManyRequests, "too_many_streams");

        await two.DisposeAsync();
        await Eventually.Happens(() => other.Services.GetRequiredService<OpenConnections>().Count == 2);
        await using var three = await EventReader.Open(client, Events(order));
        Assert.NotNull(await three.Next());
    }

    [Fact]
    public async Task Two_hundred_that_wait_cost_a_few_statements_between_them_and_hold_no_connection()
    {
        await using var other = await shop.StartBeside(("Streams:PerCaller", "1000"), ("Database:PoolSize", "3"));
        var customer = await shop.Customer();
        var client = other.ClientFor(customer.Client);
        var orders = new List<Guid>();
        for (var i = 0; i < 4; i++)
            orders.Add((await shop.Place(customer)).Id());
        var open = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => EventReader.Open(client, Events(orders[i % orders.Count]))));
        foreach (var events in open)
            Assert.Equal((1, "pending"), await Status(events));

        var database = new Npgsql.NpgsqlConnectionStringBuilder(shop.ConnectionString).Database;
        var statements = new ConcurrentQueue<string>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Npgsql",
            Sample = (ref _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                // Every process looks for evictions and jobs, whoever watches.
                if (activity.TagObjects.Any(tag => tag.Value as string == database)
                    && !activity.TagObjects.Any(tag => tag.Value is string text && (text.Contains("platform.evictions", StringComparison.Ordinal) || text.Contains("platform.jobs", StringComparison.Ordinal))))
                    statements.Enqueue(string.Join(' ', activity.TagObjects.Select(tag => tag.Value as string).Append(activity.DisplayName)));
            },
        };
        ActivitySource.AddActivityListener(listener);
        // By the third heartbeat, what was asked at the first has been answered.
        for (var beat = 0; beat < 3; beat++)
        {
            shop.Clock.Advance(TimeSpan.FromSeconds(20));
            foreach (var events in open)
                Assert.True((await events.NextOfAny())!.IsComment);
        }

        // At each: what all of them watch, read once, and whether their caller may go on.
        Assert.True(statements.Count is >= 4 and <= 6, string.Join("\n", statements));
        foreach (var events in open)
            await events.DisposeAsync();
    }

    [Fact]
    public async Task A_process_that_stops_ends_its_streams_at_once()
    {
        // Who waits for the streams to end waits five minutes.
        var other = await shop.StartBeside(("Http:StopSeconds", "300"));
        var customer = await shop.Customer();
        await using var events = await EventReader.Open(other.ClientFor(customer.Client), Events((await shop.Place(customer)).Id()));
        Assert.NotNull(await events.Next());

        await other.StopAsync(Ct).WaitAsync(Eventually.Patience, Ct);

        Assert.Null(await events.Next());
        await other.DisposeAsync();
    }

    private static string Events(Guid order) => $"{Orders}/{order}/events";

    private static async Task<(long, string?)> Status(EventReader events) => await events.Next() is { } heard ? (heard.Id, heard.Status) : (0, null);
}
