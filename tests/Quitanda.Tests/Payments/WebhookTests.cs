using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Payments.Sandbox;
using Quitanda.Payments.Simulator;
using Quitanda.Platform;

namespace Quitanda.Tests.Payments;

/// <summary>What comes in at the door where providers tell us things, whoever they are.</summary>
public sealed class WebhookTests(PaymentsApp app) : IClassFixture<PaymentsApp>
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_event_moves_nothing_until_its_job_has_asked_the_provider()
    {
        var ana = await app.Somebody();
        var (order, payment) = await app.Pending(ana);
        await PayAtProvider(payment);

        await (await Tell(payment)).Read(HttpStatusCode.OK);
        Assert.Equal("pending", await app.StatusOf(payment));

        await app.RunJobs();
        Assert.Equal("succeeded", await app.StatusOf(payment));
        Assert.Equal(("confirmed", "paid"), await app.OrderOf(order));
        Assert.Equal(("handled", payment), await EventOf(payment));
    }

    [Fact]
    public async Task An_event_that_lies_about_a_payment_changes_nothing()
    {
        var ana = await app.Somebody();
        var (order, payment) = await app.Pending(ana);

        await (await Tell(payment, type: "charge.succeeded")).Read(HttpStatusCode.OK);
        await app.RunJobs();

        Assert.Equal("pending", await app.StatusOf(payment));
        Assert.Equal(("pending", "pending"), await app.OrderOf(order));
    }

    [Fact]
    public async Task Fifty_copies_of_one_event_at_once_are_one_event_and_one_effect()
    {
        var ana = await app.Somebody();
        var (order, payment) = await app.Pending(ana);
        await PayAtProvider(payment);
        var (body, signature) = await Signed(payment, "evt_fifty");

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Send(body, signature)));
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));
        await Task.WhenAll(app.RunJobs(), app.RunJobs(), app.RunJobs());
        // And once more, when it was handled long ago.
        await (await Send(body, signature)).Read(HttpStatusCode.OK);
        await app.RunJobs();

        Assert.Equal(1, await app.Count($"select count(*) from payments.webhook_events where event_id = 'evt_fifty'"));
        Assert.Equal(1, await app.Count($"select tries::bigint from payments.webhook_events where event_id = 'evt_fifty'"));
        Assert.Equal(1, app.Announced.Of(payment));
        Assert.Equal(1, await app.Count($"select count(*) from ordering.order_events where order_id = {order} and status = 'confirmed'"));
    }

    [Fact]
    public async Task Twenty_forgeries_are_refused_and_leave_nothing_behind()
    {
        var ana = await app.Somebody();
        var (_, payment) = await app.Pending(ana);
        await PayAtProvider(payment);
        var now = app.Clock.GetUtcNow();
        var (body, good) = await Signed(payment, "evt_forged");
        var (time, mac) = (good.Split(',')[0], good.Split("v1=")[1]);
        string?[] forgeries =
        [
            null, "", "v1=", "t=,v1=", $"{time},v1=", $"{time},v1={new string('0', 64)}", $"{time},v1={mac[..63]}", $"{time},v1={mac}0", $"{time},v0={mac}", $"{time}", $"v1={mac}",
            $"{time},v1={mac},v1={mac}", $"t=-1,v1={mac}", $"t={long.MaxValue},v1={mac}", $"t=99999999999999999999999999,v1={mac}", $"t=1e9,v1={mac}",
            SandboxSignature.Sign("another secret", body, now), SandboxSignature.Sign(Key, body, now.AddMinutes(-6)), SandboxSignature.Sign(Key, body, now.AddMinutes(6)),
            SandboxSignature.Sign(Key, [.. body, (byte)' '], now),
        ];
        Assert.Equal(20, forgeries.Length);

        foreach (var forged in forgeries)
            await Send(body, forged).IsRefused(HttpStatusCode.Unauthorized, "invalid_signature");
        foreach (var junk in (string[])["", "{", "[]", "null", "\"\"", "{\"id\":1}", "{\"id\":\"\",\"type\":\"x\",\"charge\":\"y\"}", "{\"type\":\"x\",\"charge\":\"y\"}", "{\"id\":\"\\ud800\",\"type\":\"x\",\"charge\":\"y\"}", "{\"id\":\"a\\u0000\",\"type\":\"x\",\"charge\":\"y\"}", new string('[', 20_000)])
        {
            var bytes = Encoding.UTF8.GetBytes(junk);
            await Send(bytes, SandboxSignature.Sign(Key, bytes, now)).IsRefused(HttpStatusCode.Unauthorized, "invalid_signature");
        }

        await app.RunJobs();
        Assert.Equal("pending", await app.StatusOf(payment));
        Assert.Equal(0, await app.Count($"select count(*) from payments.webhook_events where event_id = 'evt_forged'"));
        // The same bytes with their own signature are taken: it was the forgery that was refused.
        await (await Send(body, good)).Read(HttpStatusCode.OK);
    }

    [Fact]
    public async Task More_bytes_than_any_provider_sends_are_not_read()
    {
        var body = new byte[600_000];
        var answer = await Send(body, SandboxSignature.Sign(Key, body, app.Clock.GetUtcNow()));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
    }

    [Fact]
    public async Task An_event_about_a_payment_that_nobody_knows_is_parked_tried_again_shown_and_replayed()
    {
        var (ana, admin) = (await app.Somebody(), await app.Somebody(Roles.Admin | Roles.Customer));
        var body = new SandboxEvent("evt_early", "charge.succeeded", "sandbox_of_nobody").Write();
        await (await Send(body, SandboxSignature.Sign(Key, body, app.Clock.GetUtcNow()))).Read(HttpStatusCode.OK);
        await app.RunJobs();

        var parked = Assert.Single((await admin.Get("/api/v1/webhook-events?state=parked&provider=sandbox")).GetProperty("data").EnumerateArray(), row => row.GetProperty("eventId").GetString() == "evt_early");
        Assert.Equal(1, parked.GetProperty("tries").GetInt32());
        await ana.Client.GetAsync("/api/v1/webhook-events", _ct).IsRefused(HttpStatusCode.Forbidden, "forbidden");

        // Tried again by itself, for a day; then it waits for somebody.
        for (var i = 0; i < 10; i++)
            await app.Later(20 * 3600);
        admin = await app.Somebody(Roles.Admin | Roles.Customer);
        var id = parked.GetProperty("id").GetGuid();
        var shown = await admin.Get($"/api/v1/webhook-events/{id}");
        Assert.Equal("parked", shown.GetProperty("event").GetProperty("state").GetString());
        Assert.Equal(8, shown.GetProperty("event").GetProperty("tries").GetInt32());
        Assert.Equal(Encoding.UTF8.GetString(body), shown.GetProperty("body").GetString());

        var (_, payment) = await app.Pending(await app.Somebody());
        await PayAtProvider(payment);
        await app.WithDb(db => db.Execute($"update payments.sandbox_charges set reference = 'sandbox_of_nobody' where key = {string.Concat("payment-", payment.ToString("N"))}", _ct));
        await app.WithDb(db => db.Execute($"update payments.payments set provider_reference = 'sandbox_of_nobody' where id = {payment}", _ct));
        await (await admin.Post($"/api/v1/webhook-events/{id}/replay", new { })).Read(HttpStatusCode.Accepted);
        await app.RunJobs();
        Assert.Equal("succeeded", await app.StatusOf(payment));
        Assert.Equal(("handled", payment), await EventOf(payment));
    }

    [Fact]
    public async Task A_replayed_event_has_no_second_effect()
    {
        var (ana, admin) = (await app.Somebody(), await app.Somebody(Roles.Admin | Roles.Customer));
        var (order, payment) = await app.Pending(ana);
        await PayAtProvider(payment);
        await (await Tell(payment, id: "evt_again")).Read(HttpStatusCode.OK);
        await app.RunJobs();
        var id = await app.WithDb(db => db.ReadFirst($"select id from payments.webhook_events where event_id = 'evt_again'", row => row.GetGuid(0), _ct));

        for (var i = 0; i < 3; i++)
        {
            await (await admin.Post($"/api/v1/webhook-events/{id}/replay", new { })).Read(HttpStatusCode.Accepted);
            app.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        await app.RunJobs();
        Assert.Equal(1, app.Announced.Of(payment));
        Assert.Equal(1, await app.Count($"select count(*) from ordering.order_events where order_id = {order} and status = 'confirmed'"));
        await admin.Post($"/api/v1/webhook-events/{Guid.CreateVersion7()}/replay", new { }).IsRefused(HttpStatusCode.NotFound, "not_found");
    }

    [Fact]
    public async Task What_a_provider_wrote_is_let_go_after_ninety_days_and_with_its_person()
    {
        var ana = await app.Somebody();
        var (_, payment) = await app.Paid(ana);
        await (await Tell(payment, id: "evt_old")).Read(HttpStatusCode.OK);
        await app.RunJobs();
        Assert.Equal(1, await app.Count($"select count(*) from payments.webhook_events where event_id = 'evt_old' and body is not null"));

        await app.Later((int)TimeSpan.FromDays(91).TotalSeconds);
        await app.InScope(async scope =>
        {
            await new Quitanda.Payments.Webhooks.ForgetWebhookBodies(scope.Get<Db>(), app.Clock).Handle(new(app.Clock.GetUtcNow()), _ct);
            return true;
        });
        Assert.Equal(1, await app.Count($"select count(*) from payments.webhook_events where event_id = 'evt_old' and body is null and state = 'handled'"));
    }

    private string Key => app.Services.GetRequiredService<Simulation>().KeyOf("sandbox");

    private Task<Quitanda.Payments.Providers.ChargeNews> PayAtProvider(Guid payment) => app.Services.GetRequiredService<SandboxProvider>().Settle($"payment-{payment:N}", SandboxOutcome.Succeed, code: null, _ct);

    private async Task<(byte[] Body, string Signature)> Signed(Guid payment, string id, string type = "charge.succeeded")
    {
        var reference = await app.WithDb(db => db.ReadFirst($"select provider_reference from payments.payments where id = {payment}", row => row.GetString(0), _ct));
        var body = new SandboxEvent(id, type, reference!).Write();
        return (body, SandboxSignature.Sign(Key, body, app.Clock.GetUtcNow()));
    }

    private async Task<HttpResponseMessage> Tell(Guid payment, string? id = null, string type = "charge.succeeded")
    {
        var (body, signature) = await Signed(payment, id ?? $"evt_{Guid.CreateVersion7():N}", type);
        return await Send(body, signature);
    }

    private async Task<HttpResponseMessage> Send(byte[] body, string? signature)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/webhooks/sandbox") { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new("application/json");
        if (signature is not null)
            request.Headers.TryAddWithoutValidation(SandboxSignature.Header, signature);
        return await app.Guest.SendAsync(request, _ct);
    }

    private Task<(string State, Guid Payment)> EventOf(Guid payment) =>
        app.WithDb(db => db.ReadFirst($"select state, payment_id from payments.webhook_events where payment_id = {payment}", row => (row.GetString(0), row.GetGuid(1)), _ct));
}
