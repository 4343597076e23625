using System.Text;
using Microsoft.AspNetCore.Http;
using Quitanda.Ordering;
using Quitanda.Tests.Accounts;
using Quitanda.Tests.Booking;

namespace Quitanda.Tests.Notifications;

/// <summary>Text messages: to whoever wants them, once, whatever the provider does; and the log of it.</summary>
public sealed class SmsTests(NoticesApp app) : IClassFixture<NoticesApp>
{
    private static int _phones;

    /// <summary>Another for each test: texts to one number are counted.</summary>
    private readonly string _phone = $"+55119876{Interlocked.Increment(ref _phones):D5}";

    private static readonly object[] ByText = [new { kind = "order.confirmed", sms = true }];

    [Fact]
    public async Task It_goes_to_the_phone_of_the_account_and_is_in_the_log()
    {
        app.Providers.BeWell();
        var reader = await Wanting(_phone);
        var order = await app.Confirmed(reader);
        var sent = Assert.Single(app.Providers.Texts);
        Assert.Equal((_phone, Providers.From, $"Quitanda: o pedido {order.GetProperty("number").GetInt64()} foi confirmado."), (sent.To, sent.From, sent.Body));
        var line = Assert.Single(await app.LogOf(reader, "&channel=sms"));
        Assert.Equal((sent.Key, "order.confirmed", "sent", "SM00000001", 1), (line.Text("id"), line.Text("kind"), line.Text("status"), line.Text("providerId"), line.GetProperty("attempts").GetInt32()));
        Assert.Equal((await reader.Notices())[0].Id(), line.GetProperty("noticeId").GetGuid());
        // Neither words nor the number are in the log.
        Assert.DoesNotContain(_phone, await app.Scalar<string>($"select string_agg(d::text, ' ') from notifications.deliveries d") ?? "", StringComparison.Ordinal);
        // Done again, as after a crash that came too late, it is found to be done.
        await app.Execute($"insert into platform.jobs (kind, payload, run_at) values ('notifications.send-sms', jsonb_build_object('deliveryId', {line.Text("id")}), {app.Clock.GetUtcNow()})");
        await app.RunJobs();
        Assert.Single(app.Providers.Texts);
    }

    [Fact]
    public async Task Nobody_is_texted_who_did_not_ask_for_it_or_has_no_phone()
    {
        app.Providers.BeWell();
        await app.Confirmed(await app.Reader(phone: _phone));
        var reader = await Wanting(phone: null);
        await app.Confirmed(reader);
        Assert.Empty(app.Providers.Texts);
        var line = Assert.Single(await app.LogOf(reader, "&status=skipped"));
        Assert.Equal(("sms", "no_phone"), (line.Text("channel"), line.Text("reason")));
    }

    [Theory]
    [InlineData(400, 21211, "refused")]
    [InlineData(400, 21610, "unsubscribed")]
    public async Task What_is_about_the_number_is_final(int status, int code, string reason)
    {
        app.Providers.BeWell();
        app.Providers.OnText = _ => Task.FromResult<IResult?>(Results.Json(new { code, message = $"The 'To' number {_phone} is not good.", status }, statusCode: status));
        var reader = await Wanting(_phone);
        await app.Confirmed(reader);
        await app.Later(TimeSpan.FromHours(3));
        Assert.Single(app.Providers.Texts);
        var line = Assert.Single(await app.LogOf(reader, "&channel=sms"));
        Assert.Equal(("failed", reason, $"{status} {code} The 'To' number (phone) is not good."), (line.Text("status"), line.Text("reason"), line.Text("detail")));
    }

    [Theory]
    [InlineData(21212)]
    [InlineData(21606)]
    public async Task What_is_about_our_own_number_is_for_an_operator_to_mend_and_then_it_goes(int code)
    {
        app.Providers.BeWell();
        app.Providers.OnText = _ => Task.FromResult<IResult?>(Results.Json(new { code, message = "The 'From' number is not good.", status = 400 }, statusCode: 400));
        var reader = await Wanting(_phone);
        await app.Confirmed(reader);
        Assert.Equal(("pending", 1), Of(Assert.Single(await app.LogOf(reader, "&channel=sms"))));
        app.Providers.OnText = _ => Task.FromResult<IResult?>(null);
        await app.Later(TimeSpan.FromMinutes(1));
        Assert.Equal(("sent", 2), Of(Assert.Single(await app.LogOf(reader, "&channel=sms"))));
    }

    [Theory]
    [InlineData("application/json; charset=utf-99", 20)]
    [InlineData("application/json", 100_000)]
    public async Task What_the_provider_has_taken_on_is_sent_whatever_else_it_answers(string contentType, int bytes)
    {
        app.Providers.BeWell();
        app.Providers.OnText = _ => Task.FromResult<IResult?>(Results.Bytes(Encoding.UTF8.GetBytes($"{{\"a\":\"{new string('x', bytes)}\"}}"), contentType));
        var reader = await Wanting(_phone);
        await app.Confirmed(reader);
        await app.Later(TimeSpan.FromHours(1));
        Assert.Single(app.Providers.Texts);
        Assert.Equal(("sent", 1), Of(Assert.Single(await app.LogOf(reader, "&channel=sms"))));
    }

    [Fact]
    public async Task What_is_of_no_use_any_more_is_not_tried_again()
    {
        app.Providers.BeWell();
        app.Providers.OnText = _ => Task.FromResult<IResult?>(Results.StatusCode(503));
        var reader = await app.Reader(phone: _phone);
        await reader.Wants(new object[] { new { kind = "order.ready", sms = true } });
        await Happens(reader, "ready", 1);
        await app.RunJobs();
        app.Providers.OnText = _ => Task.FromResult<IResult?>(null);
        await app.Later(TimeSpan.FromHours(2.1));
        Assert.Single(app.Providers.Texts);
        var line = Assert.Single(await app.LogOf(reader, "&channel=sms"));
        Assert.Equal(("skipped", "too_late"), (line.Text("status"), line.Text("reason")));
    }

    [Fact]
    public async Task Nobody_has_more_sent_in_a_day_than_the_setting_says_nor_to_one_number_by_many_accounts()
    {
        app.Providers.BeWell();
        var (reader, other) = (await Wanting(_phone), await Wanting(_phone));
        await Happens(reader, "confirmed", NoticesApp.TextsADay + 2);
        await app.RunJobs();
        Assert.Equal(NoticesApp.TextsADay, app.Providers.Texts.Count);
        Assert.Equal(["too_many", "too_many"], (await app.LogOf(reader, "&channel=sms&status=skipped")).Select(line => line.Text("reason")), StringComparer.Ordinal);
        await Happens(other, "confirmed", 1);
        await app.RunJobs();
        Assert.Equal("too_many", Assert.Single(await app.LogOf(other, "&channel=sms")).Text("reason"));

        await app.Later(TimeSpan.FromDays(1));
        await Happens(other, "confirmed", 1);
        await app.RunJobs();
        Assert.Equal(NoticesApp.TextsADay + 1, app.Providers.Texts.Count);
    }

    [Fact]
    public async Task What_has_no_job_any_more_has_come_to_nothing_and_what_has_one_waits()
    {
        app.Providers.BeWell();
        app.Providers.OnText = _ => Task.FromResult<IResult?>(Results.StatusCode(503));
        var (lost, waiting) = (await Wanting(_phone), await Wanting(_phone));
        foreach (var reader in (Reader[])[lost, waiting])
        {
            await Happens(reader, "confirmed", 1);
            await app.RunJobs();
        }

        await app.Execute($"update platform.jobs set run_at = {app.Clock.GetUtcNow().AddDays(1)} where kind = 'notifications.send-sms'");
        await app.Execute($"update platform.jobs set state = 'dead' where kind = 'notifications.send-sms' and (payload->>'deliveryId')::uuid in (select id from notifications.deliveries where person_id = {lost.Id})");
        await Rentals.Later(app, TimeSpan.FromHours(1));
        Assert.Equal(("pending", 1), Of(Assert.Single(await app.LogOf(waiting, "&channel=sms"))));
        var line = Assert.Single(await app.LogOf(lost, "&channel=sms"));
        Assert.Equal(("failed", "gave_up"), (line.Text("status"), line.Text("reason")));

        // An operator may have it tried again all the same.
        app.Providers.OnText = _ => Task.FromResult<IResult?>(null);
        var job = (await (await (await app.Admin()).Get("/api/v1/jobs?kind=notifications.send-sms&state=dead")).Body()).GetProperty("data")[0].Id();
        await (await (await app.Admin()).Post($"/api/v1/jobs/{job}/retry")).Body();
        await app.RunJobs();
        Assert.Equal("sent", Assert.Single(await app.LogOf(lost, "&channel=sms")).Text("status"));
    }

    [Theory]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(401)]
    [InlineData(0)]
    public async Task What_passes_is_tried_again_and_holds_up_nothing_else(int status)
    {
        app.Providers.BeWell();
        app.Providers.OnText = http => status == 0 ? Providers.Stall(http) : Task.FromResult<IResult?>(Results.Json(new { code = 20429, message = "later" }, statusCode: status));
        var reader = await Wanting(_phone);
        using var browser = await reader.Subscribe();
        await app.Confirmed(reader);
        // The notice is there, and the browser was told.
        Assert.Equal(["order.confirmed"], await reader.Kinds(), StringComparer.Ordinal);
        Assert.Single(app.Providers.Pushed);
        Assert.Equal(("pending", 1), Of(Assert.Single(await app.LogOf(reader, "&channel=sms"))));

        app.Providers.OnText = _ => Task.FromResult<IResult?>(null);
        await app.Later(TimeSpan.FromSeconds(29));
        Assert.Single(app.Providers.Texts);
        await app.Later(TimeSpan.FromMinutes(1));
        Assert.Equal(2, app.Providers.Texts.Count);
        // The other side can tell that it is the same.
        Assert.Single(app.Providers.Texts.Select(text => text.Key).Distinct(StringComparer.Ordinal));
        Assert.Equal(("sent", 2), Of(Assert.Single(await app.LogOf(reader, "&channel=sms"))));
    }

    [Fact]
    public async Task After_so_many_tries_it_is_given_up()
    {
        app.Providers.BeWell();
        app.Providers.OnText = _ => Task.FromResult<IResult?>(Results.StatusCode(503));
        var reader = await Wanting(_phone);
        await app.Confirmed(reader);
        for (var hour = 0; hour < 2 * NoticesApp.Attempts; hour++)
            await app.Later(TimeSpan.FromHours(1.5));
        Assert.Equal(NoticesApp.Attempts, app.Providers.Texts.Count);
        var line = Assert.Single(await app.LogOf(reader, "&channel=sms&status=failed"));
        Assert.Equal(("gave_up", NoticesApp.Attempts), (line.Text("reason"), line.GetProperty("attempts").GetInt32()));
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from platform.jobs where kind = 'notifications.send-sms'"));
    }

    /// <summary>Orders of somebody come to a status, so many of them.</summary>
    private Task<bool> Happens(Reader reader, string status, int times) => app.WithDb(db =>
    {
        for (var i = 0; i < times; i++)
            db.Publish(new OrderStatusChanged(Guid.CreateVersion7(), 1000 + i, reader.Id, status, app.Clock.GetUtcNow()));
        return Task.FromResult(true);
    });

    private async Task<Reader> Wanting(string? phone)
    {
        var reader = await app.Reader(phone: phone);
        await reader.Wants(ByText);
        return reader;
    }

    private static (string, int) Of(System.Text.Json.JsonElement line) => (line.Text("status"), line.GetProperty("attempts").GetInt32());
}
