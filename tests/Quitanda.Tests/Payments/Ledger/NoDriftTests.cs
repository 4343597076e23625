using System.Net;
using Quitanda.Payments.Providers;
using Quitanda.Platform;

namespace Quitanda.Tests.Payments.Ledger;

/// <summary>What happens in a shop on a day, and that all agree about it afterwards.</summary>
public sealed class NoDriftTests(LedgerApp app) : IClassFixture<LedgerApp>
{
    private static readonly int Seed = int.TryParse(Environment.GetEnvironmentVariable("QUITANDA_TEST_SEED"), System.Globalization.CultureInfo.InvariantCulture, out var given) ? given : 20260304;

    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task After_a_day_of_whatever_happens_nothing_differs_and_the_books_balance()
    {
        var admin = await app.Somebody(Roles.Admin);
        await admin.Client.GetAsync("/api/v1/reports/drift", _ct).IsRefused(HttpStatusCode.NotFound, "not_found");
        app.PageSize = 7;
        TestContext.Current.TestOutputHelper?.WriteLine($"QUITANDA_TEST_SEED={Seed}");
#pragma warning disable CA5394 // The same day each time, and no secret.
        var chance = new Random(Seed);
        var payments = Size.Of(normal: 60, full: 600);
        for (var number = 0; number < payments; number++)
        {
            if (number % 10 == 0)
                admin = await app.Somebody(Roles.Admin);
            await Happen(admin, chance.Next(10), 100 + chance.Next(100_000), chance.Next(3));
            app.Clock.Advance(TimeSpan.FromSeconds(chance.Next(60)));
            if (chance.Next(4) == 0)
                await app.RunJobs();
        }
#pragma warning restore CA5394

        await app.Later();
        app.Clock.Advance(TimeSpan.FromMinutes(16));
        await app.RunJobs();
        admin = await app.Somebody(Roles.Admin);
        await (await admin.Post("/api/v1/reports/drift", new { })).Read(HttpStatusCode.Accepted);
        await app.RunJobs();

        var report = await admin.Get("/api/v1/reports/drift");
        Assert.Empty(report.GetProperty("differences").EnumerateArray());
        Assert.Equal(System.Text.Json.JsonValueKind.String, report.GetProperty("finishedAt").ValueKind);
        var compared = report.GetProperty("compared");
        Assert.Equal(payments, compared.GetProperty("payments").GetInt32());
        Assert.Equal(payments, compared.GetProperty("payables").GetInt32());
        var sandbox = Assert.Single(compared.GetProperty("providers").EnumerateArray());
        Assert.True(sandbox.GetProperty("isComplete").GetBoolean());
        Assert.Equal(await app.Count($"select count(*) from payments.sandbox_charges"), sandbox.GetProperty("charges").GetInt64());
        Assert.True(sandbox.GetProperty("charges").GetInt64() > 2 * app.PageSize);
        Assert.Equal(0, await app.Count($"select count(*) from payments.drift_charges"));
        var balance = await admin.Get("/api/v1/ledger/accounts");
        Assert.NotEmpty(balance.GetProperty("totals").EnumerateArray());
        Assert.All(balance.GetProperty("totals").EnumerateArray(), total => Assert.Equal(0, total.GetProperty("amount").GetInt64()));
    }

    private async Task Happen(Person admin, int what, long total, int more)
    {
        var ana = await app.Somebody();
        if (what == 0)
        {
            var order = await app.Order(ana, total, Quitanda.Ordering.Orders.PaymentMethod.Manual);
            var byHand = (await (await ana.Post("/api/v1/payments", new { orderId = order, provider = "manual", method = "cash" })).Read(HttpStatusCode.Created)).GetProperty("id").GetGuid();
            await (await admin.Client.PostAsync($"/api/v1/payments/{byHand}/receive", null, _ct)).Read(HttpStatusCode.OK);
            return;
        }

        var (bought, payment) = await app.Pending(ana, total);
        switch (what)
        {
            case 1:
                await ana.Settle(payment, "fail");
                return;
            case 2:
                return;
            case 3:
                await (await PaymentsApp.CancelOrder(ana, bought)).Read(HttpStatusCode.OK);
                if (more > 0)
                    await ana.Settle(payment, "succeed");
                return;
        }

        await ana.Settle(payment, "succeed");
        switch (what)
        {
            case 4:
                await (await PaymentsApp.CancelOrder(ana, bought)).Read(HttpStatusCode.OK);
                break;
            case 5:
                await admin.Post($"/api/v1/payments/{payment}/refunds", new { amount = new { amount = total / 3, currency = "BRL" } });
                await admin.Post($"/api/v1/payments/{payment}/refunds", new { amount = new { amount = total / 2, currency = "BRL" } });
                break;
            case 6:
                await app.Says(ana, payment, news => news with { Fee = new(total / 25, more == 0 ? "USD" : "BRL") });
                break;
            case 7:
                await app.Says(ana, payment, news => news with { Dispute = new(DisputeState.Open, new(total, "BRL")) });
                if (more > 0)
                    await app.Says(ana, payment, news => news with { Dispute = new(more == 2 ? DisputeState.Won : DisputeState.Lost, new(total, "BRL")) });
                // And then otherwise, or once more.
                if (more > 0 && total % 2 == 0)
                    await app.Says(ana, payment, news => news with { Dispute = new(DisputeState.Open, new(Math.Max(1, total / 2), "BRL")) });
                if (more > 0 && total % 3 > 0)
                    await app.Says(ana, payment, news => news with { Dispute = new(more == 1 ? DisputeState.Won : DisputeState.Lost, new(total, "BRL")) });
                break;
            case 8:
                app.Refusals[payment] = new(RefundState.Failed, FailureCode: "refused");
                var refund = await app.Refund(admin, payment, total / 2);
                app.Refusals.TryRemove(payment, out _);
                await (await admin.Post($"/api/v1/payments/{payment}/refunds/{refund}/retry", new { })).Read(HttpStatusCode.OK);
                break;
        }
    }
}
