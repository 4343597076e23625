using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Platform;
using Quitanda.Tests.Accounts;
using Shop = Quitanda.Tests.Ordering.Shop;

namespace Quitanda.Tests.Platform;

public sealed class TicketTests(Shop shop) : IClassFixture<Shop>
{
    private const string Tickets = "/api/v1/stream-tickets";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_ticket_opens_a_stream_once()
    {
        var (customer, path) = await Watched();
        var ticket = await Ticket(customer);

        await using var events = await EventReader.Open(shop.Guest, $"{path}?ticket={ticket}");
        Assert.Equal("pending", (await events.Next())!.Status);
        Assert.Equal("unauthenticated", await (await shop.Guest.Get($"{path}?ticket={ticket}")).Refusal(HttpStatusCode.Unauthorized));
    }

    [Fact]
    public async Task Of_a_hundred_with_one_ticket_one_gets_in()
    {
        var (customer, path) = await Watched();
        var ticket = await Ticket(customer);

        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ =>
            shop.Guest.SendAsync(new HttpRequestMessage(HttpMethod.Get, $"{path}?ticket={ticket}"), HttpCompletionOption.ResponseHeadersRead, Ct)));

        Assert.Equal(1, answers.Count(answer => answer.StatusCode == HttpStatusCode.OK));
        Assert.Equal(99, answers.Count(answer => answer.StatusCode == HttpStatusCode.Unauthorized));
        foreach (var answer in answers)
            answer.Dispose();
    }

    [Fact]
    public async Task A_ticket_is_good_for_a_minute_and_forgotten_afterwards()
    {
        var (customer, path) = await Watched();
        var (used, late) = (await Ticket(customer), await Ticket(customer));

        shop.Clock.Advance(TimeSpan.FromSeconds(59));
        await using var events = await EventReader.Open(shop.Guest, $"{path}?ticket={used}");
        shop.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("unauthenticated", await (await shop.Guest.Get($"{path}?ticket={late}")).Refusal(HttpStatusCode.Unauthorized));

        Assert.True(await shop.Scalar<long>($"select count(*) from platform.stream_tickets") > 0);
        await shop.InScope(async provider =>
        {
            await ActivatorUtilities.CreateInstance<ForgetStreamTickets>(provider).Handle(new(shop.Clock.GetUtcNow().AddSeconds(1)), Ct);
            return true;
        });
        Assert.Equal(0, await shop.Scalar<long>($"select count(*) from platform.stream_tickets"));
    }

    [Fact]
    public async Task A_ticket_brings_its_holder_with_the_roles_of_now()
    {
        var (customer, path) = await Watched();
        var (staff, stranger) = (await shop.Insert(Roles.Staff), await shop.Insert());
        var (before, after, strangers) = (await Ticket(shop.As(staff)), await Ticket(shop.As(staff)), await Ticket(shop.As(stranger)));

        Assert.Equal("not_found", await (await shop.Guest.Get($"{path}?ticket={strangers}")).Refusal(HttpStatusCode.NotFound));
        await using var events = await EventReader.Open(shop.Guest, $"{path}?ticket={before}");
        var admin = shop.As(await shop.Insert(Roles.Admin));
        await (await admin.Post($"/api/v1/users/{staff.Id}/deactivate")).Body();
        Assert.Equal("unauthenticated", await (await shop.Guest.Get($"{path}?ticket={after}")).Refusal(HttpStatusCode.Unauthorized));
        Assert.NotNull(customer);
    }

    [Fact]
    public async Task What_is_opened_with_a_ticket_ends_with_the_token_that_asked_for_it()
    {
        var (customer, path) = await Watched();
        shop.Clock.Advance(TimeSpan.FromMinutes(14.5));
        await using var events = await EventReader.Open(shop.Guest, $"{path}?ticket={await Ticket(customer)}");
        Assert.NotNull(await events.Next());

        // Its holder may go on, and is looked up on the way: it is the token that runs out.
        shop.Clock.Advance(TimeSpan.FromSeconds(29));
        Assert.True((await events.NextOfAny())!.IsComment);
        shop.Clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Null(await events.Next());
    }

    [Fact]
    public async Task Only_streams_take_tickets_and_no_query_takes_an_access_token()
    {
        var user = await shop.Insert();
        var (customer, path) = await Watched();

        foreach (var elsewhere in (string[])["/api/v1/users/me", "/api/v1/orders/mine"])
            Assert.Equal("unauthenticated", await (await shop.Guest.Get($"{elsewhere}?ticket={await Ticket(customer)}")).Refusal(HttpStatusCode.Unauthorized));
        Assert.Equal("unauthenticated", await (await shop.CreateClient(await Ticket(customer)).Get("/api/v1/users/me")).Refusal(HttpStatusCode.Unauthorized));
        foreach (var name in (string[])["ticket", "access_token"])
            Assert.Equal("unauthenticated", await (await shop.Guest.Get($"{path}?{name}={shop.TokenOf(user)}")).Refusal(HttpStatusCode.Unauthorized));
        foreach (var nonsense in (string[])["", "qst_", "qst_" + new string('A', 43), new string('x', 5000)])
            Assert.Equal("unauthenticated", await (await shop.Guest.Get($"{path}?ticket={nonsense}")).Refusal(HttpStatusCode.Unauthorized));
    }

    [Fact]
    public async Task Nobody_without_an_access_token_gets_a_ticket_and_a_ticket_buys_no_other()
    {
        var (customer, _) = await Watched();

        Assert.Equal("unauthenticated", await (await shop.Guest.Post(Tickets)).Refusal(HttpStatusCode.Unauthorized));
        Assert.Equal("unauthenticated", await (await shop.Guest.Post($"{Tickets}?ticket={await Ticket(customer)}")).Refusal(HttpStatusCode.Unauthorized));
    }

    [Fact]
    public async Task A_ticket_is_stored_as_a_hash_alone_and_not_kept_with_an_idempotency_key()
    {
        var (customer, _) = await Watched();
        using var request = new HttpRequestMessage(HttpMethod.Post, Tickets);
        request.Headers.Add("Idempotency-Key", "bilhete");
        var first = await customer.SendAsync(request, Ct);
        var ticket = (await first.Body()).Text("ticket");
        using var again = new HttpRequestMessage(HttpMethod.Post, Tickets);
        again.Headers.Add("Idempotency-Key", "bilhete");

        Assert.Equal("already_done", await (await customer.SendAsync(again, Ct)).Refusal(HttpStatusCode.Conflict));
        Assert.Equal(1, await shop.Scalar<long>($"select count(*) from platform.stream_tickets where hash = sha256({Encoding.UTF8.GetBytes(ticket)})"));
        Assert.Equal(0, await shop.Scalar<long>($"select count(*) from platform.idempotency_keys where position({Encoding.UTF8.GetBytes(ticket)} in body) > 0"));
    }

    private static async Task<string> Ticket(HttpClient client) => (await (await client.Post(Tickets)).Body()).Text("ticket");

    /// <summary>A customer with an order, and where it is watched.</summary>
    private async Task<(HttpClient Customer, string Path)> Watched()
    {
        var customer = await shop.Customer();
        return (customer.Client, $"/api/v1/orders/{(await shop.Place(customer)).Id()}/events");
    }
}
