using System.Buffers.Text;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Accounts.Sessions;
using Quitanda.Ordering.Carts;
using Quitanda.Ordering.Contacts;
using Quitanda.Ordering.Orders;
using Quitanda.Payments;
using Quitanda.Platform;

namespace Quitanda.Tests.Ordering;

/// <summary>A shop that writes to its guests, of whom few may come from one address.</summary>
public sealed class GuestShop(TestPostgres postgres) : Shop(postgres)
{
    /// <summary>What was written to an address, the first first.</summary>
    internal async Task<JsonElement[]> LettersTo(string address)
    {
        await RunJobs();
        var mails = (await (await Guest.Get("/dev/mail.json")).Body()).GetProperty("data").EnumerateArray();
        return [.. mails.Where(mail => mail.Text("toAddress") == address).Reverse()];
    }

    protected override void Configure(WebApplicationBuilder builder)
    {
        base.Configure(builder);
        builder.Configuration["Mail:Transport"] = "mailbox";
        builder.Configuration["Ordering:FollowUrl"] = "https://loja.exemplo.test/pedido";
        builder.Configuration["Ordering:NewGuestsPerAddress"] = "40";
        builder.Configuration["Payments:RefreshesPerMinute"] = "3";
    }
}

public sealed class GuestTests(GuestShop shop) : IClassFixture<GuestShop>
{
    private const string Cart = "/api/v1/cart";
    private const string Orders = "/api/v1/orders";

    [Fact]
    public async Task What_is_no_token_of_ours_is_no_guest()
    {
        var product = await shop.Product(stock: 9, price: 100);
        var (guest, token) = await shop.NewGuest(product, 2);
        var bytes = Base64Url.DecodeFromChars(token.AsSpan(4));
        var others = (byte[])[.. (await shop.Customer()).Id.ToByteArray(bigEndian: true), .. bytes[16..]];
        var follow = (await Order(guest, product)).Text("followToken")!;
        foreach (var hostile in (string[])[
            "", "qct_", token[..^1], token + "A", token + " ", token.ToUpperInvariant(), "qof_" + token[4..], "qct_" + follow[4..], follow, token[4..],
            "qct_" + Base64Url.EncodeToString(others), "qct_" + new string('A', 64), "qct_" + new string('=', 64), "qct_" + new string(' ', 64),
            .. Enumerable.Range(0, 48).Select(place => "qct_" + Base64Url.EncodeToString((byte[])[.. bytes[..place], (byte)(bytes[place] ^ 1), .. bytes[(place + 1)..]]))])
            Assert.True((await shop.CreateClient().With(hostile).Get(Cart)).StatusCode == HttpStatusCode.Unauthorized, hostile);

        Assert.Equal(HttpStatusCode.Unauthorized, (await shop.CreateClient().Get(Cart)).StatusCode);
        // Two are one too many.
        Assert.Equal(HttpStatusCode.Unauthorized, (await shop.CreateClient().Send(HttpMethod.Get, Cart, null, (GuestCalls.Header, token), (GuestCalls.Header, token))).StatusCode);
        // Where nobody need be known, somebody new is.
        var made = await shop.CreateClient().With(token[..^1]).PutItem(product, 1);
        Assert.NotEqual(token, made.Token(), StringComparer.Ordinal);
        Assert.Equal([(product, 1)], GuestCalls.In(await made.Body()));
        Assert.Equal([(product, 2)], await guest.Cart());
        Assert.Null((await guest.PutItem(product, 2)).Token());
        Assert.Null((await guest.PutItem(Guid.CreateVersion7(), 2)).Token());
        Assert.Null((await shop.CreateClient().PutItem(Guid.CreateVersion7(), 2)).Token());
    }

    [Fact]
    public async Task A_guest_is_a_caller_only_where_guests_may_be()
    {
        var (guest, token) = await shop.NewGuest(await shop.Product(stock: 9, price: 100));
        foreach (var path in (string[])["/api/v1/users/me", "/api/v1/users/me/addresses", "/api/v1/api-keys", "/api/v1/auth/sessions", "/api/v1/files/0198a5b2-7c1e-7d3a-9f60-2b8e4c1d5a77", "/api/v1/users", Orders])
            Assert.True((await guest.Get(path)).StatusCode == HttpStatusCode.Unauthorized, path);
        Assert.Equal(HttpStatusCode.Unauthorized, (await guest.Post("/api/v1/stream-tickets")).StatusCode);
        // An open stream asks again whether its caller may stay, and a guest may.
        var mayGoOn = await shop.InScope(provider => provider.GetRequiredService<ICallers>().MayGoOn(
            [Guests.CallerOf(Guid.CreateVersion7()), new(Guid.CreateVersion7(), Roles.Customer, Guid.CreateVersion7())], CancellationToken.None));
        Assert.Equal([true, false], mayGoOn);
        // A token beside a sign-in is not the caller; a sign-in that is no good is told so.
        var customer = (await shop.Customer()).Client;
        var mine = (await (await customer.With(token).Get("/api/v1/users/me")).Body()).Id();
        Assert.NotEqual(Guid.Empty, mine);
        var expired = shop.CreateClient("nonsense").With(token);
        Assert.Equal(HttpStatusCode.Unauthorized, (await expired.Get(Cart)).StatusCode);
    }

    [Fact]
    public async Task A_guest_orders_pays_follows_and_cancels_by_token_alone()
    {
        await shop.ChangeStore();
        var product = await shop.Product(stock: 9, price: 1000);
        var (email, body) = ("bia@exemplo.test", (object)new { items = Shop.Lines((product, 2)), fulfillment = "pickup", contact = GuestCalls.Contact("bia@exemplo.test") });
        Assert.Equal(["contact"], await (await shop.CreateClient().Post(Orders, Shop.Pickup((product, 1)))).Wrong());
        Assert.Equal(["contact.phone"], await (await shop.CreateClient().Post(Orders, new { items = Shop.Lines((product, 2)), fulfillment = "pickup", contact = new { name = "Bia" } })).Wrong());
        Assert.Equal(["contact.email"], await (await shop.CreateClient().Post(Orders, new { items = Shop.Lines((product, 2)), fulfillment = "pickup", contact = new { name = "Bia", email = "bia" } })).Wrong());
        Assert.Equal(["addressId"], await (await shop.CreateClient().Post(Orders, new { items = Shop.Lines((product, 2)), fulfillment = "delivery", addressId = Guid.CreateVersion7(), contact = GuestCalls.Contact() })).Wrong());

        // Whoever lost the answer gets it again, with the token that makes it worth something; and the order is one.
        var first = await shop.CreateClient().Post(Orders, body, key: "um-pedido");
        var again = await shop.CreateClient().Post(Orders, body, key: "um-pedido");
        Assert.Equal("true", Assert.Single(again.Headers.GetValues("Idempotency-Replayed")));
        Assert.Equal((first.Token(), (await first.Body(HttpStatusCode.Created)).GetRawText()), (again.Token(), (await again.Body(HttpStatusCode.Created)).GetRawText()));
        Assert.Equal(7, await shop.StockOf(product));
        // Another guest with the same key is another.
        var other = await shop.CreateClient().Post(Orders, new { items = Shop.Lines((product, 1)), fulfillment = "pickup", contact = GuestCalls.Contact() }, key: "um-pedido");
        Assert.NotEqual(first.Token(), other.Token(), StringComparer.Ordinal);

        var order = await first.Body(HttpStatusCode.Created);
        var guest = shop.CreateClient().With(first.Token()!);
        Assert.Equal((true, "Ana Souza", email), (order.GetProperty("isGuest").GetBoolean(), order.GetProperty("contact").Text("name"), order.GetProperty("contact").Text("email")));
        Assert.Equal(order.GetRawText(), (await (await guest.Get($"{Orders}/{order.Id()}")).Body()).GetRawText());
        Assert.Equal(first.Headers.ETag, (await guest.Get($"{Orders}/{order.Id()}")).Headers.ETag);
        Assert.Equal([order.Id()], (await (await guest.Get($"{Orders}/mine")).Body()).GetProperty("data").EnumerateArray().Select(one => one.Id()));

        // Somebody else orders from the same device, and gets none of this one's letters.
        var another = await shop.Product(stock: 9, price: 100);
        await (await guest.Post(Orders, new { items = Shop.Lines((another, 1)), fulfillment = "pickup", contact = GuestCalls.Contact("vizinha@exemplo.test") })).Body(HttpStatusCode.Created);

        var payment = await (await guest.Post("/api/v1/payments", new { orderId = order.Id(), provider = "sandbox", method = "pix" })).Body(HttpStatusCode.Created);
        await (await guest.Get($"/api/v1/payments/{payment.Id()}")).Body();
        await (await guest.Post($"/api/v1/sandbox/payments/{payment.Id()}/succeed")).Body();
        await using var events = await EventReader.Open(guest, $"{Orders}/{order.Id()}/events");
        Assert.Equal(("pending", "confirmed"), ((await events.Next())!.Status, (await events.Next())!.Status));

        var followed = $"{Orders}/followed/{order.Text("followToken")}";
        var confirmed = Assert.Single(await shop.LettersTo(email));
        Assert.Equal("ordering.order-confirmed", confirmed.Text("template"));
        Assert.Contains($"https://loja.exemplo.test/pedido#token={order.Text("followToken")}", confirmed.Text("text"), StringComparison.Ordinal);
        Assert.Contains("Ana Souza", confirmed.Text("text"), StringComparison.Ordinal);
        var shown = await (await shop.CreateClient("nonsense").Get(followed)).Body();
        Assert.Equal(("confirmed", email, false), (shown.Text("status"), shown.GetProperty("contact").Text("email"), shown.TryGetProperty("followToken", out _)));

        await using var watched = await EventReader.Open(shop.CreateClient(), $"{followed}/events", lastEventId: 1);
        Assert.Equal((2L, "confirmed"), await Next(watched));
        await (await guest.Post($"{Orders}/{order.Id()}/cancel", new { reason = "Mudei de ideia" })).Body();
        Assert.Equal((3L, "cancelled"), await Next(watched));
        Assert.Equal("cancelled", (await events.Next())!.Status);
        Assert.Null(await watched.Next());
        Assert.Equal(HttpStatusCode.NoContent, (await shop.CreateClient().Get($"{followed}/events?lastEventId=3")).StatusCode);
        Assert.Equal("ordering.order-cancelled", (await shop.LettersTo(email))[^1].Text("template"));
        Assert.Empty(await shop.LettersTo("vizinha@exemplo.test"));
        Assert.Equal(8, await shop.StockOf(product));

        foreach (var wrong in (string[])["x", order.Text("followToken")![..^1], first.Token()!, "qof_" + first.Token()![4..], $"{Guid.Empty}"])
            foreach (var path in (string[])[$"{Orders}/followed/{wrong}", $"{Orders}/followed/{wrong}/events"])
                Assert.True((await shop.CreateClient().Get(path)).StatusCode == HttpStatusCode.NotFound, path);
    }

    [Fact]
    public async Task Another_guests_order_and_cart_are_not_there()
    {
        await shop.ChangeStore();
        var product = await shop.Product(stock: 9, price: 1000);
        var (owner, _) = await shop.NewGuest(product);
        var (stranger, _) = await shop.NewGuest(product);
        var order = (await Order(owner, product)).Id();
        var payment = (await (await owner.Post("/api/v1/payments", new { orderId = order, provider = "sandbox" })).Body(HttpStatusCode.Created)).Id();
        await (await owner.PutItem(product, 2)).Body();
        var item = (await (await owner.Get(Cart)).Body()).GetProperty("items")[0].Id();
        foreach (var caller in (HttpClient[])[stranger, (await shop.Customer()).Client])
        {
            foreach (var path in (string[])[$"{Orders}/{order}", $"{Orders}/{order}/events", $"/api/v1/payments/{payment}", $"/api/v1/payments/{payment}/refunds"])
                Assert.True((await caller.Get(path)).StatusCode == HttpStatusCode.NotFound, path);
            foreach (var path in (string[])[$"{Orders}/{order}/cancel", $"{Orders}/{order}/reorder", $"/api/v1/payments/{payment}/cancel", $"/api/v1/sandbox/payments/{payment}/succeed"])
                Assert.True((await caller.Post(path)).StatusCode == HttpStatusCode.NotFound, path);
            Assert.Equal(HttpStatusCode.NotFound, (await caller.Post("/api/v1/payments", new { orderId = order, provider = "sandbox" })).StatusCode);
            Assert.Equal(HttpStatusCode.NotFound, (await caller.Send(HttpMethod.Delete, $"{GuestCalls.Items}/{item}")).StatusCode);
        }

        Assert.Equal("pending", (await (await owner.Get($"{Orders}/{order}")).Body()).Text("status"));
        Assert.Equal([(product, 2)], await owner.Cart());
        // Staff see how to reach them, and do not get the guest's link.
        var seen = await (await (await shop.Staff()).Client.Get($"{Orders}/{order}")).Body();
        Assert.Equal((true, "+5511987654321", false), (seen.GetProperty("isGuest").GetBoolean(), seen.GetProperty("contact").Text("phone"), seen.TryGetProperty("followToken", out _)));
    }

    [Fact]
    public async Task Coupons_for_known_customers_are_not_for_guests()
    {
        await shop.ChangeStore();
        var product = await shop.Product(stock: 9, price: 1000);
        var code = $"BEMVINDO-{product.ToString("N")[..8].ToUpperInvariant()}";
        await (await (await shop.Staff()).Client.Post("/api/v1/coupons", new { code, percent = 10, firstOrderOnly = true })).Body(HttpStatusCode.Created);
        var body = new { items = Shop.Lines((product, 1)), fulfillment = "pickup", couponCode = code, contact = GuestCalls.Contact() };
        var (guest, _) = await shop.NewGuest(product);
        await (await guest.Post(Orders, body)).Refusal(HttpStatusCode.Conflict, "coupon_refused");
        Assert.Equal("coupon_refused", Assert.Single((await (await guest.Post("/api/v1/quotes", body)).Body()).GetProperty("refusals").EnumerateArray()).Text("code"));
        await shop.Place(await shop.Customer(), body);
    }

    [Fact]
    public async Task A_flood_of_guests_from_one_address_is_held_back_whatever_tokens_it_shows()
    {
        await using var other = await shop.StartBeside(("Limits:RequestsPerMinute", "1000"), ("Ordering:NewGuestsPerAddress", "2"), ("Ordering:GuestOrdersPerAddress", "1"), ("Payments:RefreshesPerMinute", "1"));
        var product = await shop.Product(stock: 9, price: 1000);
        HttpClient Client(string? token = null) => token is null ? other.ClientFor(shop.Guest) : other.ClientFor(shop.Guest).With(token);
        shop.Clock.Advance(TimeSpan.FromHours(2));
        var first = (await Client().PutItem(product, 1)).Token()!;
        var second = (await Client().PutItem(product, 1)).Token()!;
        Assert.Equal(HttpStatusCode.TooManyRequests, (await Client().PutItem(product, 1)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await Client(second).PutItem(product, 2)).StatusCode);

        object Order() => new { items = Shop.Lines((product, 1)), fulfillment = "pickup", contact = GuestCalls.Contact() };
        var order = await (await Client(first).Post(Orders, Order())).Body(HttpStatusCode.Created);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await Client(second).Post(Orders, Order())).StatusCode);
        Assert.Equal(HttpStatusCode.Created, (await other.ClientFor((await shop.Customer()).Client).Post(Orders, Order())).StatusCode);

        var payment = (await (await Client(first).Post("/api/v1/payments", new { orderId = order.Id(), provider = "sandbox" })).Body(HttpStatusCode.Created)).Id();
        await (await Client(first).Post($"/api/v1/payments/{payment}/refresh")).Body();
        Assert.Equal(HttpStatusCode.TooManyRequests, (await Client(second).Post($"/api/v1/payments/{payment}/refresh")).StatusCode);

        // The general limit: whatever they show, guests of one address have one count.
        static int Left(HttpResponseMessage response) => int.Parse(Assert.Single(response.Headers.GetValues("RateLimit-Remaining")), System.Globalization.CultureInfo.InvariantCulture);
        var left = Left(await Client(first).Get(Cart));
        Assert.Equal(left - 1, Left(await Client(second).Get(Cart)));
        Assert.Equal(left - 2, Left(await Client("qct_nonsense").Get(Cart)));
        shop.Clock.Advance(TimeSpan.FromHours(2));
    }

    [Fact]
    public async Task What_guests_leave_is_forgotten_in_time_and_what_was_sold_stays()
    {
        await shop.ChangeStore();
        var product = await shop.Product(stock: 99, price: 1000);
        var (guest, token) = await shop.NewGuest(product);
        var (idle, _) = await shop.NewGuest(product);
        var customer = await shop.Customer();
        await customer.Client.PutItem(product, 1);
        var done = await Order(guest, product, "manual");
        var open = await Order(guest, product, "manual");
        var staff = await shop.Staff();
        await (await staff.Client.Post($"{Orders}/{done.Id()}/cancel", new { reason = "A freguesa Ana não veio" })).Body();

        shop.Clock.Advance(TimeSpan.FromDays(31));
        await Sweep<ForgetCarts>();
        Assert.Empty(await idle.Cart());
        Assert.Equal([(product, 1)], await (await As(customer)).Cart());
        Assert.Equal("Ana Souza", (await (await guest.Get($"{Orders}/{done.Id()}")).Body()).GetProperty("contact").Text("name"));

        await Sweep<ForgetGuests>();
        shop.Clock.Advance(TimeSpan.FromDays(60));
        await Sweep<ForgetGuests>();
        var forgotten = await (await guest.Get($"{Orders}/{done.Id()}")).Body();
        Assert.Equal((JsonValueKind.Null, JsonValueKind.Null, "[erased]", 1600), (forgotten.GetProperty("contact").ValueKind, forgotten.GetProperty("cancelReason").ValueKind, forgotten.GetProperty("address").Text("street"), forgotten.Amount("total")));
        Assert.Equal(HttpStatusCode.NotFound, (await shop.CreateClient().Get($"{Orders}/followed/{done.Text("followToken")}")).StatusCode);
        // One that is under way keeps what it needs.
        Assert.Equal("Ana Souza", (await (await guest.Get($"{Orders}/{open.Id()}")).Body()).GetProperty("contact").Text("name"));
        await (await shop.CreateClient().Get($"{Orders}/followed/{open.Text("followToken")}")).Body();
        var id = open.GetProperty("customerId").GetGuid();
        Assert.True(await HasKey(id));

        await (await guest.Post($"{Orders}/{open.Id()}/cancel")).Body();
        shop.Clock.Advance(TimeSpan.FromDays(91));
        await Sweep<ForgetGuests>();
        Assert.Equal(JsonValueKind.Null, (await (await guest.Get($"{Orders}/{open.Id()}")).Body()).GetProperty("contact").ValueKind);
        Assert.False(await HasKey(id));

        Task<bool> HasKey(Guid person) => shop.WithDb(db => db.ReadFirst($"select wrapped is not null from platform.person_keys where person_id = {person}", row => row.GetBoolean(0), CancellationToken.None));

        // With a token of now.
        async Task<HttpClient> As(Shop.Person person) => shop.CreateClient(shop.Services.GetRequiredService<AccessTokens>().Issue(
            person.Id, Guid.CreateVersion7(), await shop.WithDb(db => db.ReadFirst($"select version from accounts.users where id = {person.Id}", row => row.GetInt64(0), CancellationToken.None))));
    }

    [Fact]
    public async Task Why_the_order_of_somebody_forgotten_ended_stays_in_reports_and_money_that_comes_late_goes_home()
    {
        await shop.ChangeStore();
        var product = await shop.Product(stock: 9, price: 1000);
        var (guest, _) = await shop.NewGuest(product);
        var order = (await Order(guest, product)).Id();
        var payment = (await (await guest.Post("/api/v1/payments", new { orderId = order, provider = "sandbox" })).Body(HttpStatusCode.Created)).Id();
        shop.Clock.Advance(TimeSpan.FromMinutes(31));
        await shop.InScope(async provider =>
        {
            await provider.GetRequiredService<LapseOrder>().Handle(new(order), TestContext.Current.CancellationToken);
            return true;
        });
        var lapsed = shop.Clock.GetUtcNow();
        shop.Clock.Advance(TimeSpan.FromSeconds(1));
        var before = await Cancellations();
        Assert.Equal("system lapsed", Assert.Single(before.EnumerateArray()) is var row ? $"{row.Text("by")} {row.Text("reason")}" : "");

        shop.Clock.Advance(TimeSpan.FromDays(91));
        await Sweep<ForgetGuests>();
        Assert.True(await shop.WithDb(db => db.ReadFirst($"select contact is null from ordering.orders where id = {order}", row => row.GetBoolean(0), CancellationToken.None)));
        Assert.Equal(before.GetRawText(), (await Cancellations()).GetRawText());
        Assert.False(await shop.InScope(provider =>
            provider.GetServices<IPayable>().Single(payable => payable.Kind == "order").Paid(order, payment, shop.Clock.GetUtcNow(), TestContext.Current.CancellationToken)));

        async Task<JsonElement> Cancellations() => (await (await (await shop.Staff()).Client.Get(
            $"/api/v1/reports/cancellations?from={lapsed:yyyy-MM-ddTHH:mm:ss.fffZ}&to={lapsed.AddSeconds(1):yyyy-MM-ddTHH:mm:ss.fffZ}")).Body()).GetProperty("rows");
    }

    private async Task Sweep<T>() where T : IHandle<Tick>
    {
        await shop.InScope(async provider =>
        {
            await ActivatorUtilities.CreateInstance<T>(provider).Handle(new(shop.Clock.GetUtcNow()), TestContext.Current.CancellationToken);
            return true;
        });
        await shop.RunJobs();
    }

    private static async Task<JsonElement> Order(HttpClient guest, Guid product, string paymentMethod = "online") => await (await guest.Post(Orders, new
    {
        items = Shop.Lines((product, 1)),
        fulfillment = "delivery",
        address = Shop.Address(),
        paymentMethod,
        contact = GuestCalls.Contact(),
    })).Body(HttpStatusCode.Created);

    private static async Task<(long, string?)> Next(EventReader events) => await events.Next() is { } heard ? (heard.Id, heard.Status) : default;
}
