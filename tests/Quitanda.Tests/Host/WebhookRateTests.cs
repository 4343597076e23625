using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Npgsql;
using Quitanda.Tests.Platform;

namespace Quitanda.Tests.Host;

/// <summary>How fast a provider's call is answered, by a host of its own: providers that wait too long send again, and switch off who keeps them waiting.</summary>
public sealed class WebhookRateTests(TestPostgres postgres, ITestOutputHelper output)
{
    private const int PerSecond = 200;

    private static readonly int WarmSeconds = Size.Of(normal: 1, full: 3);

    private static readonly int Seconds = Size.Of(normal: 2, full: 20);

    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;
    private readonly string _secret = Convert.ToHexString(RandomNumberGenerator.GetBytes(32));

    [Fact]
    public async Task Two_hundred_events_a_second_are_kept_and_answered()
    {
        var database = await postgres.CreateDatabase();
        var took = await Run(database, database, PerSecond, PerSecond * Seconds);

        output.WriteLine($"{took.Length} events at {PerSecond}/s: p50 {took[took.Length / 2]:0.0}, p95 {took[took.Length * 95 / 100]:0.0}, p99 {took[took.Length * 99 / 100]:0.0} ms.");
        // The promise, for a machine that does nothing else.
        if (Size.IsFull)
            Assert.InRange(took[took.Length * 95 / 100], 0, 20);
    }

    [Fact]
    public async Task With_a_database_that_takes_200_ms_longer_an_event_is_answered_within_a_second()
    {
        var database = await postgres.CreateDatabase();
        await using var link = new Link(database);
        link.Slow(200);
        var took = await Run(database, link.ConnectionString, perSecond: 20, count: 20 * Seconds);

        output.WriteLine($"p50 {took[took.Length / 2]:0}, p99 {took[took.Length * 99 / 100]:0} ms.");
        Assert.InRange(took[took.Length * 99 / 100], 200, 1000);
    }

    /// <summary>Sends as many events so often, each at its time whether or not the ones before are answered; gives the milliseconds, sorted.</summary>
    private async Task<double[]> Run(string database, string way, int perSecond, int count)
    {
        var port = HostProcess.FreePort();
        // A provider with keys, which nobody can reach: what these events are about concerns no payment.
        using var host = await HostProcess.ServeOn(way, port, withProbe: false,
            ("Razorpay__KeyId", "rzp_none"), ("Razorpay__KeySecret", _secret), ("Razorpay__WebhookSecrets", _secret), ("Razorpay__BaseUrl", "http://127.0.0.1:9"));
        using var client = HostProcess.Client(port);
        // A host is quick once its code is: as long as any measure here warms up.
        var warm = perSecond * WarmSeconds;
        await Send(client, perSecond, warm, "warm");
        var took = await Send(client, perSecond, count, "event");
        Assert.Equal(0, await host.Terminate());

        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand("select count(*) from payments.webhook_events");
        Assert.Equal((long)count + warm, await command.ExecuteScalarAsync(_ct));
        return took;
    }

    private async Task<double[]> Send(HttpClient client, int perSecond, int count, string name)
    {
        var took = new ConcurrentBag<double>();
        var began = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, count).Select(async i =>
        {
            var wait = TimeSpan.FromSeconds((double)i / perSecond) - Stopwatch.GetElapsedTime(began);
            if (wait > TimeSpan.Zero)
                await Task.Delay(wait, _ct);
            var at = Stopwatch.GetTimestamp();
            await Send(client, $"{name}-{i}");
            took.Add(Stopwatch.GetElapsedTime(at).TotalMilliseconds);
        }));
        return [.. took.Order()];
    }

    private async Task Send(HttpClient client, string id)
    {
        var body = Encoding.UTF8.GetBytes($$"""{"entity":"event","account_id":"acc_none","event":"invoice.paid","contains":["invoice"],"payload":{"invoice":{"entity":{"id":"inv_{{id}}" } } },"created_at":1772636400}""");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/webhooks/razorpay") { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new("application/json");
        request.Headers.Add("X-Razorpay-Signature", Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(_secret), body)));
        request.Headers.Add("X-Razorpay-Event-Id", id);
        using var response = await client.SendAsync(request, _ct);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }
}
