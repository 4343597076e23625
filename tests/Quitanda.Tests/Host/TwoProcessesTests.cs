using System.Diagnostics;
using Quitanda.Tests.Platform;

namespace Quitanda.Tests.Host;

/// <summary>Two hosts, each its own process, on one database, and one of them dies in the middle.</summary>
public sealed class TwoProcessesTests(ProbeApp app, ITestOutputHelper output) : IClassFixture<ProbeApp>
{
    private const int Jobs = 1000;

    private static readonly int Ticks = Size.Of(normal: 8, full: 100);
    private static readonly TimeSpan StuckAtMost = TimeSpan.FromMinutes(1);

    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_thousand_jobs_and_every_tick_happen_once_though_one_process_is_killed_in_the_middle()
    {
        // One job at a time, so that there is a middle to be killed in.
        using var killed = await HostProcess.ServeOn(app.ConnectionString, HostProcess.FreePort(), withProbe: true, ("Jobs__Runners", "1"), ("Jobs__TrySeconds", "5"), ("Webhooks__TimeoutSeconds", "4"), ("Booking__FeedTimeoutSeconds", "4"));
        using var survivor = await HostProcess.ServeOn(app.ConnectionString, HostProcess.FreePort(), withProbe: true, ("Jobs__Runners", "1"), ("Jobs__TrySeconds", "5"), ("Webhooks__TimeoutSeconds", "4"), ("Booking__FeedTimeoutSeconds", "4"));
        await Until(async () => await Done("tick %") >= 2, TimeSpan.FromSeconds(60));

        await app.Execute($"insert into platform.jobs (kind, payload, run_at) select {RunErrand.Kind}, jsonb_build_object('name', 'job ' || n), now() from generate_series(1, {Jobs}) n");
        await Until(async () => await Done("job %") >= Jobs / 4, StuckAtMost);
        await killed.Kill();
        var (at, before) = (Stopwatch.GetTimestamp(), await Done("job %"));
        output.WriteLine($"Killed after {before} of {Jobs} jobs, with {await app.Scalar<long>($"select count(*) from platform.jobs where token is not null")} claimed.");
        Assert.InRange(before, 1, Jobs - 1);

        await Until(async () => await app.Scalar<long>($"select count(*) from platform.jobs where kind = {RunErrand.Kind}") == 0, StuckAtMost);
        output.WriteLine($"All were done {Stopwatch.GetElapsedTime(at).TotalSeconds:0.0} s later.");
        Assert.Equal((Jobs, Jobs), (await Done("job %"), await app.Scalar<long>($"select count(distinct name) from probe.effects where name like 'job %'")));

        var ticked = await Done("tick %");
        await Until(async () => await Done("tick %") >= ticked + Ticks, StuckAtMost + Ticks * 2 * TickOften.Period);
        Assert.Equal(0, await app.Scalar<long>($"select count(*) - count(distinct name) from probe.effects where name like 'tick %'"));
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from platform.jobs where state = 'dead'"));
        Assert.Equal(0, await survivor.Interrupt());
    }

    private Task<long> Done(string like) => app.Scalar<long>($"select count(*) from probe.effects where name like {like}");

    private async Task Until(Func<Task<bool>> happened, TimeSpan atMost)
    {
        var began = Stopwatch.GetTimestamp();
        while (!await happened())
        {
            Assert.True(Stopwatch.GetElapsedTime(began) < atMost, $"It did not happen within {atMost}.");
            await Task.Delay(50, _ct);
        }
    }
}
