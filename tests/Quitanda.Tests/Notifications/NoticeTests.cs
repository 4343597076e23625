using System.Net;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Booking.Listings;
using Quitanda.Notifications.Notices;
using Quitanda.Ordering;
using Quitanda.Platform;
using Quitanda.Platform.Mails;
using Quitanda.Tests.Accounts;
using Quitanda.Tests.Booking;
using Quitanda.Tests.Platform;

namespace Quitanda.Tests.Notifications;

/// <summary>What people are told, and that they are told it once.</summary>
public sealed class NoticeTests(NoticesApp app) : IClassFixture<NoticesApp>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_order_is_told_step_by_step_in_the_language_of_its_customer_and_read_by_nobody_else()
    {
        var (ann, bia) = (await app.Reader("en-US"), await app.Reader());
        var order = await app.Confirmed(ann);
        foreach (var step in (string[])["prepare", "ready", "deliver"])
        {
            app.Clock.Advance(TimeSpan.FromSeconds(1));
            await app.Step(order, step);
        }

        var notices = await ann.Notices();
        Assert.Equal(["order.delivered", "order.ready", "order.confirmed"], notices.Select(notice => notice.Text("kind")), StringComparer.Ordinal);
        var number = order.GetProperty("number").GetInt64();
        Assert.Equal(($"Order {number} is ready", $"Order {number} at Quitanda is ready."), (notices[1].Text("title"), notices[1].Text("body")));
        Assert.Equal(order.Id(), notices[1].GetProperty("data").GetProperty("orderId").GetGuid());
        Assert.Equal(3, await ann.Unread());
        Assert.Empty(await bia.Notices());

        var path = $"{Reader.Path}/{notices[1].Id()}";
        Assert.Equal("not_found", await (await bia.Client.Get(path)).Refusal(HttpStatusCode.NotFound));
        Assert.Equal("not_found", await (await bia.Client.Post($"{path}/read")).Refusal(HttpStatusCode.NotFound));
        var read = await (await ann.Client.Post($"{path}/read")).Body();
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(read.GetRawText(), (await (await ann.Client.Post($"{path}/read")).Body()).GetRawText());
        Assert.Equal((2, 1), ((await ann.Notices("&unread=true")).Length, (await ann.Notices("&unread=false")).Length));
        Assert.Equal(2, (await (await ann.Client.Post($"{Reader.Path}/read-all")).Body()).GetProperty("read").GetInt32());
        Assert.Equal(0, (await (await ann.Client.Post($"{Reader.Path}/read-all")).Body()).GetProperty("read").GetInt32());
        Assert.Equal((0L, read.GetRawText()), (await ann.Unread(), (await (await ann.Client.Get(path)).Body()).GetRawText()));
        Assert.StartsWith("Pedido ", (await (await Told(bia)).Notices())[0].Text("title"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_is_told_once_however_often_it_is_said_and_a_guest_is_told_nothing()
    {
        var (reader, order, at) = (await app.Reader(), Guid.CreateVersion7(), app.Clock.GetUtcNow());
        var guest = Guid.CreateVersion7();
        foreach (var moment in (DateTimeOffset[])[at, at, at, at.AddMinutes(5)])
            await app.WithDb(db =>
            {
                db.Publish(new OrderStatusChanged(order, 77, reader.Id, "cancelled", moment));
                db.Publish(new OrderStatusChanged(order, 77, guest, "cancelled", moment));
                return Task.FromResult(true);
            });
        Assert.Equal(["order.cancelled", "order.cancelled"], await reader.Kinds(), StringComparer.Ordinal);
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from notifications.notices where person_id = {guest}"));
    }

    [Fact]
    public async Task A_booking_is_told_to_owner_and_renter_as_their_letters_tell_it()
    {
        var (owner, renter) = (await app.Owner(), await app.Renter());
        var listing = await app.Listing(owner.Id, instant: false);
        var day = DateOnly.FromDateTime(app.Clock.GetUtcNow().UtcDateTime).AddDays(10);
        var booking = await renter.Client.Booked(listing, day, day.AddDays(1));
        Assert.Equal(["booking.requested"], await Kinds(owner), StringComparer.Ordinal);
        Assert.Empty(await Kinds(renter));
        foreach (var act in (Func<Task<HttpResponseMessage>>[])[
            () => owner.Client.Post($"{Rentals.Bookings}/{booking.Id()}/confirm"), async () => await renter.Client.Get($"/api/v1/payments/{await renter.Client.Pay(new { bookingId = booking.Id(), provider = "sandbox", method = "card" })}"),
            () => owner.Client.Post($"{Rentals.Bookings}/{booking.Id()}/reschedule", new { startDate = day.AddDays(3), endDate = day.AddDays(4) }),
            () => renter.Client.Post($"{Rentals.Bookings}/{booking.Id()}/cancel")])
        {
            app.Clock.Advance(TimeSpan.FromSeconds(1));
            await (await act()).Body();
            await app.RunJobs();
        }

        Assert.Equal(["booking.cancelled", "booking.moved", "booking.confirmed", "booking.requested"], await Kinds(owner), StringComparer.Ordinal);
        Assert.Equal(["booking.cancelled", "booking.moved", "booking.confirmed", "booking.accepted"], (await Kinds(renter)).Where(kind => kind != "payment.refunded"), StringComparer.Ordinal);
        var told = (await (await renter.Client.Get($"{Reader.Path}?sort=createdAt")).Body()).GetProperty("data")[0];
        Assert.Equal((booking.Id(), $"Reserva {booking.Text("code")} aceita: falta pagar"), (told.GetProperty("data").GetProperty("bookingId").GetGuid(), told.Text("title")));
    }

    [Fact]
    public async Task What_costs_nothing_and_is_booked_at_once_is_told_to_both()
    {
        var (owner, renter) = (await app.Owner(), await app.Renter());
        var listing = await app.Listing(owner.Id, terms: terms => terms with { Pricing = new(RentalUnit.Day, new(0, "BRL")) });
        var day = DateOnly.FromDateTime(app.Clock.GetUtcNow().UtcDateTime).AddDays(12);
        Assert.Equal("confirmed", (await renter.Client.Booked(listing, day, day)).Text("status"));
        Assert.Equal(["booking.confirmed"], await Kinds(owner), StringComparer.Ordinal);
        Assert.Equal(["booking.confirmed"], await Kinds(renter), StringComparer.Ordinal);
    }

    [Fact]
    public async Task What_is_only_held_is_told_to_its_renter_alone()
    {
        var (owner, renter) = (await app.Owner(), await app.Renter());
        var listing = await app.Listing(owner.Id);
        var day = DateOnly.FromDateTime(app.Clock.GetUtcNow().UtcDateTime).AddDays(20);
        var booking = await renter.Client.Booked(listing, day, day);
        await (await renter.Client.Post($"{Rentals.Bookings}/{booking.Id()}/cancel")).Body();
        Assert.Equal(["booking.cancelled"], await Kinds(renter), StringComparer.Ordinal);
        Assert.Empty(await Kinds(owner));
    }

    [Fact]
    public async Task A_payer_is_told_that_it_failed_and_of_each_refund()
    {
        var reader = await app.Reader();
        var order = await app.Place(new Ordering.Shop.Person(reader.Id, reader.Client), paymentMethod: "online", price: 5000);
        var failed = await Payment();
        await (await reader.Client.Post($"/api/v1/sandbox/payments/{failed}/fail")).Body();
        // What its payer called off themselves is no news to them.
        await (await reader.Client.Post($"/api/v1/payments/{await Payment()}/cancel")).Body();
        var paid = await Payment();
        await (await reader.Client.Post($"/api/v1/sandbox/payments/{paid}/succeed")).Body();
        foreach (var part in (int[])[1, 2])
            await (await (await app.Admin()).Post($"/api/v1/payments/{paid}/refunds", new { amount = new { amount = 1050, currency = "BRL" }, reason = $"{part}" })).Body(HttpStatusCode.Created);
        var notices = (await reader.Notices()).Where(notice => notice.Text("kind").StartsWith("payment.", StringComparison.Ordinal)).ToList();
        Assert.Equal(["payment.failed", "payment.refunded", "payment.refunded"], notices.Select(notice => notice.Text("kind")).Order(StringComparer.Ordinal), StringComparer.Ordinal);
        var refunded = notices.First(notice => notice.Text("kind") == "payment.refunded");
        Assert.Equal("Devolvemos R$\u00A010,50", refunded.Text("title"));
        Assert.Equal((paid, order.Id()), (refunded.GetProperty("data").GetProperty("paymentId").GetGuid(), refunded.GetProperty("data").GetProperty("orderId").GetGuid()));

        async Task<Guid> Payment() => (await (await reader.Client.Post("/api/v1/payments", new { orderId = order.Id(), provider = "sandbox" })).Body(HttpStatusCode.Created)).Id();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_order_that_was_only_held_for_a_basket_ends_without_a_word(bool isReleased)
    {
        var reader = await app.Reader();
        var goods = new { items = Ordering.Shop.Lines((await app.Product(stock: 3, price: 900), 1)), fulfillment = "pickup" };
        var basket = (await (await reader.Client.Post("/api/v1/baskets", new { goods })).Body(HttpStatusCode.Created)).Id();
        var order = (await (await reader.Client.Post($"/api/v1/baskets/{basket}/checkout")).Body()).GetProperty("parts")[0].GetProperty("orderId").GetGuid();
        await app.RunJobs();
        if (isReleased)
            await (await reader.Client.Post($"/api/v1/baskets/{basket}/release")).Body();
        else
            await Rentals.Later(app, TimeSpan.FromMinutes(31));
        Assert.Empty(await reader.Kinds());
        Assert.Empty(reader.Mails);
        Assert.Equal("cancelled", (await (await reader.Client.Get($"/api/v1/orders/{order}")).Body()).Text("status"));
    }

    [Fact]
    public async Task A_comment_is_told_to_whoever_it_answers_once_and_never_to_who_wrote_it()
    {
        var (author, ana, bia) = (await app.Reader(), await app.Reader(), await app.Reader());
        var post = (await (await author.Client.Post("/api/v1/posts", new { title = "Receita", content = "Batata." })).Body(HttpStatusCode.Created)).Id();
        await (await author.Client.Post($"/api/v1/posts/{post}/publish")).Body();
        var first = (await Comment(ana, null)).Id();
        await Comment(author, null);
        var answer = await Comment(bia, first);
        Assert.Equal(["post.commented", "post.commented"], await author.Kinds(), StringComparer.Ordinal);
        var told = Assert.Single(await ana.Notices());
        Assert.Equal(("comment.answered", answer.Id()), (told.Text("kind"), told.GetProperty("data").GetProperty("commentId").GetGuid()));
        Assert.Empty(await bia.Notices());

        async Task<System.Text.Json.JsonElement> Comment(Reader who, Guid? parent) =>
            await (await who.Client.Post($"/api/v1/posts/{post}/comments", new { content = "Boa!", parentId = parent })).Body(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Whoever_signs_up_is_greeted()
    {
        var registered = await app.Register();
        await app.RunJobs();
        var notice = (await (await app.CreateClient(registered.Text("accessToken")).Get(Reader.Path)).Body()).GetProperty("data")[0];
        Assert.Equal(("account.welcome", "Boas-vindas à Quitanda"), (notice.Text("kind"), notice.Text("title")));
    }

    [Fact]
    public async Task The_hub_tells_whoever_it_is_for_and_how_many_are_unread()
    {
        var (ana, bia, root) = (await app.Reader(), await app.Reader(), new Reader(app, await app.Insert(Roles.Customer | Roles.Admin)));
        var server = app.Services.GetRequiredService<Microsoft.AspNetCore.Hosting.Server.IServer>() as TestServer;
        using var anas = await HubClient.Connect(server!, authorization: $"Bearer {app.TokenOf(ana.User)}");
        using var bias = await HubClient.Connect(server!, authorization: $"Bearer {app.TokenOf(bia.User)}");
        using var roots = await HubClient.Connect(server!, authorization: $"Bearer {app.TokenOf(root.User)}");
        await app.Confirmed(ana);
        await app.Confirmed(bia);
        await app.Confirmed(root);

        var told = await Next(anas);
        Assert.Equal(("order.confirmed", 1L), (told.Text("kind"), told.GetProperty("unread").GetInt64()));
        Assert.Equal((await ana.Notices())[0].Id(), told.Id());
        await (await ana.Client.Post($"{Reader.Path}/{told.Id()}/read")).Body();
        Assert.Equal(0, (await Next(anas)).GetProperty("unread").GetInt64());
        Assert.NotEqual(told.Id(), (await Next(bias)).Id());
        // Who may see everything is told what is for them: another's count is none of their own.
        Assert.Equal((await root.Notices())[0].Id(), (await Next(roots)).Id());

        static async Task<System.Text.Json.JsonElement> Next(HubClient hub)
        {
            while (true)
                if ((await hub.Next())!.Value is var message && message.Text("target") == "notificationChanged")
                    return message.GetProperty("arguments")[0];
        }
    }

    [Fact]
    public async Task An_admin_hears_of_each_booking_once_and_of_nothing_that_its_two_write_to_each_other()
    {
        var (owner, renter, root) = (await app.Owner(), await app.Renter(), await app.Insert(Roles.Customer | Roles.Admin));
        var server = app.Services.GetRequiredService<Microsoft.AspNetCore.Hosting.Server.IServer>() as TestServer;
        using var hub = await HubClient.Connect(server!, authorization: $"Bearer {app.TokenOf(root)}");
        using var owners = await HubClient.Connect(server!, authorization: $"Bearer {app.TokenOf(owner.User)}");
        var day = DateOnly.FromDateTime(app.Clock.GetUtcNow().UtcDateTime).AddDays(60);
        var booking = await renter.Client.Booked(await app.Listing(owner.Id, instant: false), day, day);
        await (await renter.Client.Post($"{Rentals.Bookings}/{booking.Id()}/messages", new { text = "Oi!" })).Body(HttpStatusCode.Created);
        await (await owner.Client.Post($"{Rentals.Bookings}/{booking.Id()}/decline")).Body();
        var order = await app.Confirmed(await app.Reader());

        List<string> heard = [];
        while ((await hub.Next())!.Value is var message && !(message.Text("target") == "orderChanged" && message.GetProperty("arguments")[0].Id() == order.Id()))
            heard.Add($"{message.Text("target")} {(message.GetProperty("arguments")[0].TryGetProperty("status", out var status) ? status.GetString() : "")}");
        Assert.Single(heard, "bookingChanged declined");
        string? hears;
        do
            hears = (await owners.Next())!.Value is var told && told.Text("target") == "bookingChanged" ? told.GetProperty("arguments")[0].Text("status") : null;
        while (hears != "declined");
        Assert.DoesNotContain(heard, one => one.StartsWith("bookingMessage", StringComparison.Ordinal) || one.StartsWith("notification", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_old_is_forgotten_with_its_deliveries()
    {
        var reader = await app.Reader(phone: "+5511987650000");
        await app.WithDb(db => db.Execute($"insert into notifications.preferences (person_id, kind, channel, is_on, updated_at) values ({reader.Id}, 'order.confirmed', 'sms', true, {app.Clock.GetUtcNow()})", Ct));
        await app.Confirmed(reader);
        Assert.NotEmpty(await app.LogOf(reader));
        await app.Services.GetRequiredService<JobRunner>().EnsureTimers(Ct);
        await app.Later(TimeSpan.FromDays(179));
        Assert.NotEmpty(await reader.Notices());
        await app.Services.GetRequiredService<JobRunner>().EnsureTimers(Ct);
        await app.Later(TimeSpan.FromDays(2));
        Assert.Empty(await reader.Notices());
        Assert.Empty(await app.LogOf(reader));
    }

    [Fact]
    public void Every_kind_says_the_same_in_both_languages_and_every_letter_is_of_a_kind_there_is_or_of_none()
    {
        Assert.NotEmpty(NoticeKinds.All);
        Assert.All(NoticeKinds.All, kind => Assert.Equal(kind.Facts is not null, kind.Phrases is not null));
        Assert.All(NoticeKinds.All, kind => Assert.Matches("^[a-z]+\\.[a-z_]+$", kind.Name));
        // What is shown or pushed has words of its own.
        Assert.All(NoticeKinds.All.Where(kind => kind.Facts is null), kind => Assert.Equal([Channel.Email], kind.On.Concat(kind.Off)));
        var letters = app.Services.GetServices<LetterKind>().ToList();
        Assert.Empty(letters.SelectMany(letter => Astray(letter.Name, letter.Notice)));
        // What can be turned off is sent, and what concerns the safety of an account cannot be.
        Assert.Equal(
            NoticeKinds.All.Where(kind => kind.Has(Channel.Email)).Select(kind => kind.Name).Order(StringComparer.Ordinal),
            letters.Select(letter => letter.Notice).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal), StringComparer.Ordinal);
        Assert.All(letters.Where(letter => letter.Name.StartsWith("accounts.", StringComparison.Ordinal)), letter => Assert.Null(letter.Notice));
    }

    [Fact]
    public async Task A_letter_of_a_module_from_outside_may_have_digits_in_its_name_and_one_that_no_log_can_hold_is_found_at_the_start()
    {
        var reader = await app.Reader();
        await app.InScope(provider =>
        {
            provider.GetRequiredService<IMail>().Send(reader.Id, new LevelReached(2));
            return Task.FromResult(true);
        });
        await app.RunJobs();
        Assert.Single(reader.Mails);
        Assert.Equal("loyalty.level-2-reached", Assert.Single(await app.LogOf(reader)).Text("kind"));
        Assert.Contains("Loyalty.Level", Assert.Throws<ArgumentException>(() => new ServiceCollection().AddLetter<BadlyNamed>()).Message, StringComparison.Ordinal);
    }

    /// <summary>A letter whose name a module from outside chose badly.</summary>
    private sealed record BadlyNamed : ILetter
    {
        public static string Name => "Loyalty.Level reached";

        public static string Portuguese => "Oi";

        public static string English => "Hi";
    }

    [Fact]
    public void A_kind_or_a_letter_that_says_what_is_not_there_is_found()
    {
        Assert.NotEmpty(Astray("ordering.order-eaten", "order.eaten"));
        Assert.NotEmpty(Astray("ordering.order-ready", "order.ready"));
        Assert.Empty(Astray("ordering.order-confirmed", "order.confirmed"));
        Assert.Empty(Astray("accounts.welcome", null));
        foreach (var (portuguese, english) in ((string, string)[])[("Oi {nome}", "Hi {nome}"), ("Oi {number}", "Hi"), ("Oi {number", "Hi {number")])
            Assert.Throws<FormatException>(() => new Phrases(typeof(OrderFacts), portuguese, english));
        Assert.Equal("Pedido 7", new Phrases(typeof(OrderFacts), "Pedido {number}", "Order {number}").Fill(new OrderFacts(7), "fr", "pt-BR", "Ana", ("Loja", "America/Sao_Paulo")).Title);
    }

    /// <summary>A letter that names a kind which is not there, or is not told by letters.</summary>
    private static IEnumerable<string> Astray(string letter, string? kind) => kind is null || NoticeKinds.Find(kind)?.Has(Channel.Email) == true ? [] : [$"{letter} is of {kind}"];

    private async Task<string[]> Kinds(Party party)
    {
        await app.RunJobs();
        return [.. (await (await party.Client.Get(Reader.Path)).Body()).GetProperty("data").EnumerateArray().Select(notice => notice.Text("kind"))];
    }

    private async Task<Reader> Told(Reader reader)
    {
        await app.Confirmed(reader);
        return reader;
    }
}
