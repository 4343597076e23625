using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Quitanda.Accounts;
using Quitanda.Accounts.Users;
using Quitanda.Notifications.Webhooks;
using Quitanda.Platform;
using Quitanda.Tests.Accounts;
using Quitanda.Tests.Catalog;

namespace Quitanda.Tests.Notifications;

/// <summary>What endpoints are told, how it is tried, and who may say so.</summary>
public sealed class WebhookTests(WebhookApp app) : IClassFixture<WebhookApp>, IAsyncDisposable
{
    public ValueTask DisposeAsync() => app.ForgetEndpoints();

    [Fact]
    public async Task An_endpoint_is_told_of_what_it_asked_for_signed_and_of_nobodys_name()
    {
        await using var orders = new HookServer();
        await using var all = new HookServer();
        var admin = await app.Admin();
        var (path, secret) = await admin.AddEndpoint(orders.Url, "order.*");
        await admin.AddEndpoint(all.Url);
        await app.Happens();
        await app.WithDb(db =>
        {
            db.Publish(new UserRegistered(Guid.CreateVersion7()));
            return Task.FromResult(true);
        });
        await app.RunJobs();

        var received = Assert.Single(orders.Received);
        Assert.Equal(("order.status_changed", "confirmed"), (received.Json.Text("type"), received.Json.GetProperty("data").Text("status")));
        Assert.Equal("id type occurredAt data", string.Join(' ', received.Json.EnumerateObject().Select(member => member.Name)));
        Assert.Equal((received.Id, "application/json"), (received.Json.Text("id"), received.Headers["content-type"]));
        Assert.Equal(app.Clock.GetUtcNow(), received.Json.GetProperty("occurredAt").GetDateTimeOffset());
        Assert.Equal(app.Clock.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture), received.Headers["webhook-timestamp"]);
        Assert.Equal(Signed(secret, received), received.Headers["webhook-signature"]);
        Assert.False(received.Headers.ContainsKey("traceparent"));

        var registered = Assert.Single(all.Received, one => one.Json.Text("type") == "user.registered");
        Assert.Equal("userId", string.Join(' ', registered.Json.GetProperty("data").EnumerateObject().Select(member => member.Name)));
        Assert.Contains(all.Received, one => one.Id == received.Id && one.Body == received.Body);

        var delivery = Assert.Single(await admin.Deliveries(path));
        Assert.Equal(("delivered", received.Id, 1), (delivery.Text("status"), delivery.Text("eventId"), delivery.GetProperty("attemptCount").GetInt32()));
        Assert.Equal(200, Assert.Single(delivery.GetProperty("attempts").EnumerateArray()).GetProperty("statusCode").GetInt32());
        Assert.Equal(delivery.GetRawText(), (await (await admin.Get($"/api/v1/webhook-deliveries/{delivery.Id()}")).Body()).GetRawText());
        Assert.Empty(await admin.Deliveries(path, "&status=failed"));
        Assert.Single(await admin.Deliveries(path, "&status=delivered&type=order.status_changed"));
    }

    [Fact]
    public async Task What_fails_is_tried_for_three_days_under_one_id_admins_hear_once_and_it_can_be_asked_for_again()
    {
        await using var server = new HookServer();
        server.Answer("500 Oh", "<b>no</b>\u0001");
        var user = await app.Insert(Roles.Customer | Roles.Admin);
        var (path, _) = await app.As(user).AddEndpoint(server.Url, "order.status_changed");
        await app.Happens();
        var begun = app.Clock.GetUtcNow();
        for (var attempt = 1; attempt <= Retries.AtMost; attempt++)
        {
            await app.RunJobs();
            var delivery = Assert.Single(await app.As(user).Deliveries(path));
            var last = attempt == Retries.AtMost;
            Assert.Equal((last ? "failed" : "waiting", "status", attempt), (delivery.Text("status"), delivery.Text("error"), delivery.GetProperty("attemptCount").GetInt32()));
            Assert.Equal((500, "<b>no</b>"), (delivery.GetProperty("attempts")[0].GetProperty("statusCode").GetInt32(), delivery.GetProperty("attempts")[0].Text("answer")));
            Assert.Equal(attempt >= Retries.UntilTold ? 1 : 0, await LettersTo(user, "notifications.endpoint-failing"));
            if (!last)
                app.Clock.Advance(delivery.GetProperty("nextAt").GetDateTimeOffset() - app.Clock.GetUtcNow());
        }

        Assert.InRange(app.Clock.GetUtcNow() - begun, TimeSpan.FromDays(2.6), Retries.LongestInAll);
        Assert.Single(server.Received.Select(one => (one.Id, one.Body)).Distinct());
        Assert.Equal(JsonValueKind.String, (await (await app.As(user).Get(path)).Body()).GetProperty("failingSince").ValueKind);

        server.Answer();
        var failed = Assert.Single(await app.As(user).Deliveries(path, "&status=failed"));
        Assert.Equal("waiting", (await (await app.As(user).Post($"/api/v1/webhook-deliveries/{failed.Id()}/redeliver")).Body(HttpStatusCode.Accepted)).Text("status"));
        await app.RunJobs();
        Assert.Equal("delivered", Assert.Single(await app.As(user).Deliveries(path)).Text("status"));
        Assert.Equal(JsonValueKind.Null, (await (await app.As(user).Get(path)).Body()).GetProperty("failingSince").ValueKind);
        Assert.Single(server.Received.Select(one => one.Id).Distinct(StringComparer.Ordinal));
    }

    [Fact]
    public async Task One_that_is_gone_is_disabled_at_once_admins_are_told_and_what_failed_comes_when_it_is_back()
    {
        await using var server = new HookServer();
        server.Answer("410 Gone");
        var user = await app.Insert(Roles.Customer | Roles.Admin);
        var (path, _) = await app.As(user).AddEndpoint(server.Url, "order.status_changed");
        var since = app.Clock.GetUtcNow();
        await app.Happens(times: 5);
        await app.RunJobs();

        var endpoint = await (await app.As(user).Get(path)).Body();
        Assert.Equal((false, "gone"), (endpoint.GetProperty("isEnabled").GetBoolean(), endpoint.Text("disabledReason")));
        // Not one call for each: what waited has failed with it.
        Assert.InRange(server.Received.Count, 1, Deliver.AtOnce);
        Assert.Equal(5, (await app.As(user).Deliveries(path, "&status=failed")).Count);
        Assert.Equal(1, await LettersTo(user, "notifications.endpoint-disabled"));
        Assert.Equal("endpoint_disabled", await (await app.As(user).Post($"{path}/test")).Refusal(HttpStatusCode.Conflict));
        Assert.Equal("endpoint_disabled", await (await app.As(user).Post($"{path}/redeliver", new { since })).Refusal(HttpStatusCode.Conflict));
        await app.Happens();
        await app.RunJobs();
        Assert.Equal(5, (await app.As(user).Deliveries(path)).Count);

        server.Answer();
        server.Received.Clear();
        await (await app.As(user).Patch(path, new { isEnabled = true })).Body();
        var again = await (await app.As(user).Post($"{path}/redeliver", new { since })).Body(HttpStatusCode.Accepted);
        Assert.Equal((5, false), (again.GetProperty("redelivered").GetInt32(), again.GetProperty("hasMore").GetBoolean()));
        await app.RunJobs();
        Assert.Equal(5, server.Received.Select(one => one.Id).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(5, (await app.As(user).Deliveries(path, "&status=delivered")).Count);
    }

    [Fact]
    public async Task One_that_answers_nothing_well_for_days_is_disabled()
    {
        await using var server = new HookServer();
        server.Answer("404 Not Found");
        var user = await app.Insert(Roles.Customer | Roles.Admin);
        var (path, _) = await app.As(user).AddEndpoint(server.Url, "order.status_changed");
        await app.Happens();
        await app.RunJobs();
        app.Clock.Advance(TimeSpan.FromDays(4));
        await app.RunJobs();
        Assert.True((await (await app.As(user).Get(path)).Body()).GetProperty("isEnabled").GetBoolean());
        app.Clock.Advance(TimeSpan.FromDays(1.1));
        await app.RunJobs();
        Assert.Equal("failing", (await (await app.As(user).Get(path)).Body()).Text("disabledReason"));
        Assert.Equal(1, await LettersTo(user, "notifications.endpoint-disabled"));
    }

    [Fact]
    public async Task Secrets_are_shown_once_sealed_where_they_are_kept_and_two_sign_while_one_is_replaced()
    {
        await using var server = new HookServer();
        var user = await app.Insert(Roles.Customer | Roles.Admin);
        var admin = app.As(user);
        var key = ("Idempotency-Key", $"{Guid.CreateVersion7()}");
        var made = await (await admin.Send(HttpMethod.Post, Hooks.Endpoints, JsonSerializer.Serialize(new { url = server.Url, events = "webhook.test".Split(' ') }), key)).Body(HttpStatusCode.Created);
        Assert.Equal("already_done", await (await admin.Send(HttpMethod.Post, Hooks.Endpoints, JsonSerializer.Serialize(new { url = server.Url, events = "webhook.test".Split(' ') }), key)).Refusal(HttpStatusCode.Conflict));
        var (path, first) = ($"{Hooks.Endpoints}/{made.Id()}", made.Text("secret"));
        Assert.Matches("^whsec_[A-Za-z0-9+/]{43}=$", first);

        var second = await (await admin.Post($"{path}/rotate-secret")).Body();
        Assert.Equal("two_secrets_live", await (await admin.Post($"{path}/rotate-secret")).Refusal(HttpStatusCode.Conflict));
        Assert.Equal($"{Signed(second.Text("secret"), await Tested(app.As(user), path, server))} {Signed(first, server.Received.Last())}", server.Received.Last().Headers["webhook-signature"]);
        foreach (var shown in (string[])[(await (await admin.Get(path)).Body()).GetRawText(), (await (await admin.Get(Hooks.Endpoints)).Body()).GetRawText()])
        {
            Assert.DoesNotContain("whsec_", shown, StringComparison.Ordinal);
            Assert.DoesNotContain(first[6..], shown, StringComparison.Ordinal);
        }

        Assert.Equal(0, await app.Scalar<long>($"select count(*) from notifications.webhook_endpoints where position({Convert.FromBase64String(first[6..])} in secret) > 0 or position({Convert.FromBase64String(first[6..])} in old_secret) > 0"));

        // After its hours the older one signs no more; or when it is ended.
        app.Clock.Advance(TimeSpan.FromHours(24.1));
        Assert.Equal(Signed(second.Text("secret"), await Tested(app.As(user), path, server)), server.Received.Last().Headers["webhook-signature"]);
        var third = await (await app.As(user).Post($"{path}/rotate-secret")).Body();
        Assert.Equal(JsonValueKind.Null, (await (await app.As(user).Post($"{path}/end-old-secret")).Body()).GetProperty("oldSecretEndsAt").ValueKind);
        Assert.Equal(Signed(third.Text("secret"), await Tested(app.As(user), path, server)), server.Received.Last().Headers["webhook-signature"]);
    }

    [Fact]
    public async Task A_deleted_endpoint_is_told_nothing_more_and_leaves_nothing()
    {
        await using var server = new HookServer();
        var admin = await app.Admin();
        var (path, _) = await admin.AddEndpoint(server.Url, "order.status_changed");
        await app.Happens();
        Assert.Equal(HttpStatusCode.NoContent, (await admin.Delete(path)).StatusCode);
        await app.RunJobs();
        Assert.Empty(server.Received);
        foreach (var gone in (string[])[path, $"{path}/deliveries"])
            Assert.Equal(HttpStatusCode.NotFound, (await admin.Get(gone)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await admin.Delete(path)).StatusCode);
        app.Clock.Advance(ForgetEndpoints.Period);
        await app.InScope(async provider =>
        {
            await new ForgetEndpoints(provider.GetRequiredService<Db>()).Handle(new(app.Clock.GetUtcNow()), CancellationToken.None);
            return true;
        });
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from notifications.webhook_endpoints where id = {Guid.Parse(path[^36..])}"));
    }

    [Fact]
    public async Task Whoever_gets_nothing_for_half_an_hour_is_told_of_however_seldom_each_is_tried_and_a_new_address_begins_anew()
    {
        await using var server = new HookServer();
        server.Answer("500 Oh");
        var user = await app.Insert(Roles.Customer | Roles.Admin);
        var (path, _) = await app.As(user).AddEndpoint(server.Url, "order.status_changed");
        await app.Happens();
        await app.RunJobs();
        app.Clock.Advance(TimeSpan.FromMinutes(29));
        Assert.Equal(0, await LettersTo(user, "notifications.endpoint-failing"));
        app.Clock.Advance(TimeSpan.FromMinutes(2));
        await app.Happens();
        Assert.Equal(1, await LettersTo(user, "notifications.endpoint-failing"));
        Assert.All(await app.As(user).Deliveries(path), delivery => Assert.True(delivery.GetProperty("attemptCount").GetInt32() < Retries.UntilTold));

        Assert.NotEqual(JsonValueKind.Null, (await (await app.As(user).Patch(path, new { url = server.Url })).Body()).GetProperty("failingSince").ValueKind);
        await using var other = new HookServer();
        other.Answer("500 Oh");
        Assert.Equal(JsonValueKind.Null, (await (await app.As(user).Patch(path, new { url = other.Url })).Body()).GetProperty("failingSince").ValueKind);
        app.Clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(2, await LettersTo(user, "notifications.endpoint-failing"));
        Assert.NotEmpty(other.Received);
    }

    [Fact]
    public async Task However_much_waits_for_an_endpoint_it_is_disabled_or_deleted_at_once_and_what_waits_fails_afterwards()
    {
        const int Waiting = 2500;
        var admin = await app.Admin();
        var (disabled, deleted) = ((await admin.AddEndpoint("https://hooks.example.com/a", "webhook.test")).Path, (await admin.AddEndpoint("https://hooks.example.com/b", "webhook.test")).Path);
        foreach (var path in (string[])[disabled, deleted])
            await app.Execute($"""
                with happened as (
                    insert into notifications.events (id, type, occurred_at, data, created_at)
                    select gen_random_uuid(), 'webhook.test', {app.Clock.GetUtcNow()}, {Sql.Raw("'{}'")}, {app.Clock.GetUtcNow()} from generate_series(1, {Waiting}) returning id)
                insert into notifications.webhook_deliveries (id, event_id, endpoint_id, type, status, next_at, created_at, updated_at)
                select gen_random_uuid(), id, {Guid.Parse(path[^36..])}, 'webhook.test', 'waiting', {app.Clock.GetUtcNow().AddDays(1)}, {app.Clock.GetUtcNow()}, {app.Clock.GetUtcNow()} from happened
                """);

        // Somebody works at what waits, for as long as this takes.
        await using (var source = NpgsqlDataSource.Create(app.ConnectionString))
        await using (var connection = await source.OpenConnectionAsync(TestContext.Current.CancellationToken))
        await using (await connection.BeginTransactionAsync(TestContext.Current.CancellationToken))
        {
            await using var locking = new NpgsqlCommand("select from notifications.webhook_deliveries where status = 'waiting' for update", connection);
            await locking.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
            Assert.False((await (await admin.Patch(disabled, new { isEnabled = false })).Body()).GetProperty("isEnabled").GetBoolean());
            Assert.Equal(HttpStatusCode.NoContent, (await admin.Delete(deleted)).StatusCode);
        }

        await app.RunJobs();
        Assert.Equal(Waiting, await app.Scalar<long>($"select count(*) from notifications.webhook_deliveries where endpoint_id = {Guid.Parse(disabled[^36..])} and status = 'failed' and error = 'disabled'"));
    }

    [Fact]
    public async Task An_address_that_is_too_long_once_it_is_written_out_is_refused()
    {
        var url = $"https://hooks.example.com/{new string('ã', 1000)}";
        var admin = await app.Admin();
        Assert.Equal("validation_failed", await (await admin.Post(Hooks.Endpoints, new { url, events = "*".Split(' ') })).Refusal(HttpStatusCode.BadRequest));
        var (path, _) = await admin.AddEndpoint("https://hooks.example.com/");
        Assert.Equal("validation_failed", await (await admin.Patch(path, new { url })).Refusal(HttpStatusCode.BadRequest));
    }

    [Theory]
    [InlineData("http://10.0.0.7/hook")]
    [InlineData("https://a\u200db.example.com/")]
    [InlineData("https://169.254.169.254/latest")]
    [InlineData("https://ana:word@hooks.example.com/")]
    [InlineData("https://[::1]/hook")]
    [InlineData("ftp://hooks.example.com/")]
    [InlineData("hooks.example.com")]
    public async Task An_address_that_is_not_everybodys_is_refused(string url) =>
        Assert.Equal("validation_failed", await (await (await app.Admin()).Post(Hooks.Endpoints, new { url, events = "*".Split(' ') })).Refusal(HttpStatusCode.BadRequest));

    [Fact]
    public async Task Who_asks_for_what_there_is_not_is_told_what_there_is_and_only_admins_ask()
    {
        var admin = await app.Admin();
        var refused = await admin.Post(Hooks.Endpoints, new { url = "https://hooks.example.com/", events = "order.* order.eaten".Split(' ') });
        var problem = await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Contains("events[1]", problem, StringComparison.Ordinal);
        Assert.Contains("order.status_changed", problem, StringComparison.Ordinal);
        foreach (var other in (HttpClient[])[await app.Staff(), await app.Customer()])
        {
            Assert.Equal(HttpStatusCode.Forbidden, (await other.Get(Hooks.Endpoints)).StatusCode);
            Assert.Equal(HttpStatusCode.Forbidden, (await other.Get("/api/v1/events")).StatusCode);
        }
    }

    /// <summary>Sends a test and gives what came.</summary>
    private async Task<Received> Tested(HttpClient admin, string path, HookServer server)
    {
        server.Received.Clear();
        await (await admin.Post($"{path}/test")).Body(HttpStatusCode.Accepted);
        await app.RunJobs();
        return Assert.Single(server.Received);
    }

    /// <summary>A signature as a receiver makes it: HMAC-SHA256 of id, time and body, keyed by the secret.</summary>
    private static string Signed(string secret, Received received) => "v1," + Convert.ToBase64String(HMACSHA256.HashData(
        Convert.FromBase64String(secret["whsec_".Length..]), Encoding.UTF8.GetBytes($"{received.Id}.{received.Headers["webhook-timestamp"]}.{received.Body}")));

    private async Task<int> LettersTo(User user, string template)
    {
        await app.RunJobs();
        return (await (await app.Guest.Get("/dev/mail.json")).Body()).GetProperty("data").EnumerateArray().Count(mail => mail.Text("toAddress") == user.Email && mail.Text("template") == template);
    }
}
