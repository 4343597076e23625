using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Notifications.Webhooks;
using Quitanda.Platform;
using Quitanda.Tests.Accounts;

namespace Quitanda.Tests.Notifications;

/// <summary>Receivers that are slow, endless, huge, elsewhere or not there: each costs one attempt, and what came of it is told.</summary>
public sealed class BadReceiverTests(WebhookApp app) : IClassFixture<WebhookApp>, IAsyncDisposable
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => app.ForgetEndpoints();

    [Theory]
    [InlineData("hangs", "timeout", null)]
    [InlineData("trickles its head", "timeout", null)]
    [InlineData("has an endless head", "bad_answer", null)]
    [InlineData("speaks no HTTP", "bad_answer", null)]
    [InlineData("answers status 000", "bad_answer", null)]
    [InlineData("answers status 099", "bad_answer", null)]
    [InlineData("answers status 999", "status", 999)]
    [InlineData("has no address", "unreachable", null)]
    [InlineData("has no name that can be looked up", "not_allowed", null)]
    [InlineData("hangs up", "unreachable", null)]
    [InlineData("speaks no TLS", "tls", null)]
    [InlineData("is not there", "unreachable", null)]
    [InlineData("leads inside", "redirect", 302)]
    [InlineData("lies inside", "not_allowed", null)]
    [InlineData("refuses", "status", 403)]
    [InlineData("has a huge body", null, 200)]
    [InlineData("trickles its body", null, 204)]
    public async Task A_bad_receiver_costs_one_attempt(string how, string? error, int? status)
    {
        await using var inside = new HookServer();
        await using var server = new HookServer(how == "speaks no TLS" ? "https" : "http");
        var admin = await app.Admin();
        var (path, _) = await admin.AddEndpoint(server.Url, "order.status_changed");
        switch (how)
        {
            case "hangs":
                server.Hang();
                break;
            case "trickles its head":
                server.OnRequest = (_, stream, ct) => Endlessly(stream, "HTTP/1.1 200 OK\r\n", "x", trickles: true, ct);
                break;
            case "has an endless head":
                server.OnRequest = (_, stream, ct) => Endlessly(stream, "HTTP/1.1 200 OK\r\n", "X-More: and more\r\n", trickles: false, ct);
                break;
            case "speaks no HTTP":
                server.OnRequest = (_, stream, ct) => stream.WriteAsync("220 smtp.example.com ESMTP ready\r\n\r\n"u8.ToArray(), ct).AsTask();
                break;
            case "answers status 000" or "answers status 099" or "answers status 999":
                server.Answer($"{how[^3..]} x");
                break;
            case "has no address" or "has no name that can be looked up":
                // No address that is taken in is like that; what is sent must come to its end whatever is kept.
                await app.Execute($"update notifications.webhook_endpoints set url = {(how == "has no address" ? "nowhere" : "https://a\u200db.example.com/")} where id = {Guid.Parse(path[^36..])}");
                break;
            case "hangs up":
                server.OnRequest = (_, stream, _) =>
                {
                    ((NetworkStream)stream).Socket.LingerState = new(enable: true, seconds: 0);
                    ((NetworkStream)stream).Socket.Close();
                    return Task.CompletedTask;
                };
                break;
            case "is not there":
                await server.DisposeAsync();
                break;
            case "leads inside":
                server.Answer("302 Found", headers: $"Location: {inside.Url}\r\n");
                break;
            case "lies inside":
                await app.Execute($"update notifications.webhook_endpoints set url = 'http://10.0.0.7/hook' where id = {Guid.Parse(path[^36..])}");
                break;
            case "refuses":
                server.Answer("403 Forbidden", "Not you.");
                break;
            case "has a huge body":
                server.OnRequest = (_, stream, ct) => Endlessly(stream, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", new string('x', 65_536), trickles: false, ct);
                break;
            case "trickles its body":
                server.OnRequest = (_, stream, ct) => Endlessly(stream, "HTTP/1.1 204 No Content\r\nContent-Length: 1000000\r\n\r\n", "x", trickles: true, ct);
                break;
        }

        await app.Happens();
        await app.RunJobs();
        var delivery = Assert.Single(await admin.Deliveries(path));
        var attempt = Assert.Single(delivery.GetProperty("attempts").EnumerateArray());
        Assert.Equal((error is null ? "delivered" : "waiting", error), (delivery.Text("status"), attempt.GetProperty("error").GetString()));
        Assert.Equal(status, attempt.GetProperty("statusCode").ValueKind == JsonValueKind.Null ? null : (int?)attempt.GetProperty("statusCode").GetInt32());
        Assert.True(attempt.GetProperty("answer").GetString() is null or { Length: <= 500 });
        Assert.Empty(inside.Received);
    }

    [Fact]
    public async Task A_delivery_whose_job_is_gone_counts_as_an_attempt_that_failed_and_goes_on()
    {
        await using var server = new HookServer();
        server.Answer("500 Oh");
        var user = await app.Insert(Roles.Customer | Roles.Admin);
        var (path, _) = await app.As(user).AddEndpoint(server.Url, "order.status_changed");
        await app.Services.GetRequiredService<JobRunner>().EnsureTimers(Ct);
        await app.Happens(times: 3);
        await app.RunJobs();
        // One job came to its end too often, another was deleted by an operator, and the third is as it should be.
        var kind = $"notifications.deliver:{Guid.Parse(path[^36..]):N}";
        await app.Execute($"update platform.jobs set state = 'dead' where id = (select min(id) from platform.jobs where kind = {kind})");
        await app.Execute($"delete from platform.jobs where id = (select max(id) from platform.jobs where kind = {kind})");

        server.Answer();
        app.Clock.Advance(TimeSpan.FromMinutes(11));
        await app.RunJobs();
        Assert.Single(await app.As(user).Deliveries(path, "&status=delivered"));
        var lost = await app.As(user).Deliveries(path, "&status=waiting");
        Assert.Equal(2, lost.Count);
        Assert.All(lost, delivery => Assert.Equal(("lost", "lost", 2), (delivery.Text("error"), delivery.GetProperty("attempts")[0].Text("error"), delivery.GetProperty("attemptCount").GetInt32())));

        // Found by two at once, each is one attempt.
        await app.Execute($"delete from platform.jobs where kind = {kind}");
        app.Clock.Advance(TimeSpan.FromMinutes(11));
        await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => app.InScope(async provider =>
        {
            await provider.GetRequiredService<FindLost>().Handle(new(app.Clock.GetUtcNow()), Ct);
            return true;
        })));
        Assert.All(await app.As(user).Deliveries(path, "&status=waiting"), delivery => Assert.Equal(3, delivery.GetProperty("attemptCount").GetInt32()));

        app.Clock.Advance(TimeSpan.FromMinutes(34));
        await app.RunJobs();
        Assert.Equal(3, (await app.As(user).Deliveries(path, "&status=delivered")).Count);
        Assert.Equal(3, server.Received.Select(one => one.Id).Distinct(StringComparer.Ordinal).Count());
    }

    private static async Task Endlessly(Stream stream, string first, string more, bool trickles, CancellationToken ct)
    {
        await stream.WriteAsync(Encoding.ASCII.GetBytes(first), ct);
        for (var bytes = Encoding.ASCII.GetBytes(more); ;)
        {
            await stream.WriteAsync(bytes, ct);
            if (trickles)
                // The other process, as it were: a sender that is slow on purpose.
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, ct);
        }
    }
}
