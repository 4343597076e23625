using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Platform;

namespace Quitanda.Tests.Platform;

/// <summary>The runner as it runs by itself, in an application beside the one that asks.</summary>
public sealed class JobLoopTests(ProbeApp app) : IClassFixture<ProbeApp>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Slow_calls_to_the_outside_hold_back_nothing_inside()
    {
        var (scripts, gate) = (new ProbeScripts(), new TaskCompletionSource());
        var calling = 0;
        scripts.Calling["slow provider"] = async _ =>
        {
            Interlocked.Increment(ref calling);
            await gate.Task;
            return "slow provider";
        };
        await app.WithDb(db =>
        {
            for (var i = 0; i < 20; i++)
                db.Schedule(AskElsewhere.Kind, new OutsideErrand("slow provider"), app.Clock.GetUtcNow());
            return Task.FromResult(true);
        });
        await using var other = await Start(scripts, runners: 1, outside: 5);
        await Eventually.Happens(() => Volatile.Read(ref calling) > 0);
        await Errands("inside meanwhile", 100);
        await Eventually.Happens(async () => await app.Effects("inside meanwhile") == 100);

        // A kind that has not shown yet how slow it is may have all places, and no more.
        Assert.Equal(5, Volatile.Read(ref calling));
        Assert.Equal(0, await app.Effects("slow provider"));
        gate.SetResult();
        await Eventually.Happens(async () => await app.Effects("slow provider") == 20);
    }

    [Fact]
    public async Task One_slow_job_does_not_hold_back_what_comes_after_it()
    {
        var (scripts, gate) = (new ProbeScripts(), new TaskCompletionSource());
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        scripts.Working["slow"] = async (db, ct) =>
        {
            arrived.TrySetResult();
            await gate.Task;
            await db.Execute($"insert into probe.effects (name) values ('slow')", ct);
        };
        await Errands("slow", 1);
        await using var other = await Start(scripts, runners: 2, outside: 1);
        await arrived.Task.WaitAsync(Eventually.Patience, Ct);
        await Errands("quick behind it", 150);
        await Eventually.Happens(async () => await app.Effects("quick behind it") == 150);

        Assert.Equal(0, await app.Effects("slow"));
        gate.SetResult();
        await Eventually.Happens(async () => await app.Effects("slow") == 1);
    }

    [Fact]
    public async Task Trivial_jobs_are_done_by_the_thousand_while_the_runner_runs_by_itself()
    {
        var jobs = Size.Of(1000, 20_000);
        await app.Execute($"insert into platform.jobs (kind, payload, run_at) select {RunErrand.Kind}, jsonb_build_object('name', 'by itself'), {app.Clock.GetUtcNow()} from generate_series(1, {jobs})");
        await using var other = await Start(new(), runners: 4, outside: 8);
        // Looking costs as well, so it looks seldom, and the jobs' own times tell how long they took.
        await Eventually.Happens(async () => await app.Scalar<long>($"select count(*) from platform.jobs where payload->>'name' = 'by itself'") == 0);
        var seconds = await app.Scalar<double>($"select extract(epoch from max(at) - min(at))::float8 from probe.effects where name = 'by itself'");
        TestContext.Current.TestOutputHelper?.WriteLine($"{jobs / seconds:0} trivial jobs a second, by itself");
        Assert.Equal(jobs, await app.Effects("by itself"));
    }

    [Fact]
    public async Task What_jobs_do_is_measured_by_kind_and_the_lag_is_asked_for_now_and_then()
    {
        var measured = new ConcurrentBag<(string Name, double Value, string? Kind)>();
        using var listener = new MeterListener();
        var scope = app.Services.GetRequiredService<IMeterFactory>();
        listener.InstrumentPublished = (instrument, hearing) =>
        {
            if (instrument.Meter.Name == "Quitanda" && ReferenceEquals(instrument.Meter.Scope, scope))
                hearing.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => measured.Add((instrument.Name, value, KindOf(tags))));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => measured.Add((instrument.Name, value, KindOf(tags))));
        listener.Start();

        app.Scripts.Working["fails always"] = (_, _) => throw new InvalidOperationException("no");
        await Errands("measured", 3);
        await Errands("fails always", 1);
        await app.Execute($"update platform.jobs set attempts = 11 where payload->>'name' = 'fails always'");
        app.Clock.Advance(TimeSpan.FromSeconds(42));
        var meters = app.Services.GetRequiredService<JobMeters>();
        await meters.Look(Ct);
        listener.RecordObservableInstruments();
        Assert.Equal(42, Assert.Single(measured, one => one.Name == "quitanda.jobs.lag").Value, precision: 0);

        await app.RunJobs();
        Assert.Equal((3, 1, 1), (Sum("quitanda.jobs.done"), Sum("quitanda.jobs.failed"), Sum("quitanda.jobs.dead")));
        Assert.Equal(4, measured.Count(one => one is { Name: "quitanda.jobs.duration", Kind: RunErrand.Kind, Value: >= 0 }));
        await meters.Look(Ct);
        measured.Clear();
        listener.RecordObservableInstruments();
        Assert.Equal(0, Assert.Single(measured, one => one.Name == "quitanda.jobs.lag").Value);

        double Sum(string name) => measured.Where(one => one.Name == name && one.Kind == RunErrand.Kind).Sum(one => one.Value);

        static string? KindOf(ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            foreach (var (key, value) in tags)
                if (key == "kind")
                    return (string?)value;
            return null;
        }
    }

    private Task<OtherProcess> Start(ProbeScripts scripts, int runners, int outside) => app.StartAnother(builder =>
        (builder.Configuration["Jobs:Enabled"], builder.Configuration["Jobs:Runners"], builder.Configuration["Jobs:OutsideRunners"]) = ("true", $"{runners}", $"{outside}"), scripts);

    private Task<bool> Errands(string name, int times) => app.WithDb(db =>
    {
        for (var i = 0; i < times; i++)
            db.Schedule(RunErrand.Kind, new Errand(name), app.Clock.GetUtcNow());
        return Task.FromResult(true);
    });
}
