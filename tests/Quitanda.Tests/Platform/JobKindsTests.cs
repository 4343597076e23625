using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Quitanda.Platform;
using Quitanda.Tests.Accounts;

namespace Quitanda.Tests.Platform;

/// <summary>Kinds of jobs: their numbers, their pauses, and that none of them is in another's way.</summary>
public sealed class JobKindsTests(ProbeApp app) : IClassFixture<ProbeApp>
{
    private const string Kinds = "/api/v1/job-kinds";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private JobRunner Runner => app.Services.GetRequiredService<JobRunner>();

    [Fact]
    public async Task A_paused_kind_is_taken_by_no_process_until_it_is_resumed()
    {
        var admin = await Admin();
        await using var other = await app.StartAnother();
        var paused = await (await admin.Post($"{Kinds}/{RunErrand.Kind}/pause")).Body();
        Assert.True(paused.GetProperty("isPaused").GetBoolean());
        Assert.Equal(paused.GetProperty("pausedAt").GetString(), (await (await admin.Post($"{Kinds}/{RunErrand.Kind}/pause")).Body()).Text("pausedAt"));

        await Schedule("held", 3);
        await app.WithDb(db =>
        {
            db.Publish(new Happened("meanwhile"));
            return Task.FromResult(true);
        });
        await using (var third = await app.StartAnother())
            await Task.WhenAll(app.RunJobs(), Drain(other), Drain(third));
        Assert.Equal((0, 1), (await app.Effects("held"), await app.Effects("first meanwhile")));
        Assert.Equal((true, 3), (await Kind(RunErrand.Kind) is var kind ? (kind.GetProperty("isPaused").GetBoolean(), kind.GetProperty("due").GetInt32()) : default));
        Assert.Equal(3, (await (await admin.Get($"/api/v1/jobs?kind={RunErrand.Kind}&state=paused")).Body()).GetProperty("meta").GetProperty("total").GetInt32());

        Assert.False((await (await admin.Post($"{Kinds}/{RunErrand.Kind}/resume")).Body()).GetProperty("isPaused").GetBoolean());
        await Task.WhenAll(app.RunJobs(), Drain(other));
        Assert.Equal(3, await app.Effects("held"));
    }

    [Fact]
    public async Task A_paused_timer_does_not_pile_up_and_ticks_once_when_it_is_resumed()
    {
        var admin = await Admin();
        await Runner.EnsureTimers(Ct);
        await (await admin.Post($"{Kinds}/{RingBell.Kind}/pause")).Body();
        for (var i = 0; i < 5; i++)
        {
            app.Clock.Advance(TimeSpan.FromMinutes(10));
            await Task.WhenAll(Runner.EnsureTimers(Ct), Runner.EnsureTimers(Ct));
            await app.RunJobs();
        }

        Assert.Equal(1, await app.Scalar<long>($"select count(*) from platform.jobs where kind = {RingBell.Kind}"));
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from probe.effects where name like 'bell %'"));

        // The clock has gone on, and tokens are short-lived.
        await (await (await Admin()).Post($"{Kinds}/{RingBell.Kind}/resume")).Body();
        await app.RunJobs();
        Assert.Equal(1, await app.Scalar<long>($"select count(*) from probe.effects where name like 'bell %'"));
        Assert.Equal(1, await app.Scalar<long>($"select count(*) from platform.jobs where kind = {RingBell.Kind} and run_at > {app.Clock.GetUtcNow()}"));
    }

    [Fact]
    public async Task Every_kind_tells_its_numbers_and_a_kind_that_does_not_exist_is_not_there()
    {
        var kind = $"probe.counted-{Guid.CreateVersion7():N}";
        await app.Execute($"""
            insert into platform.jobs (kind, payload, run_at, state, token, leased_until) values
                ({kind}, '1', {app.Clock.GetUtcNow().AddSeconds(-90)}, 'ready', null, null), ({kind}, '2', {app.Clock.GetUtcNow()}, 'ready', null, null),
                ({kind}, '3', {app.Clock.GetUtcNow().AddSeconds(5)}, 'ready', null, null), ({kind}, '4', {app.Clock.GetUtcNow().AddHours(-1)}, 'dead', null, null),
                ({kind}, '5', {app.Clock.GetUtcNow().AddHours(-1)}, 'ready', {Guid.CreateVersion7()}, now() + interval '30 seconds')
            """);

        var counted = await Kind(kind);
        Assert.Equal((2, 1, 1, 1, 90.0), (Number("due"), Number("waiting"), Number("running"), Number("dead"), counted.GetProperty("oldestDueSeconds").GetDouble()));
        Assert.False(counted.GetProperty("isKnown").GetBoolean());
        var bell = await Kind(RingBell.Kind);
        Assert.Equal((600, true), (bell.GetProperty("everySeconds").GetDouble(), bell.GetProperty("isKnown").GetBoolean()));
        Assert.True((await Kind(AskElsewhere.Kind)).GetProperty("isOutside").GetBoolean());
        await app.Execute($"delete from platform.jobs where kind = {kind}");

        foreach (var verb in (string[])["pause", "resume"])
            Assert.Equal("not_found", await (await (await Admin()).Post($"{Kinds}/probe.never/{verb}")).Refusal(HttpStatusCode.NotFound));

        int Number(string name) => counted.GetProperty(name).GetInt32();
    }

    [Fact]
    public async Task A_flood_of_one_kind_does_not_make_another_wait_for_its_end()
    {
        var before = 0L;
        app.Scripts.Working["after the flood"] = async (db, ct) =>
        {
            before = await app.Effects("flood");
            await db.Execute($"insert into probe.effects (name) values ('after the flood')", ct);
        };
        await Schedule("flood", 400);
        // Due later than all of the flood.
        await app.Execute($"update platform.jobs set run_at = run_at - interval '1 hour' where payload->>'name' = 'flood'");
        await app.Execute($"insert into platform.jobs (kind, payload, run_at) values ({NoteFirst.Kind}, '{{\"name\": \"after the flood\"}}', {app.Clock.GetUtcNow()})");

        await app.RunJobs();

        Assert.Equal((400, 1), (await app.Effects("flood"), await app.Effects("after the flood")));
        Assert.InRange(before, 0, JobLane.BatchSize);
    }

    [Fact]
    public void Places_are_dealt_in_turn_and_a_slow_kind_never_gets_the_last_runner()
    {
        var lane = new JobLane(runners: 4);
        JobQueue.DueKind[] due = [new("a", 51, default), new("b", 2, default), new("c", 51, default)];
        Assert.Equal([("a", 4), ("b", 2), ("c", 4)], lane.Share(due, 10));
        Assert.Equal(1, lane.Share(due, 1).Single().Most);
        Assert.Equal(3, Enumerable.Range(0, 3).Select(_ => lane.Share(due, 1).Single().Kind).Distinct(StringComparer.Ordinal).Count());

        lane.Take("a");
        lane.Done("a", TimeSpan.FromSeconds(2));
        Assert.Equal([("a", 3)], lane.Share([due[0]], 10));
        for (var i = 0; i < 3; i++)
            lane.Take("a");
        Assert.Equal([("b", 1)], lane.Share([due[0], due[1]], lane.Room));
        Assert.Equal(1, lane.Room);
        Assert.Equal([("a", 1)], new JobLane(runners: 1).Share([due[0]], 1));
    }

    [Fact]
    public void Of_a_share_no_more_run_at_once_than_its_kind_says_and_shares_take_turns()
    {
        var lane = new JobLane(runners: 8, kind => kind.StartsWith("hook:", StringComparison.Ordinal) ? 2 : null);
        JobQueue.DueKind[] due = [new("feed", 1, default), new("hook:a", 51, default), new("hook:b", 51, default)];
        Assert.Equal([("feed", 1), ("hook:a", 1), ("hook:b", 1)], lane.Share(due, 8));
        foreach (var kind in (string[])["hook:a", "hook:b"])
        {
            lane.Take(kind);
            lane.Done(kind, TimeSpan.FromSeconds(0.01));
        }

        Assert.Equal(5, lane.Share(due, 8).Sum(share => share.Most));
        lane.Take("hook:a");
        lane.Take("hook:a");
        lane.Take("hook:b");
        Assert.Equal([("feed", 1), ("hook:b", 1)], lane.Share(due, lane.Room));
        lane.Done("hook:a", TimeSpan.FromSeconds(0.01));
        Assert.Equal([("hook:a", 1)], lane.Share([due[1]], lane.Room));
    }

    [Fact]
    public void Slow_shares_have_half_of_the_places_together_and_those_that_answer_the_others()
    {
        var lane = new JobLane(runners: 8, kind => kind.StartsWith("hook:", StringComparison.Ordinal) ? 2 : null);
        JobQueue.DueKind[] slow = [new("hook:a", 51, default), new("hook:b", 51, default), new("hook:c", 51, default)];
        foreach (var kind in slow)
        {
            lane.Take(kind.Kind);
            lane.Done(kind.Kind, TimeSpan.FromSeconds(15));
        }

        Assert.Equal(4, lane.Share(slow, lane.Room).Sum(share => share.Most));
        foreach (var (kind, most) in lane.Share(slow, lane.Room))
            for (var i = 0; i < most; i++)
                lane.Take(kind);
        Answer(lane, "hook:d");
        Assert.Equal([("hook:d", 2)], lane.Share([.. slow, new("hook:d", 51, default)], lane.Room));
    }

    [Fact]
    public void Shares_of_which_none_has_ended_are_in_the_half_of_those_that_are_slow()
    {
        var lane = new JobLane(runners: 8, kind => kind.StartsWith("hook:", StringComparison.Ordinal) ? 2 : null);
        Answer(lane, "hook:good");
        JobQueue.DueKind[] unknown = [.. Enumerable.Range(0, 8).Select(number => new JobQueue.DueKind($"hook:{number}", 51, default))];
        var dealt = lane.Share(unknown, lane.Room).ToList();
        Assert.Equal(4, dealt.Sum(share => share.Most));
        foreach (var (kind, _) in dealt)
            lane.Take(kind);
        Assert.Equal([("hook:good", 2)], lane.Share([.. unknown, new("hook:good", 51, default)], lane.Room));

        // Whoever answers leaves it.
        lane.Done(dealt[0].Kind, TimeSpan.FromSeconds(0.01));
        Assert.Equal(new[] { dealt[0].Kind, "hook:good" }.Order(StringComparer.Ordinal), lane.Share([.. unknown.Where(kind => kind.Kind == dealt[0].Kind), new("hook:good", 51, default)], lane.Room).Select(share => share.Kind).Order(StringComparer.Ordinal), StringComparer.Ordinal);
    }

    [Fact]
    public void Kinds_that_are_bounded_and_slow_have_that_half_together_with_slow_shares()
    {
        var lane = new JobLane(runners: 8, kind => kind == "feed" ? 3 : kind == "push" ? 4 : 2);
        JobQueue.DueKind[] slow = [new("feed", 51, default), new("push", 51, default), new("hook:a", 51, default)];
        foreach (var kind in slow)
        {
            lane.Take(kind.Kind);
            lane.Done(kind.Kind, TimeSpan.FromSeconds(10));
        }

        Answer(lane, "hook:good");
        var dealt = lane.Share([.. slow, new("hook:good", 51, default)], lane.Room).ToDictionary(share => share.Kind, share => share.Most, StringComparer.Ordinal);
        Assert.Equal((4, 2), (slow.Sum(kind => dealt.GetValueOrDefault(kind.Kind)), dealt["hook:good"]));
    }

    [Fact]
    public async Task Everything_that_asks_addresses_which_people_named_says_how_many_of_it_run_at_once()
    {
        await using var house = await app.StartBeside();
        var asking = house.Services.GetRequiredService<Subscriptions>().All.Where(subscription => subscription.AsksNamed).ToList();
        Assert.NotEmpty(asking);
        Assert.All(asking, subscription => Assert.InRange(subscription.AtOnce ?? int.MaxValue, 1, house.Services.GetRequiredService<IOptions<JobSettings>>().Value.NamedRunners / 2));
    }

    private static void Answer(JobLane lane, string kind)
    {
        lane.Take(kind);
        lane.Done(kind, TimeSpan.FromSeconds(0.01));
    }

    [Fact]
    public void Kinds_that_hang_leave_a_place_together_to_those_that_answer()
    {
        var lane = new JobLane(runners: 4);
        JobQueue.DueKind[] slow = [new("sms", 51, default), new("provider", 51, default)];
        foreach (var kind in slow)
        {
            lane.Take(kind.Kind);
            lane.Done(kind.Kind, TimeSpan.FromSeconds(10));
        }

        Assert.Equal(3, lane.Share(slow, lane.Room).Sum(share => share.Most));
        foreach (var (kind, most) in lane.Share(slow, lane.Room))
            for (var i = 0; i < most; i++)
                lane.Take(kind);
        Assert.Empty(lane.Share(slow, lane.Room));
        Assert.Equal([("mail", 1)], lane.Share([.. slow, new("mail", 51, default)], lane.Room));
        // Where there is one place, whoever is due has it.
        var one = new JobLane(runners: 1);
        one.Take("sms");
        one.Done("sms", TimeSpan.FromSeconds(10));
        Assert.Equal([("sms", 1)], one.Share([slow[0]], one.Room));
    }

    [Fact]
    public void A_process_holds_as_much_as_it_soon_gets_through()
    {
        var quick = new JobLane(runners: 4);
        Assert.Equal(4, quick.Room);
        Work(quick, 1, TimeSpan.FromMilliseconds(2));
        Assert.Equal(2 * JobLane.BatchSize, quick.Room);
        for (var i = 0; i < 2 * JobLane.BatchSize; i++)
            quick.Take("quick");
        Assert.Equal(0, quick.Room);
        // No claim for each job that ends, but one for half of them.
        Work(quick, -49, default);
        Assert.Equal(0, quick.Room);
        Work(quick, -1, default);
        Assert.Equal(50, quick.Room);

        var slow = new JobLane(runners: 4);
        Work(slow, 1, TimeSpan.FromSeconds(3));
        Assert.Equal(4, slow.Room);
        for (var i = 0; i < 3; i++)
            slow.Take("slow");
        Assert.Equal(1, slow.Room);

        static void Work(JobLane lane, int jobs, TimeSpan took)
        {
            for (var i = 0; i < Math.Abs(jobs); i++)
            {
                if (jobs > 0)
                    lane.Take("quick");
                lane.Done("quick", jobs > 0 ? took : null);
            }
        }
    }

    private async Task<HttpClient> Admin() => app.As(await app.Insert(Roles.Admin));

    private async Task<JsonElement> Kind(string kind) =>
        (await (await (await Admin()).Get(Kinds)).Body()).GetProperty("data").EnumerateArray().Single(one => one.Text("kind") == kind);

    private Task<bool> Schedule(string name, int times) => app.WithDb(db =>
    {
        for (var i = 0; i < times; i++)
            db.Schedule(RunErrand.Kind, new Errand(name), app.Clock.GetUtcNow());
        return Task.FromResult(true);
    });

    private static async Task Drain(OtherProcess other)
    {
        while (await other.Services.GetRequiredService<JobRunner>().RunDue(Ct) > 0)
        {
            // Until nothing is due.
        }
    }
}
