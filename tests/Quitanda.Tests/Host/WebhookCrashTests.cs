using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Npgsql;
using Quitanda.Tests.Notifications;

namespace Quitanda.Tests.Host;

/// <summary>The host dies at random moments while it records events and tells of them. Each arrives, and a double carries the id of the first.</summary>
public sealed class WebhookCrashTests(ITestOutputHelper output)
{
    private static readonly int Events = Size.Of(normal: 150, full: 5000);
    private static readonly int Kills = Size.Of(normal: 3, full: 10);

    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Killed_at_random_while_webhooks_go_out_each_arrives_and_doubles_carry_one_id()
    {
        var settings = new Dictionary<string, string>(HostProcess.SoonGivenUp, StringComparer.Ordinal)
        {
            ["Outside__AllowedNetworks"] = "127.0.0.0/8",
            ["Outside__AllowHttp"] = "true",
            ["Webhooks__TimeoutSeconds"] = "3",
        };
        await using var first = new HookServer();
        await using var second = new HookServer();
        await using var data = new DataFolder();
        var port = HostProcess.FreePort();
        var host = await HostProcess.Serve(settings, data.Path, port);
        try
        {
            using (var client = HostProcess.Client(port))
                await AddEndpoints(client, data, first, second);
            await using var postgres = await data.Join();
            await using var source = NpgsqlDataSource.Create(postgres.ConnectionString);
            // As orders publish them; one of these names is stored for ever, so it may stand here.
            await Execute(source, $$"""
                insert into platform.jobs (kind, payload, run_at)
                select 'notifications.record-order-status-changed', jsonb_build_object('orderId', gen_random_uuid(), 'number', n, 'customerId', gen_random_uuid(), 'status', 'confirmed'), now()
                from generate_series(1, {{Events}}) n
                """);
            for (var kill = 0; kill < Kills; kill++)
            {
                var until = (kill + 1) * 2 * Events / (Kills + 1);
                await Eventually.Happens(() => first.Received.Count + second.Received.Count >= until, "The next part of the deliveries");
                await host.Kill();
                host.Dispose();
                host = await HostProcess.Serve(settings, data.Path, port);
            }

            var begun = Stopwatch.GetTimestamp();
            while (await Count(source, "select count(*) from notifications.webhook_deliveries where status = 'delivered'") < 2 * Events)
            {
                Assert.True(Stopwatch.GetElapsedTime(begun) < TimeSpan.FromMinutes(Size.Of(normal: 2, full: 8)), "Webhooks were stuck.");
                // What another process does cannot be awaited.
                await Task.Delay(100, _ct);
            }

            Assert.Equal(Events, await Count(source, "select count(*) from notifications.events where type = 'order.status_changed'"));
            Assert.Equal(0, await Count(source, "select count(*) from platform.jobs where kind like 'notifications.deliver%' or kind like 'notifications.record%'"));
            Assert.Equal(0, await host.Interrupt());
        }
        finally
        {
            host.Dispose();
        }

        foreach (var server in (HookServer[])[first, second])
        {
            var ids = server.Received.GroupBy(one => one.Id, StringComparer.Ordinal).ToList();
            Assert.Equal(Events, ids.Count);
            // Whoever keeps what they did under the id does it once: what comes twice is the same to the last byte.
            Assert.All(ids, same => Assert.Single(same.Select(one => one.Body).Distinct(StringComparer.Ordinal)));
            Assert.Equal(Enumerable.Range(1, Events), ids.Select(same => same.First().Json.GetProperty("data").GetProperty("number").GetInt32()).Order());
        }

        output.WriteLine($"{2 * Events} deliveries, {Kills} kills, {first.Received.Count + second.Received.Count - 2 * Events} came twice.");
    }

    private async Task AddEndpoints(HttpClient client, DataFolder data, params HookServer[] servers)
    {
        var people = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(data.Path, "demo-credentials.json"), _ct)).RootElement;
        using var signedIn = await client.PostAsJsonAsync("/api/v1/auth/login", people.GetProperty("admin"), _ct);
        var token = (await signedIn.Content.ReadFromJsonAsync<JsonElement>(_ct)).GetProperty("accessToken").GetString()!;
        foreach (var server in servers)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, Hooks.Endpoints) { Content = JsonContent.Create(new { url = server.Url, events = (string[])["order.*"] }) };
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            using var response = await client.SendAsync(request, _ct);
            Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        }
    }

    private async Task Execute(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(_ct);
    }

    private async Task<long> Count(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync(_ct))!;
    }
}
