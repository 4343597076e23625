using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Quitanda.Accounts;
using Quitanda.Notifications.Events;
using Quitanda.Ordering;
using Quitanda.Platform;
using Quitanda.Tests.Accounts;
using Quitanda.Tests.Catalog;
using Quitanda.Tests.Content;

namespace Quitanda.Tests.Notifications;

/// <summary>The feed of events: each is there once, whoever commits when, and whoever may have missed some is told so.</summary>
public sealed class EventFeedTests(WebhookApp app) : IClassFixture<WebhookApp>
{
    private const string Feed = "/api/v1/events";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task However_writers_commit_a_reader_that_follows_sees_each_event_once_and_in_one_order()
    {
        var (writers, each) = (Size.Of(6, 16), Size.Of(40, 400));
        var admin = await app.Admin();
        var start = await ToTheEnd(admin, after: null);
        using var gate = new SemaphoreSlim(0);
        var written = new ConcurrentBag<Guid>();
        var writing = Task.WhenAll(Enumerable.Range(0, writers).Select(_ => Task.Run(() => Write(written, each, gate), Ct)));

        List<Guid> seen = [];
        var after = start;
        while (!writing.IsCompleted || seen.Count < writers * each)
        {
            // Each page lets transactions end that were begun at any time before, in whatever order they come to it.
            gate.Release(Random.Shared.Next(1, 4));
            var (ids, next, _) = await Read(admin, after);
            seen.AddRange(ids);
            after = next;
            Assert.True(seen.Count <= writers * each);
        }

        await writing;
        Assert.Equal(written.Order(), seen.Order());
        // Whoever comes later, and in other steps, sees the same in the same order.
        List<Guid> again = [];
        for (var (at, more) = (start, true); more;)
        {
            (var ids, at, more) = await Read(admin, at, limit: 7);
            again.AddRange(ids);
        }

        Assert.Equal(seen, again);
        Assert.Empty((await Read(admin, after)).Ids);
    }

    [Fact]
    public async Task A_job_that_is_done_twice_records_once()
    {
        var admin = await app.Admin();
        var start = await ToTheEnd(admin, after: null);
        var message = new OrderPlaced(Guid.CreateVersion7(), 77, Guid.CreateVersion7(), new(1290, "BRL"));
        for (var i = 0; i < 2; i++)
            await app.InScope(async provider =>
            {
                var job = provider.GetRequiredService<CurrentJob>();
                (job.Number, job.MadeAt) = (9_000_000_077, app.Clock.GetUtcNow());
                await new RecordEvent<OrderPlaced>(provider.GetRequiredService<Db>(), job, app.Clock).Handle(message, Ct);
                return true;
            });
        Assert.Single((await Read(admin, start)).Ids);
    }

    [Fact]
    public async Task A_real_order_is_in_the_feed_from_its_placing_on()
    {
        var (admin, staff, customer) = (await app.Admin(), await app.Staff(), await app.Customer());
        var start = await ToTheEnd(admin, after: null);
        var product = (await staff.AddProduct((await staff.AddCategory()).Id(), stock: 5)).Id();
        var order = await (await customer.Post("/api/v1/orders", new { items = new[] { new { productId = product, quantity = 1 } }, fulfillment = "pickup", paymentMethod = "manual" })).Body(HttpStatusCode.Created);
        await (await staff.Post($"/api/v1/orders/{order.Id()}/confirm")).Body();
        await app.RunJobs();
        var page = await (await admin.Get($"{Feed}?limit=100{After(start)}")).Body();
        var ours = page.GetProperty("data").EnumerateArray().Where(one => one.GetProperty("data").TryGetProperty("orderId", out var id) && id.GetGuid() == order.Id()).ToList();
        Assert.Equal(["order.placed", "order.status_changed"], ours.Select(one => one.Text("type")).Order(StringComparer.Ordinal), StringComparer.Ordinal);
        Assert.Equal(order.GetProperty("total").GetRawText(), ours.Single(one => one.Text("type") == "order.placed").GetProperty("data").GetProperty("total").GetRawText());
        Assert.Single((await (await admin.Get($"{Feed}?type=order.placed{After(start)}")).Body()).GetProperty("data").EnumerateArray());
    }

    [Fact]
    public async Task Whoever_was_away_for_longer_than_events_are_kept_or_over_a_restore_is_told_so()
    {
        var admin = await app.Insert(Roles.Customer | Roles.Admin);
        await app.Happens(times: 3);
        await app.RunJobs();
        var early = (await Read(app.As(admin), after: null, limit: 1)).Next;
        var end = await ToTheEnd(app.As(admin), early);

        app.Clock.Advance(TimeSpan.FromDays(31));
        await app.Happens();
        await app.RunJobs();
        await Forget();
        Assert.Equal("cursor_lost", await (await app.As(admin).Get($"{Feed}?after={early}")).Refusal(HttpStatusCode.Gone));
        // Who had read all that is forgotten has missed nothing.
        Assert.Single((await Read(app.As(admin), end)).Ids);
        var last = (await Read(app.As(admin), end)).Next;

        // A backup of before is restored: its places are given anew, to other events.
        await app.Execute($"delete from notifications.events where position = (select max(position) from notifications.events)");
        await app.Execute($"update notifications.event_feed set last_position = last_position - 1");
        Assert.Equal("cursor_lost", await (await app.As(admin).Get($"{Feed}?after={last}")).Refusal(HttpStatusCode.Gone));
        await app.Happens();
        await app.RunJobs();
        Assert.Equal("cursor_lost", await (await app.As(admin).Get($"{Feed}?after={last}")).Refusal(HttpStatusCode.Gone));
        Assert.Single((await Read(app.As(admin), end)).Ids);
    }

    [Fact]
    public async Task Whoever_reads_one_type_keeps_their_place_though_only_others_happen()
    {
        var user = await app.Insert(Roles.Customer | Roles.Admin);
        var start = await ToTheEnd(app.As(user), after: null);
        await app.Happens(times: 3);
        await app.RunJobs();
        var (ids, next, more) = await Read(app.As(user), start, type: "user.registered");
        Assert.Equal((0, false), (ids.Count, more));
        Assert.Equal(await ToTheEnd(app.As(user), start), next);

        // All of it is forgotten, and nothing of it was missed.
        app.Clock.Advance(TimeSpan.FromDays(31));
        await Forget();
        (ids, next, _) = await Read(app.As(user), next, type: "user.registered");
        Assert.Empty(ids);
        await app.WithDb(db =>
        {
            db.Publish(new UserRegistered(Guid.CreateVersion7()));
            return Task.FromResult(true);
        });
        await app.RunJobs();
        Assert.Single((await Read(app.As(user), next, type: "user.registered")).Ids);
    }

    [Fact]
    public async Task However_many_events_have_no_place_yet_a_reader_of_one_type_is_told_that_there_is_more()
    {
        var admin = await app.Admin();
        var start = await ToTheEnd(admin, after: null);
        var last = Guid.CreateVersion7();
        await app.Execute($"""
            insert into notifications.events (id, type, occurred_at, data, created_at)
            select gen_random_uuid(), 'webhook.test', {app.Clock.GetUtcNow()}, {Sql.Json(new { })}, {app.Clock.GetUtcNow()} from generate_series(1, 2100)
            union all select {last}, 'user.registered', {app.Clock.GetUtcNow().AddSeconds(1)}, {Sql.Json(new { })}, {app.Clock.GetUtcNow()}
            """);
        var (found, at, more) = await Read(admin, start, type: "user.registered");
        for (var pages = 1; more; pages++)
        {
            Assert.Empty(found);
            Assert.InRange(pages, 1, 3);
            (found, at, more) = await Read(admin, at, type: "user.registered");
        }

        Assert.Equal(last, Assert.Single(found));
    }

    [Fact]
    public async Task Old_events_are_forgotten_in_parts_however_many_were_told_of_each()
    {
        const int Events = 60, Endpoints = 100;
        var admin = await app.Admin();
        // A moment of their own.
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        var old = app.Clock.GetUtcNow();
        await app.Execute($"""
            with happened as (
                insert into notifications.events (id, type, occurred_at, data, created_at)
                select gen_random_uuid(), 'webhook.test', {old}, {Sql.Json(new { })}, {old} from generate_series(1, {Events}) returning id),
            told as (
                insert into notifications.webhook_endpoints (id, url, events, disabled_reason, disabled_at, secret, created_at, updated_at)
                select gen_random_uuid(), 'https://hooks.example.com/', array['webhook.test'], 'by_hand', {old}, '', {old}, {old} from generate_series(1, {Endpoints}) returning id)
            insert into notifications.webhook_deliveries (id, event_id, endpoint_id, type, status, delivered_at, created_at, updated_at)
            select gen_random_uuid(), happened.id, told.id, 'webhook.test', 'delivered', {old}, {old}, {old} from happened cross join told
            """);
        await ToTheEnd(admin, after: null);

        app.Clock.Advance(TimeSpan.FromDays(31));
        await Forget();
        Assert.InRange(await Deliveries(), 1, Events * Endpoints - 1);
        Assert.Equal(Events, await app.Scalar<long>($"select count(*) from notifications.events where created_at = {old}"));
        await app.RunJobs();
        Assert.Equal((0, 0), (await Deliveries(), await app.Scalar<long>($"select count(*) from notifications.events where created_at = {old}")));

        Task<long> Deliveries() => app.Scalar<long>($"select count(*) from notifications.webhook_deliveries where created_at = {old}");
    }

    [Fact]
    public async Task Posts_and_comments_are_in_the_feed_and_a_refund_says_which_it_is()
    {
        var (admin, author, reader) = (await app.Admin(), await app.Customer(), await app.Customer());
        var start = await ToTheEnd(admin, after: null);
        var post = (await author.PublishNew()).Id();
        var comment = (await reader.Say(post)).Id();
        await (await app.As(await app.Insert(Roles.Moderator)).Post($"/api/v1/comments/{comment}/hide")).Body();
        await app.RunJobs();
        var told = (await (await admin.Get($"{Feed}?limit=100{After(start)}")).Body()).GetProperty("data").EnumerateArray().Where(one => one.GetProperty("data").TryGetProperty("postId", out var id) && id.GetGuid() == post).ToList();
        Assert.Equal(["comment.hidden", "comment.posted", "post.published"], told.Select(one => one.Text("type")).Order(StringComparer.Ordinal), StringComparer.Ordinal);
        Assert.Equal(2, told.Count(one => one.GetProperty("data").TryGetProperty("commentId", out var id) && id.GetGuid() == comment));
        var types = (await (await admin.Get("/api/v1/event-types")).Body()).GetProperty("data").EnumerateArray();
        Assert.True(types.Single(type => type.Text("type") == "payment.refunded").GetProperty("example").TryGetProperty("refundId", out _));
    }

    [Fact]
    public async Task Every_type_is_listed_and_in_the_documentation_and_no_other_is_asked_for()
    {
        var admin = await app.Admin();
        var types = (await (await admin.Get("/api/v1/event-types")).Body()).GetProperty("data").EnumerateArray().ToList();
        Assert.Equal(EventType.All.Select(type => type.Name), types.Select(type => type.Text("type")), StringComparer.Ordinal);
        var page = await File.ReadAllTextAsync(Path.Combine(Sources.Root, "docs", "api", "webhooks-out.md"), Ct);
        Assert.All(types, type => Assert.Contains($"| `{type.Text("type")}` |", page, StringComparison.Ordinal));
        Assert.All(types, type => Assert.All(type.GetProperty("example").EnumerateObject(), member => Assert.Contains($"`{member.Name}`", page.Split('\n').Single(line => line.StartsWith($"| `{type.Text("type")}` |", StringComparison.Ordinal)), StringComparison.Ordinal)));
        Assert.Equal("validation_failed", await (await admin.Get($"{Feed}?type=order.eaten")).Refusal(HttpStatusCode.BadRequest));
        Assert.Equal("validation_failed", await (await admin.Get($"{Feed}?after=nowhere")).Refusal(HttpStatusCode.BadRequest));
    }

    /// <summary>Writes events in transactions that stay open until somebody lets them end.</summary>
    private async Task Write(ConcurrentBag<Guid> written, int count, SemaphoreSlim gate)
    {
        await using var source = NpgsqlDataSource.Create(app.ConnectionString);
        await using var connection = await source.OpenConnectionAsync(Ct);
        for (var i = 0; i < count; i++)
        {
            var id = Guid.CreateVersion7(app.Clock.GetUtcNow());
            await using var transaction = await connection.BeginTransactionAsync(Ct);
            await using var command = new NpgsqlCommand("insert into notifications.events (id, type, occurred_at, data, created_at) values ($1, 'webhook.test', $2, '{}', $2)", connection, transaction)
            {
                Parameters = { new() { Value = id }, new() { Value = app.Clock.GetUtcNow() } },
            };
            await command.ExecuteNonQueryAsync(Ct);
            await gate.WaitAsync(Ct);
            written.Add(id);
            await transaction.CommitAsync(Ct);
        }
    }

    private static string After(string? cursor) => cursor is null ? "" : $"&after={cursor}";

    private static async Task<string?> ToTheEnd(HttpClient admin, string? after)
    {
        for (var more = true; more;)
            (_, after, more) = await Read(admin, after);
        return after;
    }

    private Task<bool> Forget() => app.InScope(async provider =>
    {
        await ActivatorUtilities.CreateInstance<ForgetEvents>(provider).Handle(new Tick(app.Clock.GetUtcNow()), Ct);
        return true;
    });

    private static async Task<(List<Guid> Ids, string? Next, bool More)> Read(HttpClient admin, string? after, int limit = 100, string? type = null)
    {
        var page = await (await admin.Get($"{Feed}?limit={limit}{After(after)}{(type is null ? "" : $"&type={type}")}")).Body();
        return ([.. page.GetProperty("data").EnumerateArray().Select(one => one.Id())], page.GetProperty("meta").GetProperty("next").GetString(), page.GetProperty("meta").GetProperty("hasNext").GetBoolean());
    }
}
