using System.Globalization;
using System.Net;
using Quitanda.Booking.Listings;
using Quitanda.Notifications.Preferences;
using Quitanda.Tests.Accounts;
using Quitanda.Tests.Booking;
using Quitanda.Tests.Catalog;
using Shop = Quitanda.Tests.Ordering.Shop;

namespace Quitanda.Tests.Notifications;

/// <summary>How people want to be told, and when; and that it is so.</summary>
public sealed class PreferenceTests(NoticesApp app) : IClassFixture<NoticesApp>
{
    private const string Path = $"{Reader.Path}/preferences";
    private const string Phone = "+5511987654321";

    [Fact]
    public async Task Whoever_says_nothing_is_told_as_the_kind_says_and_what_they_say_takes_its_place()
    {
        var reader = await app.Reader();
        var before = await (await reader.Client.Get(Path)).Body();
        Assert.Equal((true, true, false, true), Of(before, "order.confirmed"));
        Assert.Equal((true, null, false, true), Of(before, "order.ready"));
        Assert.Equal((null, true, null, null), Of(before, "booking.message"));

        var said = await reader.Wants(new object[] { new { kind = "order.confirmed", inApp = false, sms = true } }, new { from = "22:00", until = "07:30", timeZone = "America/Recife" });
        Assert.Equal((false, true, true, true), Of(said, "order.confirmed"));
        Assert.Equal("America/Recife", said.GetProperty("quietHours").Text("timeZone"));
        Assert.Equal(said.GetRawText(), (await (await reader.Client.Get(Path)).Body()).GetRawText());
        // What is read can be sent back as it is.
        await (await reader.Client.Send(HttpMethod.Put, Path, new { kinds = said.GetProperty("kinds"), quietHours = said.GetProperty("quietHours") })).Body();
        Assert.Equal(said.GetRawText(), (await (await reader.Client.Get(Path)).Body()).GetRawText());
        await app.Confirmed(reader);
        Assert.Empty(await reader.Notices());

        Assert.Equal(before.GetRawText(), (await (await reader.Client.Send(HttpMethod.Put, Path, new { })).Body()).GetRawText());
        await app.Confirmed(reader);
        Assert.Equal(["order.confirmed"], await reader.Kinds(), StringComparer.Ordinal);
    }

    [Theory]
    [InlineData("""{"kinds":[{"kind":"order.eaten","sms":true}]}""", "kinds[0].kind")]
    [InlineData("""{"kinds":[{"kind":"order.ready","email":true}]}""", "kinds[0].email")]
    [InlineData("""{"kinds":[{"kind":"order.ready"},{"kind":"order.ready"}]}""", "kinds[1].kind")]
    [InlineData("""{"quietHours":{"from":"22:00","until":"22:00"}}""", "quietHours.until")]
    [InlineData("""{"quietHours":{"from":"24:00","until":"07:00"}}""", "quietHours.from")]
    [InlineData("""{"quietHours":{"from":"22:00","until":"07:00","timeZone":"Nowhere/None"}}""", "quietHours.timeZone")]
    public async Task What_makes_no_sense_is_refused_by_its_field(string body, string field)
    {
        var reader = await app.Reader();
        var problem = await (await reader.Client.Send(HttpMethod.Put, Path, body)).Body(HttpStatusCode.BadRequest);
        Assert.Equal([field], problem.GetProperty("errors").EnumerateObject().Select(error => error.Name), StringComparer.Ordinal);
    }

    [Fact]
    public async Task A_mail_that_is_not_wanted_is_not_sent_and_what_is_about_safety_always_is()
    {
        var registered = await app.Register();
        var client = app.CreateClient(registered.Text("accessToken"));
        var (id, email) = (registered.GetProperty("user").Id(), registered.GetProperty("user").Text("email"));
        var noMails = (await (await client.Get(Path)).Body()).GetProperty("kinds").EnumerateArray().Where(kind => kind.GetProperty("email").ValueKind == System.Text.Json.JsonValueKind.True)
            .Select(kind => new { kind = kind.Text("kind"), email = false }).ToArray();
        Assert.NotEmpty(noMails);
        await (await client.Send(HttpMethod.Put, Path, new { kinds = noMails, quietHours = Now(-1, 1) })).Body();
        await app.Place(new Shop.Person(id, client));
        await (await client.Post("/api/v1/auth/verify-email/resend")).Body(HttpStatusCode.Accepted);
        await app.RunJobs();
        var mails = app.Mails.Taken.Where(mail => mail.To.Contains(email, StringComparison.OrdinalIgnoreCase)).ToList();
        Assert.Equal(2, mails.Count);
        // By one who cannot be asked for less.
        Assert.All(mails, mail => Assert.Null(mail.Header("List-Unsubscribe")));
        var log = (await (await (await app.Admin()).Get($"/api/v1/notification-deliveries?personId={id}&channel=email&status=skipped")).Body()).GetProperty("data");
        Assert.Equal(("order.received", "not_wanted"), (log[0].Text("kind"), log[0].Text("reason")));
    }

    [Fact]
    public async Task In_quiet_hours_what_disturbs_waits_until_they_end_and_what_does_not_is_there()
    {
        app.Providers.BeWell();
        var reader = await app.Reader(phone: Phone);
        using var browser = await reader.Subscribe();
        await reader.Wants(new object[] { new { kind = "order.confirmed", sms = true } }, Now(-1, 2));
        await app.Confirmed(reader);
        Assert.Equal(["order.confirmed"], await reader.Kinds(), StringComparer.Ordinal);
        // They wait for the hour, and do not fail until it has come.
        Assert.Equal(4, await app.Scalar<long>($"select count(*) from platform.jobs where state = 'ready' and attempts = 0 and run_at > {app.Clock.GetUtcNow().AddMinutes(118)} and kind like any(array['platform.send-%', 'notifications.send-%'])"));
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from platform.jobs where state = 'ready' and last_error is not null"));
        await app.Later(TimeSpan.FromMinutes(119));
        Assert.Equal((0, 0, 0), (app.Providers.Texts.Count, app.Providers.Pushed.Count, reader.Mails.Length));
        Assert.Equal(4, (await app.LogOf(reader, "&status=pending")).Length);

        await app.Later(TimeSpan.FromMinutes(1));
        Assert.Equal((1, 1, 2), (app.Providers.Texts.Count, app.Providers.Pushed.Count, reader.Mails.Length));
        Assert.Equal(4, (await app.LogOf(reader, "&status=sent")).Length);
    }

    [Fact]
    public async Task Whoever_changes_their_mind_meanwhile_is_asked_anew()
    {
        app.Providers.BeWell();
        var reader = await app.Reader(phone: Phone);
        await reader.Wants(new object[] { new { kind = "order.confirmed", sms = true, email = false } }, Now(-1, 2));
        await app.Confirmed(reader);
        await reader.Wants(new object[] { new { kind = "order.confirmed", sms = false, email = false } }, Now(-1, 4));
        await app.Later(TimeSpan.FromHours(2));
        Assert.Equal((0, 0), (app.Providers.Texts.Count, reader.Mails.Length));
        Assert.Equal("not_wanted", Assert.Single(await app.LogOf(reader, "&channel=sms")).Text("reason"));
        await app.Later(TimeSpan.FromHours(2));
        Assert.Equal("order.received", Assert.Single(await app.LogOf(reader, "&channel=email&status=sent")).Text("kind"));
    }

    [Fact]
    public async Task A_text_or_a_push_that_is_of_no_use_by_then_is_not_sent_at_all()
    {
        app.Providers.BeWell();
        var reader = await app.Reader(phone: Phone);
        using var browser = await reader.Subscribe();
        await reader.Wants(new object[] { new { kind = "order.ready", sms = true } }, Now(-1, 5));
        var order = await app.Confirmed(reader);
        foreach (var step in (string[])["prepare", "ready"])
            await app.Step(order, step);
        await app.Later(TimeSpan.FromHours(5));
        Assert.Equal((0, 1), (app.Providers.Texts.Count, app.Providers.Pushed.Count));
        Assert.Equal(["push too_late", "sms too_late"], (await app.LogOf(reader, "&kind=order.ready&status=skipped")).Select(line => $"{line.Text("channel")} {line.Text("reason")}").Order(StringComparer.Ordinal), StringComparer.Ordinal);
        Assert.Equal("sent", Assert.Single(await app.LogOf(reader, "&kind=order.confirmed&channel=push")).Text("status"));
        // It is there, for whoever looks.
        Assert.Equal("order.ready", (await reader.Notices("&sort=-createdAt"))[0].Text("kind"));
    }

    [Fact]
    public async Task A_mail_that_would_be_of_no_use_in_the_morning_does_not_wait_for_it()
    {
        var (owner, renter) = (await app.Owner(), await app.Renter());
        var reader = new Reader(app, renter.User);
        var listing = await app.Listing(owner.Id, RentalUnit.Hour);
        var begins = new DateTimeOffset(app.Clock.GetUtcNow().UtcDateTime.Date.AddDays(3).AddHours(15), TimeSpan.Zero);
        foreach (var at in (DateTimeOffset[])[begins, begins.AddHours(6)])
            await renter.Client.Pay(new { bookingId = (await (await renter.Client.Book(listing, at, at.AddHours(1))).Body(HttpStatusCode.Created)).Id(), provider = "sandbox", method = "card" });
        await app.RunJobs();
        app.Clock.Advance(begins.AddHours(-3) - app.Clock.GetUtcNow());
        await reader.Wants(Array.Empty<object>(), Now(0, 4));
        await Rentals.Later(app, TimeSpan.FromMinutes(5));
        // The first begins before the quiet ends, and the second after it.
        Assert.Equal(["pending", "sent"], (await app.LogOf(reader, "&kind=booking.soon")).Select(line => line.Text("status")).Order(StringComparer.Ordinal), StringComparer.Ordinal);
        await app.Later(TimeSpan.FromHours(4));
        Assert.Equal(["sent", "sent"], (await app.LogOf(reader, "&kind=booking.soon")).Select(line => line.Text("status")), StringComparer.Ordinal);
    }

    [Fact]
    public async Task Of_whoever_goes_while_a_mail_waits_for_the_morning_nothing_comes_back()
    {
        var reader = await app.Reader();
        await reader.Wants(Array.Empty<object>(), Now(-1, 5));
        var order = await app.Confirmed(reader);
        foreach (var step in (string[])["prepare", "ready", "deliver"])
            await app.Step(order, step);
        await app.RunJobs();
        Assert.Equal(2, (await app.LogOf(reader, "&channel=email&status=pending")).Length);
        Assert.Equal(HttpStatusCode.NoContent, (await reader.Client.Delete("/api/v1/users/me")).StatusCode);
        // What came late of them is erased once more, and then the morning comes.
        await app.Later(TimeSpan.FromHours(3));
        await app.Later(TimeSpan.FromHours(2));
        Assert.Empty(reader.Mails);
        Assert.Empty(await app.LogOf(reader));
    }

    [Fact]
    public async Task A_mail_that_cannot_be_written_says_so_in_the_log()
    {
        var reader = await app.Reader();
        await app.Place(new Shop.Person(reader.Id, reader.Client));
        await app.Execute($"update platform.jobs set payload = jsonb_set(payload, array['sealed'], to_jsonb('none.of-ours'::text)) where kind = 'platform.send-mail' and state = 'ready' and payload->>'userId' = {reader.Id.ToString()}");
        await app.RunJobs();
        var line = Assert.Single(await app.LogOf(reader, "&channel=email"));
        Assert.Equal(("pending", 1, "CryptographicException"), (line.Text("status"), line.GetProperty("attempts").GetInt32(), line.GetProperty("detail").GetString()));
        // Dead, it is nobody's to send any more.
        await app.Execute($"update platform.jobs set state = 'dead' where kind = 'platform.send-mail' and payload->>'userId' = {reader.Id.ToString()}");
        await Rentals.Later(app, TimeSpan.FromHours(1));
        Assert.Equal("gave_up", Assert.Single(await app.LogOf(reader, "&channel=email&status=failed")).Text("reason"));
    }

    [Fact]
    public async Task An_urgent_mail_does_not_wait()
    {
        var (owner, renter) = (await app.Owner(), await app.Renter());
        await (await owner.Client.Send(HttpMethod.Put, Path, new { quietHours = Now(-1, 2) })).Body();
        var day = DateOnly.FromDateTime(app.Clock.GetUtcNow().UtcDateTime).AddDays(30);
        await renter.Client.Booked(await app.Listing(owner.Id, instant: false), day, day);
        await app.RunJobs();
        Assert.Single(app.Mails.Taken, mail => mail.To.Contains(owner.User.Email!, StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    // New York, 8 March 2026: the clocks go from 2:00 to 3:00 at 7:00 UTC.
    [InlineData("22:00", "02:30", "2026-03-08T06:59:00Z", "2026-03-08T07:00:00Z")]
    [InlineData("22:00", "02:30", "2026-03-08T07:00:00Z", null)]
    [InlineData("02:15", "06:00", "2026-03-08T06:59:00Z", null)]
    [InlineData("02:15", "06:00", "2026-03-08T07:00:00Z", "2026-03-08T10:00:00Z")]
    // 1 November 2026: from 2:00 back to 1:00 at 6:00 UTC. What ends at 1:30 ends when the clocks first show it.
    [InlineData("22:00", "01:30", "2026-11-01T05:29:00Z", "2026-11-01T05:30:00Z")]
    [InlineData("22:00", "01:30", "2026-11-01T06:15:00Z", null)]
    [InlineData("01:30", "07:00", "2026-11-01T06:15:00Z", "2026-11-01T12:00:00Z")]
    // Any day, within it and over midnight.
    [InlineData("13:00", "15:00", "2026-06-10T18:00:00Z", "2026-06-10T19:00:00Z")]
    [InlineData("13:00", "15:00", "2026-06-10T19:00:00Z", null)]
    [InlineData("22:00", "07:00", "2026-06-11T03:00:00Z", "2026-06-11T11:00:00Z")]
    [InlineData("22:00", "07:00", "2026-06-11T01:59:00Z", null)]
    [InlineData("22:00", "07:00", "2026-06-11T02:00:00Z", "2026-06-11T11:00:00Z")]
    public void Quiet_hours_are_those_that_the_clocks_on_the_wall_show(string from, string until, string now, string? end) => Assert.Equal(
        end is null ? null : At(end), new QuietHours(from, until, "America/New_York").EndAfter(At(now), "America/Sao_Paulo"));

    [Fact]
    public async Task A_link_in_a_mail_ends_its_kind_without_signing_in_and_nothing_else()
    {
        var reader = await app.Reader();
        await app.Confirmed(reader);
        var mail = Assert.Single(reader.Mails, mail => mail.ReadHeader("Subject")!.EndsWith("confirmado", StringComparison.Ordinal));
        Assert.Equal("List-Unsubscribe=One-Click", mail.Header("List-Unsubscribe-Post"));
        var link = mail.Header("List-Unsubscribe")!.Trim('<', '>');
        Assert.StartsWith($"{NoticesApp.PublicUrl}/api/v1/notifications/unsubscribe/qun_", link, StringComparison.Ordinal);
        Assert.All(mail.Parts, part => Assert.Contains(link, part.Text, StringComparison.Ordinal));
        var path = link[NoticesApp.PublicUrl.Length..];

        // A browser is shown a page, whose button does it; the page itself changes nothing.
        using var browser = app.CreateClient();
        browser.DefaultRequestHeaders.Accept.ParseAdd("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8");
        var page = await browser.Get(path);
        Assert.Equal((HttpStatusCode.OK, "text/html", "Accept"), (page.StatusCode, page.Content.Headers.ContentType?.MediaType, page.Headers.Vary.Single(name => name == "Accept")));
        Assert.Contains("form-action 'self'", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        var shown = await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Contains("<form method=\"post\">", shown, StringComparison.Ordinal);
        Assert.Contains("order.confirmed", shown, StringComparison.Ordinal);
        Assert.DoesNotContain(reader.User.Email!, shown, StringComparison.OrdinalIgnoreCase);
        // Programs that look at links change nothing.
        Assert.True((await (await app.Guest.Get(path)).Body()).GetProperty("isOn").GetBoolean());
        using var oneClick = new FormUrlEncodedContent([new("List-Unsubscribe", "One-Click")]);
        var ended = await (await app.Guest.PostAsync(path, oneClick, TestContext.Current.CancellationToken)).Body();
        Assert.Equal(("order.confirmed", "email", false), (ended.Text("kind"), ended.Text("channel"), ended.GetProperty("isOn").GetBoolean()));
        Assert.Equal(ended.GetRawText(), (await (await app.Guest.Post(path)).Body()).GetRawText());
        using var pressed = new FormUrlEncodedContent([]);
        var done = await browser.PostAsync(path, pressed, TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.OK, "text/html"), (done.StatusCode, done.Content.Headers.ContentType?.MediaType));
        Assert.DoesNotContain("<form", await done.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal((true, false, false, true), Of(await (await reader.Client.Get(Path)).Body(), "order.confirmed"));

        await app.Confirmed(reader);
        // That an order came in is another kind.
        Assert.Equal(3, reader.Mails.Length);
        foreach (var bad in (string[])[path[..^1] + (path[^1] == 'A' ? 'B' : 'A'), path[..^5], $"{Reader.Path}/unsubscribe/qun_"])
            Assert.Equal("not_found", await (await app.Guest.Post(bad)).Refusal(HttpStatusCode.NotFound));
    }

    [Fact]
    public async Task What_a_mail_server_says_is_in_the_log_without_the_address()
    {
        var reader = await app.Reader();
        app.Mails.OnRecipient = to => to.Contains(reader.User.Email!, StringComparison.Ordinal) ? $"550 5.1.1 nobody called {reader.User.Email} here" : null;
        await app.Place(new Shop.Person(reader.Id, reader.Client));
        await app.RunJobs();
        app.Mails.OnRecipient = _ => null;
        var line = Assert.Single(await app.LogOf(reader, "&channel=email"));
        Assert.Equal(("failed", "refused"), (line.Text("status"), line.Text("reason")));
        Assert.Contains("550", line.Text("detail"), StringComparison.Ordinal);
        Assert.DoesNotContain(reader.User.Email!, line.GetRawText(), StringComparison.OrdinalIgnoreCase);
        // A dead mail is an operator's to send again, and then it is sent.
        var job = (await (await (await app.Admin()).Get("/api/v1/jobs?kind=platform.send-mail&state=dead")).Body()).GetProperty("data")[0].Id();
        await (await (await app.Admin()).Post($"/api/v1/jobs/{job}/retry")).Body();
        await app.RunJobs();
        Assert.Equal("sent", Assert.Single(await app.LogOf(reader, "&channel=email")).Text("status"));
    }

    /// <summary>Quiet from some hours ago until some hours ahead, on the clocks of the shop.</summary>
    private object Now(int from, int until)
    {
        var here = TimeZoneInfo.ConvertTime(app.Clock.GetUtcNow(), TimeZoneInfo.FindSystemTimeZoneById("America/Sao_Paulo"));
        return new { from = here.AddHours(from).ToString("HH:mm", CultureInfo.InvariantCulture), until = here.AddHours(until).ToString("HH:mm", CultureInfo.InvariantCulture), timeZone = "America/Sao_Paulo" };
    }

    private static DateTimeOffset At(string instant) => DateTimeOffset.Parse(instant, CultureInfo.InvariantCulture);

    private static (bool? InApp, bool? Email, bool? Sms, bool? Push) Of(System.Text.Json.JsonElement preferences, string kind)
    {
        var choice = preferences.GetProperty("kinds").EnumerateArray().Single(choice => choice.Text("kind") == kind);
        return (Is("inApp"), Is("email"), Is("sms"), Is("push"));

        bool? Is(string name) => choice.GetProperty(name).ValueKind == System.Text.Json.JsonValueKind.Null ? null : choice.GetProperty(name).GetBoolean();
    }
}
