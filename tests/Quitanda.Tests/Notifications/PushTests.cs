using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Quitanda.Notifications.WebPush;
using Quitanda.Ordering;
using Quitanda.Tests.Accounts;
using Quitanda.Tests.Catalog;

namespace Quitanda.Tests.Notifications;

/// <summary>Messages to browsers: by the standards that browsers hold us to, and to nowhere inside.</summary>
public sealed class PushTests(NoticesApp app) : IClassFixture<NoticesApp>
{
    private const string Path = "/api/v1/push-subscriptions";

    [Fact]
    public void The_RFCs_own_example_is_encrypted_as_the_RFC_says()
    {
        // RFC 8291, appendix A.
        static byte[] Read(string text) => Base64Url.DecodeFromChars(text);
        var ours = PushCipher.Read(Read("BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8"));
        ours.D = Read("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw");
        using var key = ECDiffieHellman.Create(ours);
        var message = PushCipher.Encrypt(
            Encoding.UTF8.GetBytes("When I grow up, I want to be a watermelon"),
            Read("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"), Read("BTBZMqHH6r4Tts7J_aSIgg"), key, Read("DGv6ra1nlYgDCS1FRnbzlw"));
        Assert.Equal(
            "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN",
            Base64Url.EncodeToString(message));
        Assert.Throws<ArgumentOutOfRangeException>(() => PushCipher.Encrypt(new byte[PushCipher.LongestPlain + 1], PushCipher.PointOf(ours), new byte[16]));
        Assert.Equal(4096, PushCipher.Encrypt(new byte[PushCipher.LongestPlain], PushCipher.PointOf(ours), new byte[16]).Length);
    }

    [Fact]
    public async Task A_browser_that_subscribed_reads_what_its_person_is_told_and_knows_who_says_it()
    {
        app.Providers.BeWell();
        var reader = await app.Reader("en");
        var key = (await (await app.Guest.Get("/api/v1/push-key")).Body()).Text("publicKey");
        using var browser = await reader.Subscribe();
        using var other = await reader.Subscribe();
        using var strangers = await (await app.Reader()).Subscribe();
        var order = await app.Confirmed(reader);

        Assert.Equal(new[] { browser.Endpoint, other.Endpoint }.Order(StringComparer.Ordinal), app.Providers.Pushed.Select(message => message.Endpoint).Order(StringComparer.Ordinal), StringComparer.Ordinal);
        var message = app.Providers.Pushed.Single(message => message.Endpoint == browser.Endpoint);
        var told = browser.Read(message, key, app.Clock.GetUtcNow());
        var notice = (await reader.Notices())[0];
        Assert.Equal((notice.Id(), "order.confirmed", notice.Text("title"), notice.Text("body")), (told.Id(), told.Text("kind"), told.Text("title"), told.Text("body")));
        Assert.Equal(order.Id(), told.GetProperty("data").GetProperty("orderId").GetGuid());
        Assert.Equal(("21600", "normal"), (message.Headers["TTL"], message.Headers["Urgency"]));
        Assert.Matches("^[A-Za-z0-9_-]{1,32}$", message.Headers["Topic"]);
        Assert.ThrowsAny<Exception>(() => other.Read(message, key, app.Clock.GetUtcNow()));
        Assert.Equal(["sent", "sent"], (await app.LogOf(reader, "&channel=push")).Select(line => line.Text("status")), StringComparer.Ordinal);
        Assert.Equal(key, (await (await app.Guest.Get("/api/v1/push-key")).Body()).Text("publicKey"));
        // Nobody finds the private half in the database.
        Assert.True(await app.Scalar<int>($"select length(private_key) from notifications.vapid_keys") > 32);
    }

    [Fact]
    public async Task Push_services_that_hang_hold_up_no_mail()
    {
        app.Providers.BeWell();
        var reader = await app.Reader();
        using var first = await reader.Subscribe();
        using var second = await reader.Subscribe();
        var (hanging, gone, gate) = (0, 0, new TaskCompletionSource());
        app.Providers.OnPush = async http =>
        {
            await using var heard = http.RequestAborted.Register(() => Interlocked.Increment(ref gone));
            Interlocked.Increment(ref hanging);
            await gate.Task;
            return null;
        };
        await app.WithDb(db =>
        {
            db.Publish(new OrderStatusChanged(Guid.CreateVersion7(), 77, reader.Id, "confirmed", app.Clock.GetUtcNow()));
            return Task.FromResult(true);
        });
        await using var other = await app.StartBeside(
        [
            .. app.Settings, ("Jobs:Enabled", "true"), ("Jobs:OutsideRunners", "1"), ("WebPush:TimeoutSeconds", "20"),
        ]);
        await Eventually.Happens(() => Volatile.Read(ref hanging) > 0, "A push that hangs");
        await app.Place(new Ordering.Shop.Person(reader.Id, reader.Client));
        await Eventually.Happens(() => reader.Mails.Length > 0, "The mail");
        Assert.Equal(0, Volatile.Read(ref gone));
        gate.SetResult();
        await Eventually.Happens(async () => (await app.LogOf(reader, "&channel=push&status=sent")).Length == 2, "Both pushes");
    }

    [Theory]
    [InlineData(404)]
    [InlineData(410)]
    public async Task A_browser_that_is_gone_is_forgotten(int status)
    {
        app.Providers.BeWell();
        var reader = await app.Reader();
        using var browser = await reader.Subscribe();
        app.Providers.OnPush = _ => Task.FromResult<IResult?>(Results.StatusCode(status));
        await app.Confirmed(reader);
        Assert.Empty((await (await reader.Client.Get(Path)).Body()).GetProperty("data").EnumerateArray());
        var line = Assert.Single(await app.LogOf(reader, "&channel=push"));
        Assert.Equal(("failed", "unsubscribed"), (line.Text("status"), line.Text("reason")));
        await app.Confirmed(reader);
        await app.Later(TimeSpan.FromHours(2));
        Assert.Single(app.Providers.Pushed);
    }

    [Theory]
    [InlineData(503)]
    [InlineData(429)]
    [InlineData(0)]
    public async Task A_push_service_that_fails_is_asked_again_when_it_says(int status)
    {
        app.Providers.BeWell();
        var reader = await app.Reader();
        using var browser = await reader.Subscribe();
        app.Providers.OnPush = http =>
        {
            http.Response.Headers.RetryAfter = "1800";
            return status == 0 ? Providers.Stall(http) : Task.FromResult<IResult?>(Results.StatusCode(status));
        };
        await app.Confirmed(reader);
        app.Providers.OnPush = _ => Task.FromResult<IResult?>(null);
        await app.Later(TimeSpan.FromMinutes(29));
        Assert.Equal(status == 0 ? 2 : 1, app.Providers.Pushed.Count);
        await app.Later(TimeSpan.FromMinutes(5));
        Assert.Equal(2, app.Providers.Pushed.Count);
        Assert.Single(app.Providers.Pushed.Select(message => message.Headers["Topic"]).Distinct(StringComparer.Ordinal));
        Assert.Equal("sent", Assert.Single(await app.LogOf(reader, "&channel=push")).Text("status"));
    }

    [Theory]
    [InlineData(400)]
    [InlineData(403)]
    [InlineData(413)]
    [InlineData(307)]
    public async Task What_a_push_service_refuses_is_refused_and_nobody_is_led_elsewhere(int status)
    {
        app.Providers.BeWell();
        var reader = await app.Reader();
        using var browser = await reader.Subscribe();
        app.Providers.OnPush = http =>
        {
            http.Response.Headers.Location = $"{app.Providers.Url}/push/elsewhere";
            return Task.FromResult<IResult?>(Results.StatusCode(status));
        };
        await app.Confirmed(reader);
        await app.Later(TimeSpan.FromHours(2));
        Assert.Single(app.Providers.Pushed);
        var line = Assert.Single(await app.LogOf(reader, "&channel=push"));
        Assert.Equal(("failed", "refused", $"{status}"), (line.Text("status"), line.Text("reason"), line.Text("detail")));
        Assert.Single((await (await reader.Client.Get(Path)).Body()).GetProperty("data").EnumerateArray());
    }

    [Fact]
    public async Task A_browser_is_known_by_its_endpoint_and_is_whose_it_was_last()
    {
        app.Providers.BeWell();
        var (ana, bia) = (await app.Reader(), await app.Reader());
        using var browser = new Browser(app.Providers.Url);
        var first = await (await ana.Client.Post(Path, browser.Subscription(expirationTime: 1_900_000_000_000))).Body(HttpStatusCode.Created);
        Assert.Equal((browser.Endpoint, 2030), (first.Text("endpoint"), first.GetProperty("expiresAt").GetDateTimeOffset().Year));
        Assert.Equal(first.Id(), (await (await ana.Client.Post(Path, browser.Subscription())).Body(HttpStatusCode.Created)).Id());
        Assert.Equal("not_found", await (await bia.Client.Get($"{Path}/{first.Id()}")).Refusal(HttpStatusCode.NotFound));
        Assert.Equal("not_found", await (await bia.Client.Delete($"{Path}/{first.Id()}")).Refusal(HttpStatusCode.NotFound));
        await (await bia.Client.Post(Path, browser.Subscription())).Body(HttpStatusCode.Created);
        await app.Confirmed(ana);
        Assert.Empty(app.Providers.Pushed);
        await app.Confirmed(bia);
        Assert.Single(app.Providers.Pushed);
        Assert.Equal(HttpStatusCode.NoContent, (await bia.Client.Delete($"{Path}/{first.Id()}")).StatusCode);
        Assert.Equal("not_found", await (await bia.Client.Delete($"{Path}/{first.Id()}")).Refusal(HttpStatusCode.NotFound));
    }

    [Fact]
    public async Task One_person_has_so_many_browsers_at_the_most_and_the_oldest_goes()
    {
        var reader = await app.Reader();
        List<string> endpoints = [];
        for (var at = 0; at < PushSubscriptions.AtMost + 2; at++)
        {
            app.Clock.Advance(TimeSpan.FromSeconds(1));
            using var browser = await reader.Subscribe();
            endpoints.Add(browser.Endpoint);
        }

        var left = (await (await reader.Client.Get($"{Path}?limit=100&sort=createdAt")).Body()).GetProperty("data").EnumerateArray().Select(one => one.Text("endpoint"));
        Assert.Equal(endpoints[2..], left, StringComparer.Ordinal);
        // Also where they come at once.
        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => reader.Subscribe()));
        Assert.Equal(PushSubscriptions.AtMost, await app.Scalar<long>($"select count(*) from notifications.push_subscriptions where person_id = {reader.Id}"));
    }

    [Theory]
    [InlineData("https://10.0.0.7/push", "endpoint")]
    [InlineData("https://169.254.169.254/latest", "endpoint")]
    [InlineData("https://[::1]/push", "endpoint")]
    [InlineData("https://ana:senha@push.example.com/push", "endpoint")]
    [InlineData("ftp://push.example.com/push", "endpoint")]
    [InlineData("push", "endpoint")]
    [InlineData(null, "keys.p256dh", "BAAA", "BTBZMqHH6r4Tts7J_aSIgg")]
    // On no curve.
    [InlineData(null, "keys.p256dh", "BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE", "BTBZMqHH6r4Tts7J_aSIgg")]
    [InlineData(null, "keys.p256dh", "não é", "BTBZMqHH6r4Tts7J_aSIgg")]
    [InlineData(null, "keys.auth", "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4", "BTBZ")]
    public async Task What_no_browser_says_is_refused_by_its_field(
        string? endpoint, string field, string p256dh = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4", string auth = "BTBZMqHH6r4Tts7J_aSIgg")
    {
        var reader = await app.Reader();
        var problem = await (await reader.Client.Post(Path, new { endpoint = endpoint ?? "https://push.example.com/a", keys = new { p256dh, auth } })).Body(HttpStatusCode.BadRequest);
        Assert.Equal([field], problem.GetProperty("errors").EnumerateObject().Select(error => error.Name), StringComparer.Ordinal);
    }

    [Fact]
    public async Task Whoever_goes_leaves_nothing_of_it()
    {
        app.Providers.BeWell();
        var registered = await app.Register();
        var (client, id) = (app.CreateClient(registered.Text("accessToken")), registered.GetProperty("user").Id());
        using var browser = new Browser(app.Providers.Url);
        await (await client.Post(Path, browser.Subscription())).Body(HttpStatusCode.Created);
        await (await client.Send(HttpMethod.Put, $"{Reader.Path}/preferences", new { kinds = new object[] { new { kind = "order.ready", sms = true } }, quietHours = new { from = "01:00", until = "02:00" } })).Body();
        await app.RunJobs();
        var export = (await (await client.Get("/api/v1/users/me/export")).Body()).GetProperty("data");
        Assert.Equal(browser.Endpoint, export.GetProperty("pushSubscriptions")[0].Text("endpoint"));
        Assert.Equal("account.welcome", export.GetProperty("notifications")[0].Text("kind"));
        Assert.Equal("01:00", export.GetProperty("notificationPreferences")[0].GetProperty("quietHours").Text("from"));
        Assert.Equal("accounts.welcome", export.GetProperty("notificationDeliveries")[0].Text("kind"));
        Assert.Equal(HttpStatusCode.NoContent, (await client.Delete("/api/v1/users/me")).StatusCode);
        foreach (var table in (string[])["notices", "deliveries", "preferences", "people", "push_subscriptions"])
            Assert.Equal(0, await app.Scalar<long>($"select count(*) from notifications.{Quitanda.Platform.Sql.Raw(table)} where person_id = {id}"));
    }
}
