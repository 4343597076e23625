using System.Diagnostics;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Platform;

namespace Quitanda.Tests.Platform;

public sealed class JobsTests(ProbeApp app) : IClassFixture<ProbeApp>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private JobRunner Runner => app.Services.GetRequiredService<JobRunner>();

    [Fact]
    public async Task A_fact_that_was_rolled_back_is_told_to_nobody()
    {
        await Assert.ThrowsAsync<FormatException>(() => app.WithDb<bool>(db =>
        {
            db.Publish(new Happened("never"));
            throw new FormatException("no");
        }));
        await app.RunJobs();
        Assert.Equal((0, 0), (await app.Effects("first never"), await app.Effects("second never")));
    }

    [Fact]
    public async Task Every_subscriber_hears_every_fact_once_over_two_processes()
    {
        var facts = Size.Of(500, 5000);
        await using var other = await app.StartAnother();
        await app.WithDb(db =>
        {
            for (var i = 0; i < facts; i++)
                db.Publish(new Happened("many"));
            return Task.FromResult(true);
        });

        await Task.WhenAll(app.RunJobs(), Drain(other), app.RunJobs(), Drain(other));

        Assert.Equal((facts, facts), (await app.Effects("first many"), await app.Effects("second many")));
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from platform.jobs where payload->>'name' = 'many'"));
    }

    [Fact]
    public async Task What_fails_comes_back_later_and_later_with_jitter_and_is_dead_in_the_end()
    {
        var runs = 0;
        app.Scripts.Working["fails"] = async (db, ct) =>
        {
            Interlocked.Increment(ref runs);
            await db.Execute($"insert into probe.effects (name) values ('fails')", ct);
            throw new InvalidOperationException("again\0");
        };
        var id = await Schedule("fails");
        for (var attempt = 1; attempt <= 12; attempt++)
        {
            await app.RunJobs();
            Assert.Equal(attempt, runs);
            var (runAt, state, error) = await app.WithDb(db => db.ReadFirst($"select run_at, state, last_error from platform.jobs where id = {id}",
                row => (row.GetFieldValue<DateTimeOffset>(0), row.GetString(1), row.GetString(2)), Ct));
            var seconds = Math.Min(3600, Math.Pow(2, attempt));
            Assert.InRange((runAt - app.Clock.GetUtcNow()).TotalSeconds, seconds * 0.74, seconds * 1.26);
            Assert.Equal(attempt < 12 ? "ready" : "dead", state);
            Assert.Contains("again", error, StringComparison.Ordinal);
            app.Clock.Advance(runAt - app.Clock.GetUtcNow());
        }

        app.Clock.Advance(TimeSpan.FromDays(1));
        await app.RunJobs();
        Assert.Equal(12, runs);
        Assert.Equal(0, await app.Effects("fails"));
    }

    [Fact]
    public async Task What_failed_together_does_not_come_back_together()
    {
        app.Scripts.Working["crowd"] = (_, _) => throw new InvalidOperationException("busy");
        for (var i = 0; i < 20; i++)
            await Schedule("crowd");
        await app.RunJobs();
        Assert.InRange(await app.Scalar<long>($"select count(distinct run_at) from platform.jobs where payload->>'name' = 'crowd'"), 15, 20);
    }

    [Fact]
    public async Task A_process_that_died_with_a_job_has_used_an_attempt_and_the_job_comes_back_after_its_lease()
    {
        var id = await Schedule("abandoned");
        await Abandon(id, "now() + interval '35 seconds'", attempts: 1);
        await app.RunJobs();
        Assert.Equal(0, await app.Effects("abandoned"));

        await Abandon(id, "now() - interval '1 second'", attempts: 1);
        app.Scripts.Working["abandoned"] = async (db, ct) =>
        {
            await db.Execute($"insert into probe.effects (name) values ('abandoned')", ct);
            throw new InvalidOperationException("to see the attempts");
        };
        await app.RunJobs();
        Assert.Equal(2, await app.Scalar<int>($"select attempts from platform.jobs where id = {id}"));
    }

    [Fact]
    public async Task A_job_that_kills_every_process_is_dead_and_not_tried_again()
    {
        var runs = 0;
        app.Scripts.Working["killer"] = (_, _) => Task.FromResult(Interlocked.Increment(ref runs));
        var id = await Schedule("killer");
        await Abandon(id, "now() - interval '1 second'", attempts: 12);
        await app.RunJobs();
        Assert.Equal(0, runs);
        Assert.Equal("dead", await app.Scalar<string>($"select state from platform.jobs where id = {id}"));
    }

    [Fact]
    public async Task Whoever_lost_the_lease_writes_nothing_and_outside_work_holds_no_transaction()
    {
        var open = -1L;
        app.Scripts.Calling["lost"] = async ct =>
        {
            open = await app.Scalar<long>($"select count(*) from pg_stat_activity where datname = current_database() and state = 'idle in transaction'");
            // Another process takes the job meanwhile, as when this one stood still for longer than its lease.
            await app.Execute($"update platform.jobs set token = {Guid.CreateVersion7()}, leased_until = now() - interval '1 second' where payload->>'name' = 'lost'");
            app.Scripts.Calling["lost"] = _ => Task.FromResult("won");
            return "lost";
        };
        await app.WithDb(db =>
        {
            db.Schedule(AskElsewhere.Kind, new OutsideErrand("lost"), app.Clock.GetUtcNow());
            return Task.FromResult(true);
        });
        await app.RunJobs();
        Assert.Equal(0, open);
        Assert.Equal((0, 1), (await app.Effects("lost"), await app.Effects("won")));
    }

    [Fact]
    public async Task A_job_that_waited_too_long_in_this_process_is_given_back_and_costs_no_attempt()
    {
        var id = await Schedule("late");
        var before = Runner.StartsWithin;
        Runner.StartsWithin = TimeSpan.Zero;
        try
        {
            Assert.Equal(1, await Runner.RunDue(Ct));
            Assert.Equal(0, await app.Scalar<int>($"select attempts from platform.jobs where id = {id} and token is null"));
        }
        finally
        {
            Runner.StartsWithin = before;
        }

        await app.RunJobs();
        Assert.Equal(1, await app.Effects("late"));
    }

    [Fact]
    public async Task A_job_nobody_takes_waits_untried_and_is_not_made_here()
    {
        await app.Execute($"insert into platform.jobs (kind, payload, run_at) values ('probe.unheard-of', '{{}}', {app.Clock.GetUtcNow()})");
        await app.RunJobs();
        Assert.Equal("ready 0", await app.Scalar<string>($"select state || ' ' || attempts from platform.jobs where kind = 'probe.unheard-of' and token is null and last_error is null"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => app.WithDb(db =>
        {
            db.Schedule("probe.unheard-of", new Errand("x"), app.Clock.GetUtcNow());
            return Task.FromResult(true);
        }));
    }

    [Fact]
    public async Task However_many_processes_ask_a_timer_ticks_once_and_goes_on_even_after_a_tick_died()
    {
        await using var other = await app.StartAnother(builder => builder.Services.AddSingleton<TimeProvider>(app.Clock));
        var runners = new[] { Runner, other.Services.GetRequiredService<JobRunner>() };
        await Task.WhenAll(Enumerable.Range(0, 10).Select(i => runners[i % 2].EnsureTimers(Ct)));
        Assert.Equal(1, await Ticks());

        app.Clock.Advance(TimeSpan.FromMinutes(10));
        await Task.WhenAll(app.RunJobs(), Drain(other));
        Assert.Equal(1, await app.Scalar<long>($"select count(*) from probe.effects where name like 'bell %'"));
        Assert.Equal(1, await Ticks());

        app.Scripts.Working["bell"] = (_, _) => throw new InvalidOperationException("broken bell");
        await app.Execute($"update platform.jobs set attempts = 11 where kind = {RingBell.Kind}");
        app.Clock.Advance(TimeSpan.FromMinutes(10));
        await app.RunJobs();
        Assert.Equal(1, await app.Scalar<long>($"select count(*) from platform.jobs where kind = {RingBell.Kind} and state = 'dead'"));
        Assert.Equal(1, await Ticks());
        Assert.True(app.Scripts.Working.TryRemove("bell", out _));

        Task<long> Ticks() => app.Scalar<long>($"select count(*) from platform.jobs where kind = {RingBell.Kind} and state = 'ready' and run_at > {app.Clock.GetUtcNow()}");
    }

    [Fact]
    public async Task Trivial_jobs_are_done_by_the_thousand()
    {
        var jobs = Size.Of(1000, 20_000);
        await app.Execute($"insert into platform.jobs (kind, payload, run_at) select {RunErrand.Kind}, jsonb_build_object('name', 'trivial'), {app.Clock.GetUtcNow()} from generate_series(1, {jobs})");
        var started = Stopwatch.GetTimestamp();
        await app.RunJobs();
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        TestContext.Current.TestOutputHelper?.WriteLine($"{jobs / seconds:0} trivial jobs a second");
        Assert.Equal(jobs, await app.Effects("trivial"));
    }

    private static async Task Drain(OtherProcess other)
    {
        while (await other.Services.GetRequiredService<JobRunner>().RunDue(Ct) > 0)
        {
            // Until nothing is due.
        }
    }

    private async Task<long> Schedule(string name)
    {
        await app.WithDb(db =>
        {
            db.Schedule(RunErrand.Kind, new Errand(name), app.Clock.GetUtcNow());
            return Task.FromResult(true);
        });
        return await app.Scalar<long>($"select max(id) from platform.jobs where payload->>'name' = {name}");
    }

    private Task<int> Abandon(long id, string until, int attempts) =>
        app.Execute($"update platform.jobs set token = {Guid.CreateVersion7()}, leased_until = {Sql.Raw(until)}, attempts = {attempts} where id = {id}");
}

/// <summary>With runners that run by themselves, on a database of their own.</summary>
public sealed class JobsBetweenProcessesTests(ProbeApp app) : IClassFixture<ProbeApp>
{
    [Fact]
    public async Task Another_process_is_woken_at_once_and_a_stop_lets_the_running_handler_finish()
    {
        var (arrived, gate) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource());
        var theirs = new ProbeScripts();
        theirs.Working["woken"] = async (db, ct) =>
        {
            arrived.TrySetResult();
            await gate.Task;
            await db.Execute($"insert into probe.effects (name) values ('woken')", ct);
        };
        // Looks by itself only once a minute, so that what comes sooner was told.
        await using var other = await app.StartAnother(builder => (builder.Configuration["Jobs:Enabled"], builder.Configuration["Jobs:PollSeconds"]) = ("true", "60"), theirs);
        await Task.WhenAll(Listening(app.Services), Listening(other.Services));

        await app.WithDb(db =>
        {
            db.Schedule(RunErrand.Kind, new Errand("woken"), app.Clock.GetUtcNow());
            return Task.FromResult(true);
        });
        // Half of what it would sleep: no measure of speed, but of whether it was woken.
        await arrived.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        var stopping = other.StopAsync(TestContext.Current.CancellationToken);
        Assert.False(stopping.IsCompleted);
        gate.SetResult();
        await stopping;
        Assert.Equal(1, await app.Effects("woken"));
    }

    [Fact]
    public async Task An_eviction_reaches_the_other_process()
    {
        var text = "old";
        app.Scripts.Showing = (_, _) => Task.FromResult<string?>(text);
        await using var other = await app.StartAnother();
        await Listening(other.Services);
        var there = other.GetTestServer().CreateClient();
        Assert.Contains("old", await (await there.Send(HttpMethod.Get, "/api/v1/probe/shown/far")).Text(), StringComparison.Ordinal);
        text = "new";
        Assert.Contains("old", await (await there.Send(HttpMethod.Get, "/api/v1/probe/shown/far")).Text(), StringComparison.Ordinal);

        await app.WithDb(db =>
        {
            db.Evict("thing:far");
            return Task.FromResult(true);
        });
        await Eventually.Happens(async () => (await (await there.Send(HttpMethod.Get, "/api/v1/probe/shown/far")).Text()).Contains("new", StringComparison.Ordinal));
    }

    private static Task Listening(IServiceProvider services) => services.GetRequiredService<Signals>().Listening;
}
