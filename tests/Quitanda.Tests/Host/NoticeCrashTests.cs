using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Quitanda.Tests.Accounts;
using Quitanda.Tests.Notifications;

namespace Quitanda.Tests.Host;

/// <summary>The process dies at random moments while notices are written and go out. None is lost, none is told twice, and a double carries the id of the first.</summary>
public sealed class NoticeCrashTests(NoticesApp app, ITestOutputHelper output) : IClassFixture<NoticesApp>
{
    private static readonly int Notices = Size.Of(normal: 300, full: 10_000);
    private static readonly int Kills = Size.Of(normal: 3, full: 10);

    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Killed_at_random_each_notice_is_told_once_in_every_way_and_doubles_carry_one_id()
    {
        var reader = await app.Reader(phone: "+5511987654321");
        await reader.Wants(new object[] { new { kind = "order.ready", sms = true } });
        using var browser = await reader.Subscribe();
        // Slow enough that a process dies with some on their way.
        app.Providers.OnText = app.Providers.OnPush = Slowly;
        // Each said twice, as by somebody who died before they knew that they had said it. The process has a clock of its own.
        await app.Execute($"""
            insert into platform.jobs (kind, payload, run_at)
            select 'notifications.tell-of-orders', jsonb_build_object('orderId', o.id, 'number', o.number, 'customerId', {reader.Id}, 'status', 'ready', 'at', to_jsonb(now())), now()
            from (select gen_random_uuid() as id, number from generate_series(1, {Notices}) number offset 0) o, generate_series(1, 2)
            order by random()
            """);

        var host = await Host();
        for (var kill = 1; kill <= Kills; kill++)
        {
            var until = 2 * Notices * kill / (Kills + 2);
            await Until(() => Task.FromResult(app.Providers.Texts.Count + app.Providers.Pushed.Count >= until));
            await Task.Delay(Random.Shared.Next(1, 40), _ct);
            await host.Kill();
            host.Dispose();
            host = await Host();
        }

        await Until(async () => await app.Scalar<long>($"select count(*) from platform.jobs where kind like 'notifications.tell%' or kind like 'notifications.send%'") == 0);
        Assert.Equal(0, await host.Interrupt());
        host.Dispose();

        Assert.Equal(Notices, await app.Scalar<long>($"select count(*) from notifications.notices where person_id = {reader.Id}"));
        foreach (var channel in (string[])["sms", "push"])
            Assert.Equal(Notices, await app.Scalar<long>($"select count(*) from notifications.deliveries where person_id = {reader.Id} and channel = {channel} and status = 'sent'"));
        Assert.Equal(2L * Notices, await app.Scalar<long>($"select count(*) from notifications.deliveries where person_id = {reader.Id}"));
        // What came is what was to come, each under one id.
        var texts = app.Providers.Texts.GroupBy(text => text.Body, StringComparer.Ordinal).ToList();
        Assert.Equal(Notices, texts.Count);
        Assert.All(texts, text => Assert.Single(text.Select(one => one.Key).Distinct(StringComparer.Ordinal)));
        var key = (await (await app.Guest.Get("/api/v1/push-key")).Body()).Text("publicKey");
        var pushed = app.Providers.Pushed.Select(message => (message.Headers["Topic"], browser.Read(message, key, TimeProvider.System.GetUtcNow()).Text("title"))).GroupBy(message => message.Item2, StringComparer.Ordinal).ToList();
        Assert.Equal(Notices, pushed.Count);
        Assert.All(pushed, message => Assert.Single(message.Select(one => one.Item1).Distinct(StringComparer.Ordinal)));
        output.WriteLine($"{Notices} notices, {Kills} kills; {app.Providers.Texts.Count - Notices} texts and {app.Providers.Pushed.Count - Notices} messages to browsers came twice.");
    }

    /// <summary>With no bound on what one person is sent: all of it is sent to one.</summary>
    private async Task<HostProcess> Host() => await HostProcess.ServeOn(
        app.ConnectionString, HostProcess.FreePort(), withProbe: false,
        [.. HostProcess.SoonGivenUp.Select(setting => (setting.Key, setting.Value)), .. app.Providers.Settings, ("Sms__PerPersonADay", "0")]);

    private async Task<IResult?> Slowly(HttpContext http)
    {
        await Task.Delay(TimeSpan.FromMilliseconds(15), _ct);
        return null;
    }

    private async Task Until(Func<Task<bool>> happened)
    {
        for (var begun = Stopwatch.GetTimestamp(); !await happened();)
        {
            Assert.True(Stopwatch.GetElapsedTime(begun) < TimeSpan.FromMinutes(Size.Of(normal: 2, full: 15)), "What was waited for did not happen.");
            await Task.Delay(20, _ct);
        }
    }
}
