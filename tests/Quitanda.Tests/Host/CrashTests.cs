using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Npgsql;

namespace Quitanda.Tests.Host;

/// <summary>The host dies at random moments while orders are placed and paid. What was acknowledged is there, once.</summary>
public sealed class CrashTests(ITestOutputHelper output)
{
    private const int Workers = 16;

    private static readonly int Orders = Size.Of(normal: 80, full: 1000);
    private static readonly int Kills = Size.Of(normal: 3, full: 20);

    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;
    private readonly List<double> _backAfter = [];

    [Fact]
    public async Task Killed_at_random_while_orders_are_placed_and_paid_nothing_acknowledged_is_lost_or_doubled()
    {
        await using var data = new DataFolder();
        var port = HostProcess.FreePort();
        var host = await HostProcess.Serve(HostProcess.SoonGivenUp, data.Path, port);
        using var client = HostProcess.Client(port);
        var stubborn = new StubbornClient(client);
        var people = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(data.Path, "demo-credentials.json"), _ct)).RootElement;
        var staff = await stubborn.SignIn(people.GetProperty("staff"));
        var customer = await stubborn.SignIn(people.GetProperty("customer"));
        var products = await Stocked(client, staff);
        var before = products.Sum(product => product.Stock);

        var next = -1;
        var acknowledged = new (Guid Order, Guid Payment)[Orders];
        var ordered = 0;
        var work = Task.WhenAll(Enumerable.Range(0, Workers).Select(async _ =>
        {
            for (var i = Interlocked.Increment(ref next); i < Orders; i = Interlocked.Increment(ref next))
            {
                acknowledged[i] = await OrderAndPay(stubborn, customer, i, products[i % products.Length].Id, products[(i + 1) % products.Length].Id);
                Interlocked.Increment(ref ordered);
            }
        }));

        for (var kill = 0; kill < Kills; kill++)
        {
            // Somewhere inside the work that is left, so that every kill meets requests in flight.
            var until = (kill + 1) * Orders / (Kills + 1);
            while (Volatile.Read(ref ordered) < until && !work.IsCompleted)
                await Task.Delay(Random.Shared.Next(2, 40), _ct);
            await host.Kill();
            host.Dispose();
            var dead = Stopwatch.GetTimestamp();
            host = await HostProcess.Serve(HostProcess.SoonGivenUp, data.Path, port);
            _backAfter.Add(Stopwatch.GetElapsedTime(dead).TotalSeconds);
        }

        await work;
        await JobsAreDone(data);
        await Check(data, acknowledged, await Stocked(client, staff), before);
        Assert.Equal(0, await host.Interrupt());
        host.Dispose();
        output.WriteLine($"{Orders} orders, {Kills} kills; back after {string.Join(", ", _backAfter.Select(seconds => $"{seconds:0.0}"))} s.");
    }

    private static async Task<(Guid Order, Guid Payment)> OrderAndPay(StubbornClient client, string customer, int i, Guid first, Guid second)
    {
        var order = Id(await client.Ask(HttpMethod.Post, customer, "/api/v1/orders", $"order-{i}", new
        {
            items = new[] { new { productId = first, quantity = 1 }, new { productId = second, quantity = 2 } },
            fulfillment = "pickup",
        }, HttpStatusCode.Created));
        var payment = Id(await client.Ask(HttpMethod.Post, customer, "/api/v1/payments", $"payment-{i}", new { orderId = order, provider = "sandbox", method = "pix" }, HttpStatusCode.Created));
        await client.Ask(HttpMethod.Post, customer, $"/api/v1/sandbox/payments/{payment}/succeed", null, null, HttpStatusCode.OK);
        return (order, payment);
    }

    private async Task Check(DataFolder data, (Guid Order, Guid Payment)[] acknowledged, Product[] after, int before)
    {
        Assert.Equal(Orders, acknowledged.Select(pair => pair.Order).Distinct().Count());
        Assert.Equal(Orders, acknowledged.Select(pair => pair.Payment).Distinct().Count());

        await using var postgres = await data.Join();
        await using var source = NpgsqlDataSource.Create(postgres.ConnectionString);
        var stored = await Guids(source, "select id from ordering.orders where status = 'confirmed' and payment_status = 'paid'");
        Assert.Equal(acknowledged.Select(pair => pair.Order).Order(), stored.Order());
        Assert.Equal(Orders, await Count(source, "select count(*) from ordering.orders"));
        var paid = await Guids(source, "select id from payments.payments where status = 'succeeded'");
        Assert.Equal(acknowledged.Select(pair => pair.Payment).Order(), paid.Order());
        Assert.Equal(Orders, await Count(source, "select count(*) from payments.payments"));
        Assert.Equal(Orders, await Count(source, "select count(*) from payments.sandbox_charges"));
        Assert.Equal(2 * Orders, await Count(source, "select count(*) from ordering.order_items"));
        Assert.Equal(0, await Count(source, "select count(*) from platform.jobs where state = 'dead'"));
        Assert.Equal(before - 3 * Orders, after.Sum(product => product.Stock));
    }

    private async Task JobsAreDone(DataFolder data)
    {
        await using var postgres = await data.Join();
        await using var source = NpgsqlDataSource.Create(postgres.ConnectionString);
        var deadline = Stopwatch.GetTimestamp();
        while (await Count(source, "select count(*) from platform.jobs where state = 'ready' and (unique_key is null or unique_key not like '%@%')") > 0)
        {
            Assert.True(Stopwatch.GetElapsedTime(deadline) < TimeSpan.FromMinutes(1), "A job was stuck for over a minute.");
            await Task.Delay(200, _ct);
        }
    }

    private async Task<Product[]> Stocked(HttpClient client, string staff)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/products?limit=100&sort=name");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", staff);
        using var response = await client.SendAsync(request, _ct);
        var page = await response.Content.ReadFromJsonAsync<JsonElement>(_ct);
        var counted = page.GetProperty("data").EnumerateArray().Where(product => product.TryGetProperty("stock", out var stock) && stock.ValueKind == JsonValueKind.Number).ToArray();
        Product[] products = [.. counted.Select(product => new Product(product.GetProperty("id").GetGuid(), product.GetProperty("stock").GetInt32()))];
        if (products.All(product => product.Stock >= 100_000) || products.Any(product => product.Stock is > 1000))
            return products;

        // Enough for everyone: this is about crashes, not about selling out.
        foreach (var product in products)
        {
            using var patch = new HttpRequestMessage(HttpMethod.Patch, $"/api/v1/products/{product.Id}") { Content = JsonContent.Create(new { stock = 100_000 }) };
            patch.Headers.Authorization = new AuthenticationHeaderValue("Bearer", staff);
            using var patched = await client.SendAsync(patch, _ct);
            Assert.Equal(HttpStatusCode.OK, patched.StatusCode);
        }

        return [.. products.Select(product => product with { Stock = 100_000 })];
    }

    private async Task<List<Guid>> Guids(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync(_ct);
        List<Guid> all = [];
        while (await reader.ReadAsync(_ct))
            all.Add(reader.GetGuid(0));
        return all;
    }

    private async Task<long> Count(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync(_ct))!;
    }

    private static Guid Id(JsonElement made) => made.GetProperty("id").GetGuid();

    private sealed record Product(Guid Id, int Stock);
}
