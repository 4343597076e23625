using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Ordering.Orders;
using Quitanda.Platform;

namespace Quitanda.Tests.Ordering;

/// <summary>An order lapses at the moment its payment comes in, and somebody else buys what it held.</summary>
public sealed class LapseRaceTests(Shop shop) : IClassFixture<Shop>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_lapse_against_a_payment_leaves_one_consistent_story(bool somebodyBuys)
    {
        Dictionary<string, int> endings = new(StringComparer.Ordinal);
        for (var round = 0; round < 50; round++)
        {
            // Each round has people of its own: the clock goes on, and tokens are short-lived.
            var (customer, product) = (await shop.Customer(), await Product());
            var order = await shop.Place(customer, LapseTests.Online((product, 1)));
            var payment = (await (await customer.Client.Post("/api/v1/payments", new { orderId = order.Id(), provider = "sandbox" })).Body(HttpStatusCode.Created)).Id();
            shop.Clock.Advance(TimeSpan.FromMinutes(31));
            var (staff, rival) = (await shop.Staff(), await shop.Customer());

            await Task.WhenAll(
                Lapse(order, pause: round % 5),
                staff.Client.Post($"/api/v1/sandbox/payments/{payment}/succeed"),
                somebodyBuys ? rival.Client.Post("/api/v1/orders", Shop.Pickup((product, 1))) : Task.CompletedTask,
                Lapse(order, pause: 0),
                round % 2 == 0 ? shop.RunJobs() : Task.CompletedTask);
            await shop.RunJobs();

            var ending = await Ending(order.Id(), payment);
            var sold = await Count($"select count(*) from ordering.orders o join ordering.order_items i on i.order_id = o.id where i.product_id = {product} and o.status <> 'cancelled'");
            // What is left and what is promised is what there was: never oversold, never lost.
            Assert.Equal(1, sold + await Count($"select stock::bigint from catalog.products where id = {product}"));
            string[] consistent =
            [
                "confirmed paid; payment succeeded; charge succeeded 0", // Paid in time, or late and brought back.
                "cancelled pending; payment refunded; charge succeeded 100", // Too late: somebody else has it.
                "cancelled pending; payment cancelled; charge cancelled 0", // Lapsed, and the provider never took the money.
            ];
            Assert.Contains(ending, somebodyBuys ? consistent : [consistent[0], consistent[2]], StringComparer.Ordinal);
            endings[ending] = endings.GetValueOrDefault(ending) + 1;
        }

        foreach (var (ending, times) in endings)
            TestContext.Current.TestOutputHelper?.WriteLine($"{times} x {ending}");
        Assert.Equal(0, await Count($"select count(*) from platform.jobs where state = 'dead'"));
    }

    private Task<bool> Lapse(JsonElement order, int pause) => shop.InScope(async provider =>
    {
        for (var i = 0; i < pause; i++)
            await provider.GetRequiredService<Db>().Execute($"select 1", Ct);
        await provider.GetRequiredService<LapseOrder>().Handle(new(order.Id()), Ct);
        return true;
    });

    /// <summary>One piece, and no more.</summary>
    private async Task<Guid> Product()
    {
        var staff = (await shop.Staff()).Client;
        var category = (await (await staff.Post("/api/v1/categories", new { name = $"Salgados {Guid.CreateVersion7()}" })).Body(HttpStatusCode.Created)).Id();
        return (await (await staff.Post("/api/v1/products", new { name = "Coxinha", description = "De frango", price = new { amount = 100, currency = "BRL" }, categoryId = category, stock = 1 })).Body(HttpStatusCode.Created)).Id();
    }

    private async Task<string> Ending(Guid order, Guid payment) => (await shop.WithDb(db => db.ReadFirst($"""
        select o.status || ' ' || o.payment_status || '; payment ' || p.status || '; charge ' || c.state || ' ' || c.refunded_amount
        from ordering.orders o join payments.payments p on p.id = {payment} join payments.sandbox_charges c on c.reference = p.provider_reference
        where o.id = {order}
        """, row => row.GetString(0), Ct)))!;

    private Task<long> Count(Sql sql) => shop.WithDb(db => db.ReadFirst(sql, row => row.GetInt64(0), Ct));
}
