using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Npgsql;

namespace Quitanda.Tests.Host;

/// <summary>
/// The host dies at random moments while orders are paid at a provider, its events come in, once, twice or in another order, and money goes back. Afterwards the provider,
/// the payments, the orders and the ledger tell the same story.
/// </summary>
public sealed class PaymentCrashTests(ITestOutputHelper output)
{
    private const int Workers = 8;

    private static readonly int Orders = Size.Of(normal: 16, full: 400);
    private static readonly int Kills = Size.Of(normal: 2, full: 20);
    private static readonly string[] Deliveries = ["once", "twice", "out_of_order"];

    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Killed_at_random_while_money_comes_and_goes_provider_payments_orders_and_ledger_agree()
    {
        await using var data = new DataFolder();
        var port = HostProcess.FreePort();
        var host = await HostProcess.Serve(HostProcess.SoonGivenUp, data.Path, port);
        try
        {
            using var client = HostProcess.Client(port);
            var stubborn = new StubbornClient(client);
            var people = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(data.Path, "demo-credentials.json"), _ct)).RootElement;
            var (admin, customer) = (await stubborn.SignIn(people.GetProperty("admin")), await stubborn.SignIn(people.GetProperty("customer")));
            var product = (await stubborn.Ask(HttpMethod.Get, customer, "/api/v1/products?limit=1&sort=-price&available=true", null, null, HttpStatusCode.OK)).GetProperty("data")[0].GetProperty("id").GetGuid();
            await stubborn.Ask(HttpMethod.Patch, admin, $"/api/v1/products/{product}", null, new { stock = 100_000 }, HttpStatusCode.OK);

            var (next, done) = (-1, 0);
            var work = Task.WhenAll(Enumerable.Range(0, Workers).Select(async _ =>
            {
                for (var i = Interlocked.Increment(ref next); i < Orders; i = Interlocked.Increment(ref next))
                {
                    await Live(stubborn, customer, admin, product, i);
                    Interlocked.Increment(ref done);
                }
            }));
            for (var kill = 0; kill < Kills; kill++)
            {
                // Somewhere inside the work that is left, so that every kill meets requests, events and refunds in flight.
                var until = (kill + 1) * Orders / (Kills + 1);
                while (Volatile.Read(ref done) < until && !work.IsCompleted)
                    await Task.Delay(Random.Shared.Next(2, 40), _ct);
                await host.Kill();
                host.Dispose();
                host = await HostProcess.Serve(HostProcess.SoonGivenUp, data.Path, port);
            }

            await work;
            await using (var postgres = await data.Join())
            await using (var source = NpgsqlDataSource.Create(postgres.ConnectionString))
            {
                await JobsAreDone(source);
                await Check(source);
            }

            Assert.Equal(0, await host.Terminate());
            output.WriteLine($"{Orders} orders, {Kills} kills.");
        }
        finally
        {
            host.Dispose();
        }
    }

    /// <summary>One order's life: paid at the provider, and for some given back, in part, in parts or whole.</summary>
    private static async Task Live(StubbornClient client, string customer, string admin, Guid product, int i)
    {
        var order = Id(await client.Ask(HttpMethod.Post, customer, "/api/v1/orders", $"order-{i}", new { items = new[] { new { productId = product, quantity = 1 } }, fulfillment = "pickup" }, HttpStatusCode.Created));
        var payment = Id(await client.Ask(HttpMethod.Post, customer, "/api/v1/payments", $"payment-{i}", new { orderId = order, provider = "stripe", method = "card" }, HttpStatusCode.Created));
        // Not simulated: the provider's answer with its name is still being asked for again. Cannot happen: it happened, and the host died before it could say so.
        await client.Ask(HttpMethod.Post, customer, $"/api/v1/simulator/payments/{payment}", null, new { @do = "succeed", delivery = Deliveries[i % 3] }, HttpStatusCode.Accepted, again: ["not_simulated"], settled: ["cannot_happen"]);
        await Eventually.Happens(
            async () => (await client.Ask(HttpMethod.Get, customer, $"/api/v1/payments/{payment}", null, null, HttpStatusCode.OK)).GetProperty("status").GetString() == "succeeded", "The payment");

        var part = new { amount = new { amount = 101 + i, currency = "BRL" } };
        if (i % 4 is 1 or 2)
            await client.Ask(HttpMethod.Post, admin, $"/api/v1/payments/{payment}/refunds", $"refund-{i}", part, HttpStatusCode.Created);
        if (i % 4 is 2 or 3)
            await client.Ask(HttpMethod.Post, admin, $"/api/v1/orders/{order}/cancel", $"cancel-{i}", new { reason = "Fim do dia." }, HttpStatusCode.OK);
    }

    private async Task Check(NpgsqlDataSource source)
    {
        // The provider charged each order once, and gave back what our payments say, to the cent.
        Assert.Equal(Orders, await Count(source, "select count(*) from payments.simulated_things where provider = 'stripe' and kind = 'payment_intent' and body ->> 'status' = 'succeeded'"));
        Assert.Equal(Orders, await Count(source, "select count(*) from payments.simulated_things where provider = 'stripe' and kind = 'payment_intent'"));
        Assert.Equal(Orders, await Count(source, "select count(*) from payments.payments"));
        Assert.Equal(0, await Count(source, """
            select count(*) from payments.payments p
            where p.refunded_amount <> (select coalesce(sum((t.body ->> 'amount')::bigint), 0) from payments.simulated_things t where t.provider = 'stripe' and t.kind = 'refund' and t.body ->> 'payment_intent' = p.provider_reference)
                or p.refunded_amount <> p.refund_asked_amount
                or p.refunded_amount <> (select coalesce(sum(r.amount), 0) from payments.refunds r where r.payment_id = p.id and r.status = 'succeeded')
            """));
        Assert.Equal(0, await Count(source, "select count(*) from payments.refunds where status <> 'succeeded' or origin <> 'ours'"));
        // The orders tell what their payments do.
        Assert.Equal(0, await Count(source, """
            select count(*) from ordering.orders o left join payments.payments p on p.id = o.payment_id
            where p.id is null or o.payment_status <> case p.status when 'succeeded' then 'paid' else p.status end or (o.status = 'cancelled') <> (p.status = 'refunded')
            """));
        // And so does the ledger.
        Assert.Equal(0, await Count(source, "select count(*) from (select currency from payments.ledger_entries group by currency having sum(amount) <> 0) unbalanced"));
        Assert.Equal(0, await Count(source, """
            select count(*) from payments.payments p
            where p.amount - p.refunded_amount - coalesce(p.fee_amount, 0) <> (
                select coalesce(sum(e.amount), 0) from payments.ledger_transactions t join payments.ledger_entries e on e.transaction_id = t.id where t.payment_id = p.id and e.account = 'provider_clearing')
            """));
        Assert.Equal(0, await Count(source, "select count(*) from payments.payments where fee_amount is null"));
        Assert.Equal(0, await Count(source, "select count(*) from platform.jobs where state = 'dead'"));
        Assert.Equal(0, await Count(source, "select count(*) from payments.webhook_events where state in ('parked', 'received')"));
    }

    private async Task JobsAreDone(NpgsqlDataSource source)
    {
        var deadline = Stopwatch.GetTimestamp();
        while (await Count(source, "select count(*) from platform.jobs where state = 'ready' and (unique_key is null or unique_key not like '%@%')") > 0)
        {
            Assert.True(Stopwatch.GetElapsedTime(deadline) < TimeSpan.FromMinutes(2), "A job was stuck for over two minutes.");
            await Task.Delay(200, _ct);
        }
    }

    private async Task<long> Count(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        return Convert.ToInt64(await command.ExecuteScalarAsync(_ct), CultureInfo.InvariantCulture);
    }

    private static Guid Id(JsonElement made) => made.GetProperty("id").GetGuid();
}
