using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Platform;
using Quitanda.Tests.Accounts;
using Shop = Quitanda.Tests.Ordering.Shop;

namespace Quitanda.Tests.Platform;

public sealed class RealtimeTests(Shop shop) : IClassFixture<Shop>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_customer_hears_of_own_orders_staff_of_all_and_nobody_of_anothers_whichever_process_they_are_on()
    {
        await using var other = await shop.StartBeside();
        var (ana, bia, staff) = (await shop.Customer(), await shop.Customer(), await shop.Staff());
        using var anas = await HubClient.Connect(other.GetTestServer(), authorization: Token(ana));
        using var bias = await HubClient.Connect(other.GetTestServer(), authorization: Token(bia));
        using var staffs = await HubClient.Connect(other.GetTestServer(), authorization: Token(staff));

        var (ofAna, ofBia) = (await shop.Place(ana), await shop.Place(bia));
        await (await staff.Client.Post($"/api/v1/orders/{ofAna.Id()}/confirm")).Body();
        await (await staff.Client.Post($"/api/v1/orders/{ofBia.Id()}/cancel")).Body();

        // News that come close together may be one: what is told is how it stands.
        Assert.All(await Until(anas, ofAna.Id(), "confirmed"), order => Assert.Equal(ofAna.Id(), order.Id()));
        Assert.All(await Until(bias, ofBia.Id(), "cancelled"), order => Assert.Equal(ofBia.Id(), order.Id()));
        Assert.Contains(await Until(staffs, ofBia.Id(), "cancelled"), order => order.Id() == ofAna.Id());
    }

    [Fact]
    public async Task A_message_is_small_and_says_how_the_order_stands()
    {
        var ana = await shop.Customer();
        using var hub = await HubClient.Connect(Server, authorization: Token(ana));

        var order = await shop.Place(ana);

        var told = (await Until(hub, order.Id(), "pending"))[^1];
        Assert.Equal(["id", "number", "status", "paymentStatus", "at"], told.EnumerateObject().Select(member => member.Name), StringComparer.Ordinal);
        Assert.Equal(order.GetProperty("number").GetInt64(), told.GetProperty("number").GetInt64());
        Assert.Equal(("pending", order.Text("updatedAt")), (told.Text("paymentStatus"), told.Text("at")));
    }

    [Fact]
    public async Task What_becomes_of_a_payment_is_told_too()
    {
        var ana = await shop.Customer();
        var order = await shop.Place(ana, paymentMethod: "online");
        using var hub = await HubClient.Connect(Server, authorization: Token(ana));
        var payment = await (await ana.Client.Post("/api/v1/payments", new { orderId = order.Id(), provider = "sandbox" })).Body(HttpStatusCode.Created);

        await (await ana.Client.Post($"/api/v1/sandbox/payments/{payment.Id()}/fail")).Body();

        JsonElement told;
        do
            told = (await hub.Next())!.Value.GetProperty("arguments")[0];
        while (told.Text("paymentStatus") != "failed");
        Assert.Equal("pending", told.Text("status"));
    }

    [Fact]
    public async Task A_ticket_lets_in_once_by_query_or_by_header()
    {
        var ana = await shop.Customer();
        var (byQuery, byHeader) = (await Ticket(ana), await Ticket(ana));

        using (await HubClient.Connect(Server, $"?access_token={byQuery}"))
        using (await HubClient.Connect(Server, authorization: $"Bearer {byHeader}"))
        {
            await Refused(401, HubClient.Connect(Server, $"?access_token={byQuery}"));
            await Refused(401, HubClient.Connect(Server, authorization: $"Bearer {byHeader}"));
        }

        await Refused(401, HubClient.Connect(Server));
        // An access token in a query would be good for minutes to whoever reads a proxy's log.
        await Refused(401, HubClient.Connect(Server, $"?access_token={Token(ana)["Bearer ".Length..]}"));
    }

    [Fact]
    public async Task Only_pages_of_this_host_and_of_allowed_origins_connect()
    {
        await using var other = await shop.StartBeside(("Http:CorsOrigins", "https://loja.example https://balcao.example"));
        var ana = await shop.Customer();

        foreach (var origin in (string[])["https://loja.example", "https://balcao.example", "http://localhost"])
            using (await HubClient.Connect(other.GetTestServer(), authorization: Token(ana), origin: origin))
            {
                // It is let in, and that is all.
            }

        foreach (var origin in (string[])["https://evil.example", "https://loja.example.evil.example", "http://loja.example", "null", ""])
            await Refused(403, HubClient.Connect(other.GetTestServer(), authorization: Token(ana), origin: origin));
        await Refused(403, HubClient.Connect(Server, authorization: Token(ana), origin: "https://loja.example"));
    }

    [Fact]
    public async Task There_is_no_negotiation_and_nothing_to_call()
    {
        var ana = await shop.Customer();
        Assert.Equal("not_found", await (await ana.Client.Post("/realtime/negotiate?negotiateVersion=1")).Refusal(HttpStatusCode.NotFound));
        Assert.Equal("validation_failed", await (await ana.Client.Get("/realtime")).Refusal(HttpStatusCode.BadRequest));
        Assert.Equal("unauthenticated", await (await shop.Guest.Get("/realtime")).Refusal(HttpStatusCode.Unauthorized));

        using var hub = await HubClient.Connect(Server, authorization: Token(ana));
        foreach (var method in (string[])["SendMessage", "OnConnectedAsync", "Dispose", "Join"])
        {
            await hub.Send(new { type = 1, invocationId = "1", target = method, arguments = Array.Empty<object>() });
            var answer = (await hub.Next())!.Value;
            Assert.Contains("does not exist", answer.Text("error"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task There_may_be_so_many_and_no_more()
    {
        await using var other = await shop.StartBeside(("Streams:PerCaller", "2"));
        var ana = await shop.Customer();

        using var one = await HubClient.Connect(other.GetTestServer(), authorization: Token(ana));
        using (await HubClient.Connect(other.GetTestServer(), authorization: Token(ana)))
            await Refused(429, HubClient.Connect(other.GetTestServer(), authorization: Token(ana)));
    }

    [Fact]
    public async Task A_connection_ends_with_its_callers_account_and_with_the_token()
    {
        var (ana, bia) = (await shop.Customer(), await shop.Customer());
        using var anas = await HubClient.Connect(Server, authorization: Token(ana));
        using var bias = await HubClient.Connect(Server, $"?access_token={await Ticket(bia)}");

        await (await shop.As(await shop.Insert(Roles.Admin)).Post($"/api/v1/users/{ana.Id}/deactivate")).Body();
        shop.Clock.Advance(TimeSpan.FromSeconds(20));
        await Closed(anas);

        shop.Clock.Advance(TimeSpan.FromMinutes(15));
        await Closed(bias);
    }

    [Fact]
    public async Task Whoever_may_have_missed_something_is_told_to_read_again()
    {
        var ana = await shop.Customer();
        using var hub = await HubClient.Connect(Server, authorization: Token(ana));

        await shop.WithDb(db => db.Read($"select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query like 'listen %'", row => row.GetBoolean(0), Ct));

        Assert.Equal("resync", (await hub.Next())!.Value.Text("target"));
    }

    [Fact]
    public async Task A_process_that_stops_sends_its_clients_away_at_once_to_come_again()
    {
        // Who waits for the clients to go waits five minutes.
        var other = await shop.StartBeside(("Http:StopSeconds", "300"));
        using var hub = await HubClient.Connect(other.GetTestServer(), authorization: Token(await shop.Customer()));

        var stopping = other.StopAsync(Ct);
        await Closed(hub);
        await stopping.WaitAsync(Eventually.Patience, Ct);

        await other.DisposeAsync();
    }

    private TestServer Server => (TestServer)shop.Services.GetRequiredService<Microsoft.AspNetCore.Hosting.Server.IServer>();

    private static string Token(Shop.Person person) => person.Client.DefaultRequestHeaders.Authorization!.ToString();

    private static async Task<string> Ticket(Shop.Person person) => (await (await person.Client.Post("/api/v1/stream-tickets")).Body()).Text("ticket");

    /// <summary>What is told until an order stands so.</summary>
    private static async Task<List<JsonElement>> Until(HubClient hub, Guid order, string status)
    {
        List<JsonElement> told = [];
        do
        {
            var message = (await hub.Next())!.Value;
            Assert.Equal("orderChanged", message.Text("target"));
            told.Add(message.GetProperty("arguments")[0]);
        }
        while (told[^1].Id() != order || told[^1].Text("status") != status);
        return told;
    }

    /// <summary>It is closed from the other side, and in words that let a client come again.</summary>
    private static async Task Closed(HubClient hub)
    {
        var last = (await hub.Next())!.Value;
        Assert.Equal((7, true), (last.GetProperty("type").GetInt32(), last.GetProperty("allowReconnect").GetBoolean()));
        Assert.Null(await hub.Next());
    }

    private static async Task Refused(int status, Task<HubClient> connecting) =>
        Assert.Contains($"{status}", (await Assert.ThrowsAsync<InvalidOperationException>(() => connecting)).Message, StringComparison.Ordinal);
}
