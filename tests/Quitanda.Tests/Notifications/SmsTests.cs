using Microsoft.AspNetCore.Http;
using Quitanda.Tests.Accounts;

namespace Quitanda.Tests.Notifications;

/// <summary>Text messages: to whoever wants them, once, whatever the provider does; and the log of it.</summary>
public sealed class SmsTests(NoticesApp app) : IClassFixture<NoticesApp>
{
    private const string Phone = "+5511987654321";

    private static readonly object[] ByText = [new { kind = "order.confirmed", sms = true }];

    [Fact]
    public async Task It_goes_to_the_phone_of_the_account_and_is_in_the_log()
    {
        app.Providers.BeWell();
        var reader = await Wanting(Phone);
        var order = await app.Confirmed(reader);
        var sent = Assert.Single(app.Providers.Texts);
        Assert.Equal((Phone, Providers.From, $"Quitanda: o pedido {order.GetProperty("number").GetInt64()} foi confirmado."), (sent.To, sent.From, sent.Body));
        var line = Assert.Single(await app.LogOf(reader, "&channel=sms"));
        Assert.Equal((sent.Key, "order.confirmed", "sent", "SM00000001", 1), (line.Text("id"), line.Text("kind"), line.Text("status"), line.Text("providerId"), line.GetProperty("attempts").GetInt32()));
        Assert.Equal((await reader.Notices())[0].Id(), line.GetProperty("noticeId").GetGuid());
        // Neither words nor the number are in the log.
        Assert.DoesNotContain(Phone, await app.Scalar<string>($"select string_agg(d::text, ' ') from notifications.deliveries d") ?? "", StringComparison.Ordinal);
        // Done again, as after a crash that came too late, it is found to be done.
        await app.Execute($"insert into platform.jobs (kind, payload, run_at) values ('notifications.send-sms', jsonb_build_object('deliveryId', {line.Text("id")}), {app.Clock.GetUtcNow()})");
        await app.RunJobs();
        Assert.Single(app.Providers.Texts);
    }

    [Fact]
    public async Task Nobody_is_texted_who_did_not_ask_for_it_or_has_no_phone()
    {
        app.Providers.BeWell();
        await app.Confirmed(await app.Reader(phone: Phone));
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
        app.Providers.OnText = _ => Task.FromResult<IResult?>(Results.Json(new { code, message = $"The 'To' number {Phone} is not good.", status }, statusCode: status));
        var reader = await Wanting(Phone);
        await app.Confirmed(reader);
        await app.Later(TimeSpan.FromHours(3));
        Assert.Single(app.Providers.Texts);
        var line = Assert.Single(await app.LogOf(reader, "&channel=sms"));
        Assert.Equal(("failed", reason, $"{status} {code} The 'To' number (phone) is not good."), (line.Text("status"), line.Text("reason"), line.Text("detail")));
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
        var reader = await Wanting(Phone);
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
        var reader = await Wanting(Phone);
        await app.Confirmed(reader);
        for (var hour = 0; hour < 2 * NoticesApp.Attempts; hour++)
            await app.Later(TimeSpan.FromHours(1.5));
        Assert.Equal(NoticesApp.Attempts, app.Providers.Texts.Count);
        var line = Assert.Single(await app.LogOf(reader, "&channel=sms&status=failed"));
        Assert.Equal(("gave_up", NoticesApp.Attempts), (line.Text("reason"), line.GetProperty("attempts").GetInt32()));
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from platform.jobs where kind = 'notifications.send-sms'"));
    }

    private async Task<Reader> Wanting(string? phone)
    {
        var reader = await app.Reader(phone: phone);
        await reader.Wants(ByText);
        return reader;
    }

    private static (string, int) Of(System.Text.Json.JsonElement line) => (line.Text("status"), line.GetProperty("attempts").GetInt32());
}
