using System.Net;
using System.Text.Json;
using Quitanda.Ordering.Orders;
using Quitanda.Platform;

namespace Quitanda.Tests.Payments;

public sealed class PayingTests(PaymentsApp app) : IClassFixture<PaymentsApp>
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_payment_that_succeeds_confirms_its_order_and_is_announced()
    {
        var ana = await app.Somebody();
        var order = await app.Order(ana, total: 3490);

        var response = await ana.Post("/api/v1/payments", new { orderId = order, provider = "sandbox", method = "card", installments = 3, returnUrl = "https://shop.example/thanks", metadata = new { table = "4" } });
        var created = await response.Read(HttpStatusCode.Created);
        var id = created.GetProperty("id").GetGuid();
        Assert.Equal($"/api/v1/payments/{id}", response.Headers.Location!.OriginalString);
        Assert.Equal(order, created.GetProperty("orderId").GetGuid());
        Assert.Equal("pending", created.Status());
        Assert.Equal("sandbox", created.GetProperty("provider").GetString());
        Assert.Equal("card", created.GetProperty("method").GetString());
        Assert.Equal(3, created.GetProperty("installments").GetInt32());
        Assert.Equal("""{"amount":3490,"currency":"BRL"}""", created.GetProperty("amount").GetRawText());
        Assert.Equal("""{"table":"4"}""", created.GetProperty("metadata").GetRawText());
        Assert.False(created.TryGetProperty("failureCode", out _));
        Assert.Equal(created.GetRawText(), (await ana.Look(id)).GetRawText());
        Assert.Equal(("pending", "pending"), await app.OrderOf(order));

        Assert.Equal("succeeded", (await ana.Settle(id, "succeed")).Status());
        Assert.Equal(("confirmed", "paid"), await app.OrderOf(order));
        await app.RunJobs();
        Assert.Equal(1, app.Announced.Of(id));
        Assert.Equal([("succeeded", 3490L, 0L)], await app.Charges(id));
        await ana.AskToPay(order).IsRefused(HttpStatusCode.Conflict, "already_paid");
    }

    [Fact]
    public async Task Fifty_payments_of_one_order_at_once_are_one_payment_and_one_charge()
    {
        var ana = await app.Somebody();
        var order = await app.Order(ana, total: 771);

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => ana.AskToPay(order)));

        var one = Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.Created);
        var id = (await one.Read(HttpStatusCode.Created)).GetProperty("id").GetGuid();
        foreach (var refused in answers.Where(answer => answer != one))
        {
            var problem = await refused.Read(HttpStatusCode.Conflict);
            Assert.Equal("payment_in_progress", problem.GetProperty("code").GetString());
            Assert.Equal(id, problem.GetProperty("paymentId").GetGuid());
        }

        await app.Later();
        Assert.Equal(1, await app.Count($"select count(*) from payments.payments where payable_id = {order}"));
        Assert.Equal(1, await app.Count($"select count(*) from payments.sandbox_charges where amount = 771"));
    }

    [Fact]
    public async Task The_database_itself_refuses_a_second_open_payment()
    {
        var ana = await app.Somebody();
        var (_, payment) = await app.Pending(ana);

        var error = await Assert.ThrowsAsync<Npgsql.PostgresException>(() => app.WithDb(db => db.Execute($"""
            insert into payments.payments (id, kind, payable_id, payer_id, provider, status, amount, currency, split, metadata, created_at, updated_at)
            select {Guid.CreateVersion7()}, kind, payable_id, payer_id, provider, 'processing', amount, currency, split, metadata, created_at, updated_at from payments.payments where id = {payment}
            """, _ct)));
        Assert.Equal("payments_one_open", error.ConstraintName);
    }

    [Fact]
    public async Task The_same_success_fifty_times_at_once_has_one_effect()
    {
        var ana = await app.Somebody();
        var (order, payment) = await app.Pending(ana);

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => ana.Settle(payment, "succeed")));

        Assert.All(answers, answer => Assert.Equal("succeeded", answer.Status()));
        Assert.Single(answers.Select(answer => answer.GetRawText()).Distinct(StringComparer.Ordinal));
        await app.Later();
        Assert.Equal(1, app.Announced.Of(payment));
        Assert.Equal(1, await app.Count($"select count(*) from ordering.order_events where order_id = {order} and status = 'confirmed'"));
        Assert.Equal("succeeded", await app.StatusOf(payment));
    }

    [Fact]
    public async Task An_answer_lost_after_the_provider_committed_is_asked_for_again_with_the_same_key()
    {
        var ana = await app.Somebody();
        var order = await app.Order(ana, total: 883);

        Guid id;
        using (app.Line.Cut())
        {
            var created = await ana.Pay(order);
            id = created.GetProperty("id").GetGuid();
            Assert.Equal("processing", created.Status());
            await ana.AskToPay(order).IsRefused(HttpStatusCode.Conflict, "payment_in_progress");
            // The job meets the same bad line once, and comes again.
            await app.Later();
            Assert.Equal("processing", (await ana.Look(id)).Status());
        }

        await app.Later();
        Assert.Equal("pending", (await ana.Look(id)).Status());
        Assert.Equal(3, app.Line.CreateKeys.Count(key => key == $"payment-{id:N}"));
        Assert.Equal(1, await app.Count($"select count(*) from payments.sandbox_charges where amount = 883"));

        await ana.Settle(id, "succeed");
        Assert.Equal(("confirmed", "paid"), await app.OrderOf(order));
    }

    [Fact]
    public async Task Nothing_is_asked_twice_of_a_provider_that_answered()
    {
        var ana = await app.Somebody();
        var (_, payment) = await app.Pending(ana);
        await app.Later();
        Assert.Single(app.Line.CreateKeys, key => key == $"payment-{payment:N}");
        Assert.Equal(0, await app.Count($"select count(*) from platform.jobs where unique_key = {string.Concat("payments.create-at-provider:", payment)}"));
    }

    [Fact]
    public async Task A_success_that_overtakes_the_providers_first_answer_is_not_lost()
    {
        var ana = await app.Somebody();
        var order = await app.Order(ana);
        Guid id;
        using (app.Line.Cut())
            id = (await ana.Pay(order)).GetProperty("id").GetGuid();

        Assert.Equal("succeeded", (await ana.Settle(id, "succeed")).Status());
        await app.Later();
        Assert.Equal("succeeded", await app.StatusOf(id));
        Assert.Equal(("confirmed", "paid"), await app.OrderOf(order));
    }

    [Fact]
    public async Task One_idempotency_key_is_one_payment_and_replays_the_final_answer()
    {
        var ana = await app.Somebody();
        var order = await app.Order(ana);
        using var client = app.CreateClient();
        client.DefaultRequestHeaders.Authorization = ana.Client.DefaultRequestHeaders.Authorization;
        client.DefaultRequestHeaders.Add("Idempotency-Key", "pay-once");
        var asking = ana with { Client = client };

        var first = await asking.Pay(order);
        var again = await asking.AskToPay(order);
        Assert.Equal("true", Assert.Single(again.Headers.GetValues("Idempotency-Replayed")));
        Assert.Equal(first.GetRawText(), (await again.Read(HttpStatusCode.Created)).GetRawText());
        Assert.Equal("pending", first.Status());
    }

    [Fact]
    public async Task After_a_failure_the_order_can_be_paid_again()
    {
        var ana = await app.Somebody();
        var (order, first) = await app.Pending(ana);

        var failed = await (await ana.Post($"/api/v1/sandbox/payments/{first}/fail", new { code = "insufficient_funds" })).Read(HttpStatusCode.OK);
        Assert.Equal("failed", failed.Status());
        Assert.Equal("insufficient_funds", failed.GetProperty("failureCode").GetString());
        Assert.Equal(("pending", "failed"), await app.OrderOf(order));
        Assert.Equal(0, app.Announced.Of(first));

        var second = (await ana.Pay(order)).GetProperty("id").GetGuid();
        await ana.Settle(second, "succeed");
        await app.Later();
        Assert.Equal(("confirmed", "paid"), await app.OrderOf(order));
        Assert.Equal("failed", await app.StatusOf(first));
    }

    [Fact]
    public async Task A_failed_attempt_that_succeeds_after_all_pays_and_ends_the_attempt_after_it()
    {
        var ana = await app.Somebody();
        var (order, first) = await app.Pending(ana);
        await ana.Settle(first, "fail");
        var second = (await ana.Pay(order)).GetProperty("id").GetGuid();

        Assert.Equal("succeeded", (await ana.Settle(first, "succeed")).Status());
        await app.RunJobs();
        Assert.Equal(("confirmed", "paid"), await app.OrderOf(order));
        Assert.Equal("cancelled", await app.StatusOf(second));
        Assert.Equal("cancelled", Assert.Single(await app.Charges(second)).State);
        Assert.Equal(1, app.Announced.Of(first));
    }

    [Fact]
    public async Task Money_that_comes_for_a_paid_order_goes_back_and_the_order_stays_paid()
    {
        var ana = await app.Somebody();
        var (order, first) = await app.Pending(ana, total: 1900);
        await ana.Settle(first, "fail");
        var second = (await ana.Pay(order)).GetProperty("id").GetGuid();
        await ana.Settle(second, "succeed");

        Assert.Equal("succeeded", (await ana.Settle(first, "succeed")).Status());
        await app.Later();

        Assert.Equal("refunded", (await ana.Look(first)).Status());
        Assert.Equal([("succeeded", 1900L, 1900L)], await app.Charges(first));
        Assert.Equal("succeeded", await app.StatusOf(second));
        Assert.Equal(("confirmed", "paid"), await app.OrderOf(order));
        Assert.Equal(0, app.Announced.Of(first));
    }

    [Theory]
    [InlineData("succeed", "confirmed", "paid", "succeeded")]
    [InlineData("fail", "pending", "failed", "failed")]
    public async Task A_delayed_outcome_comes_when_its_time_has_come(string outcome, string status, string paymentStatus, string payment)
    {
        var ana = await app.Somebody();
        var (order, id) = await app.Pending(ana);

        var delayed = await (await ana.Post($"/api/v1/sandbox/payments/{id}/delay", new { seconds = 60, outcome })).Read(HttpStatusCode.Accepted);
        Assert.Equal("pending", delayed.Status());
        await app.Later(59);
        Assert.Equal("pending", await app.StatusOf(id));
        await app.Later(1);
        Assert.Equal(payment, await app.StatusOf(id));
        Assert.Equal((status, paymentStatus), await app.OrderOf(order));
    }

    [Fact]
    public async Task Strangers_find_nothing_and_change_nothing()
    {
        var (ana, bob, staff) = (await app.Somebody(), await app.Somebody(), await app.Somebody(Roles.Staff));
        var (_, payment) = await app.Pending(ana);
        var unpaid = await app.Order(ana);

        await bob.AskToPay(unpaid).IsRefused(HttpStatusCode.NotFound, "not_found");
        await staff.AskToPay(unpaid).IsRefused(HttpStatusCode.NotFound, "not_found");
        await bob.AskToPay(Guid.CreateVersion7()).IsRefused(HttpStatusCode.NotFound, "not_found");
        await bob.Client.GetAsync($"/api/v1/payments/{payment}", _ct).IsRefused(HttpStatusCode.NotFound, "not_found");
        await bob.Post($"/api/v1/sandbox/payments/{payment}/succeed", new { }).IsRefused(HttpStatusCode.NotFound, "not_found");
        await bob.Post($"/api/v1/sandbox/payments/{payment}/fail", new { }).IsRefused(HttpStatusCode.NotFound, "not_found");
        await bob.Post($"/api/v1/sandbox/payments/{payment}/delay", new { seconds = 1, outcome = "succeed" }).IsRefused(HttpStatusCode.NotFound, "not_found");
        await ana.Client.GetAsync("/api/v1/payments", _ct).IsRefused(HttpStatusCode.Forbidden, "forbidden");
        await app.Guest.GetAsync($"/api/v1/payments/{payment}", _ct).IsRefused(HttpStatusCode.Unauthorized, "unauthenticated");

        await app.Later();
        Assert.Equal("pending", await app.StatusOf(payment));
        Assert.Equal(0, await app.Count($"select count(*) from payments.payments where payable_id = {unpaid}"));
        Assert.Equal("pending", (await staff.Look(payment)).Status());
        Assert.Equal("succeeded", (await staff.Settle(payment, "succeed")).Status());
    }

    [Fact]
    public async Task What_cannot_be_paid_says_why()
    {
        var ana = await app.Somebody();
        var cancelled = await app.Order(ana);
        await (await PaymentsApp.CancelOrder(ana, cancelled)).Read(HttpStatusCode.OK);

        await ana.AskToPay(cancelled).IsRefused(HttpStatusCode.Conflict, "order_cancelled");
        await ana.AskToPay(await app.Order(ana, method: PaymentMethod.Manual)).IsRefused(HttpStatusCode.Conflict, "pays_on_delivery");
        await ana.Post("/api/v1/payments", new { orderId = await app.Order(ana), provider = "manual" }).IsRefused(HttpStatusCode.Conflict, "pays_online");
    }

    [Theory]
    [InlineData("""{}""", "provider")]
    [InlineData("""{"provider":"sandbox"}""", "orderId")]
    [InlineData("""{"provider":"cheque","orderId":"0197f3a0-0000-7000-8000-000000000000"}""", "provider")]
    [InlineData("""{"provider":"stripe","orderId":"0197f3a0-0000-7000-8000-000000000000"}""", "provider")]
    [InlineData("""{"provider":"sandbox","orderId":"0197f3a0-0000-7000-8000-000000000000","method":"card","installments":0}""", "installments")]
    [InlineData("""{"provider":"sandbox","orderId":"0197f3a0-0000-7000-8000-000000000000","method":"card","installments":25}""", "installments")]
    [InlineData("""{"provider":"sandbox","orderId":"0197f3a0-0000-7000-8000-000000000000","method":"pix","installments":2}""", "installments")]
    [InlineData("""{"provider":"sandbox","orderId":"0197f3a0-0000-7000-8000-000000000000","method":"cheque"}""", "method")]
    [InlineData("""{"provider":"sandbox","orderId":"0197f3a0-0000-7000-8000-000000000000","returnUrl":"/thanks"}""", "returnUrl")]
    [InlineData("""{"provider":"sandbox","orderId":"0197f3a0-0000-7000-8000-000000000000","returnUrl":"javascript:alert(1)"}""", "returnUrl")]
    public async Task A_request_that_makes_no_sense_names_its_field(string body, string field)
    {
        var ana = await app.Somebody();
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        var problem = await (await ana.Client.PostAsync("/api/v1/payments", content, _ct)).Read(HttpStatusCode.BadRequest);
        Assert.Equal("validation_failed", problem.GetProperty("code").GetString());
        Assert.Equal(field, Assert.Single(problem.GetProperty("errors").EnumerateObject()).Name);
    }

    [Fact]
    public async Task An_unknown_provider_is_told_which_there_are()
    {
        var ana = await app.Somebody();
        var problem = await (await ana.Post("/api/v1/payments", new { orderId = Guid.CreateVersion7(), provider = "stripe" })).Read(HttpStatusCode.BadRequest);
        Assert.Equal("must be one of manual, sandbox.", problem.GetProperty("errors").GetProperty("provider")[0].GetString());
    }

    [Fact]
    public async Task Staff_list_payments_by_status_and_provider_in_both_kinds_of_pages()
    {
        var (ana, staff) = (await app.Somebody(), await app.Somebody(Roles.Staff));
        List<Guid> failed = [];
        for (var i = 0; i < 5; i++)
        {
            app.Clock.Advance(TimeSpan.FromSeconds(1));
            failed.Insert(0, (await app.Pending(ana)).Payment);
            await (await ana.Post($"/api/v1/sandbox/payments/{failed[0]}/fail", new { })).Read(HttpStatusCode.OK);
        }

        var first = await staff.Get("/api/v1/payments?status=failed&provider=sandbox&limit=2");
        Assert.Equal(failed[..2], Ids(first));
        Assert.Equal("card_declined", first.GetProperty("data")[0].GetProperty("failureCode").GetString());
        Assert.True(first.GetProperty("meta").GetProperty("total").GetInt64() >= 5);
        var second = await staff.Get($"/api/v1/payments?status=failed&limit=2&after={first.GetProperty("meta").GetProperty("next").GetString()}");
        Assert.Equal(failed[2..4], Ids(second));
        Assert.Equal((await staff.Look(failed[0])).GetRawText(), first.GetProperty("data")[0].GetRawText());

        Assert.NotEmpty(Ids(await staff.Get("/api/v1/payments?sort=amount")));
        Assert.Empty(Ids(await staff.Get("/api/v1/payments?provider=stripe")));
        await staff.Client.GetAsync("/api/v1/payments?status=lost", _ct).IsRefused(HttpStatusCode.BadRequest, "validation_failed");
    }

    private static Guid[] Ids(JsonElement page) => [.. page.GetProperty("data").EnumerateArray().Select(payment => payment.GetProperty("id").GetGuid())];
}
