using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Quitanda.Platform;

namespace Quitanda.Tests.Platform;

public sealed class ExecutorTests(ProbeApp app) : IClassFixture<ProbeApp>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private Executor Executor => app.Services.GetRequiredService<Executor>();

    [Fact]
    public async Task Work_that_returns_is_committed_whatever_its_status_and_work_that_throws_is_not()
    {
        app.Scripts.Doing["commits"] = async doing =>
        {
            await doing.Db.Execute($"insert into probe.effects (name) values ({doing.Note})", doing.Ct);
            return TypedResults.StatusCode(401);
        };
        app.Scripts.Doing["throws"] = async doing =>
        {
            await doing.Db.Execute($"insert into probe.effects (name) values ({doing.Note})", doing.Ct);
            doing.Db.Write($"insert into probe.effects (name) values ({doing.Note})");
            throw new InvalidException("note", "is not liked.");
        };
        await (await app.Guest.Post("/api/v1/probe/do/commits", new { Note = "kept" })).Problem(401, "unauthenticated");
        await (await app.Guest.Post("/api/v1/probe/do/throws", new { Note = "lost" })).Problem(400, "validation_failed");
        Assert.Equal(1, await app.Effects("kept"));
        Assert.Equal(0, await app.Effects("lost"));
    }

    [Fact]
    public async Task Two_that_deadlock_both_succeed_and_the_one_that_ran_again_had_a_fresh_scope()
    {
        await app.Execute($"insert into probe.counters (id, value) values (1, 0), (2, 0)");
        using var both = new Barrier(2);
        var runs = 0;
        List<Db> units = [];

        await Task.WhenAll(Cross(1, 2), Cross(2, 1));

        Assert.Equal(3, runs);
        Assert.Equal(3, units.Distinct().Count());
        Assert.Equal(4, await app.Scalar<long>($"select sum(value)::bigint from probe.counters where id in (1, 2)"));

        Task Cross(int first, int second) => Task.Run(() => Executor.Run(async provider =>
        {
            var db = provider.GetRequiredService<Db>();
            lock (units)
                units.Add(db);
            var run = Interlocked.Increment(ref runs);
            await db.Execute($"update probe.counters set value = value + 1 where id = {first}", Ct);
            // Only the first two meet; whoever comes again finds its way free.
            if (run <= 2)
                both.SignalAndWait(Eventually.Patience, Ct);
            await db.Execute($"update probe.counters set value = value + 1 where id = {second}", Ct);
        }, Ct), Ct);
    }

    [Fact]
    public async Task A_conflict_that_never_ends_is_503_after_four_attempts_and_leaves_nothing()
    {
        var attempts = 0;
        app.Scripts.Doing["conflict"] = async doing =>
        {
            Interlocked.Increment(ref attempts);
            await doing.Db.Execute($"insert into probe.effects (name) values ('conflict')", doing.Ct);
            doing.Db.Evict("thing:conflict");
            await doing.Db.Execute($"do $$ begin raise exception 'meeting' using errcode = '40001'; end $$", doing.Ct);
            return TypedResults.Ok();
        };
        var response = await app.Guest.PostText("/api/v1/probe/do/conflict", "{}");
        await response.Problem(503, "unavailable");
        Assert.NotNull(response.Headers.RetryAfter);
        Assert.Equal(Executor.Attempts, attempts);
        Assert.Equal(0, await app.Effects("conflict"));
    }

    [Fact]
    public async Task A_conflict_that_passes_is_never_seen_by_the_client()
    {
        var attempts = 0;
        app.Scripts.Doing["passing"] = async doing =>
        {
            await doing.Db.Execute($"insert into probe.effects (name) values ('passing')", doing.Ct);
            if (Interlocked.Increment(ref attempts) < Executor.Attempts)
                await doing.Db.Execute($"do $$ begin raise exception 'meeting' using errcode = '40001'; end $$", doing.Ct);
            return TypedResults.NoContent();
        };
        Assert.Equal(HttpStatusCode.NoContent, (await app.Guest.PostText("/api/v1/probe/do/passing", "{}")).StatusCode);
        Assert.Equal(1, await app.Effects("passing"));
    }

    [Fact]
    public async Task Nothing_else_is_tried_again()
    {
        var attempts = 0;
        app.Scripts.Doing["once"] = async doing =>
        {
            Interlocked.Increment(ref attempts);
            await doing.Db.Execute($"insert into probe.counters (id, value) values (99, 0), (99, 0)", doing.Ct);
            return TypedResults.Ok();
        };
        await (await app.Guest.PostText("/api/v1/probe/do/once", "{}")).Problem(409, "conflict");
        Assert.Equal(1, attempts);
    }

    [Fact]
    public async Task Queued_statements_jobs_and_evictions_happen_with_the_commit_and_not_before()
    {
        var cache = app.Services.GetRequiredService<ResponseCache>();
        var before = cache.Sequence;
        await Assert.ThrowsAsync<FormatException>(() => Executor.Run(provider =>
        {
            Work(provider.GetRequiredService<Db>());
            throw new FormatException("no");
        }, Ct));
        Assert.Equal(before, cache.Sequence);
        Assert.Equal(0, await app.Effects("together"));
        Assert.Equal(0, await Jobs());

        await Executor.Run(provider =>
        {
            Work(provider.GetRequiredService<Db>());
            Assert.Equal(before, cache.Sequence);
            return Task.CompletedTask;
        }, Ct);
        Assert.Equal(before + 1, cache.Sequence);
        Assert.Equal(1, await app.Effects("together"));
        Assert.Equal(2, await Jobs());

        void Work(Db db)
        {
            db.Write($"insert into probe.effects (name) values ('together')");
            db.Publish(new Happened("together"));
            db.Evict("thing:together");
        }

        Task<long> Jobs() => app.Scalar<long>($"select count(*) from platform.jobs where payload->>'name' = 'together'");
    }

    [Fact]
    public async Task A_client_that_leaves_ends_the_work_and_nothing_stays()
    {
        var arrived = new TaskCompletionSource();
        app.Scripts.Doing["leave"] = async doing =>
        {
            await doing.Db.Execute($"insert into probe.effects (name) values ('left')", doing.Ct);
            arrived.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, doing.Ct);
            return TypedResults.Ok();
        };
        using var leaving = new CancellationTokenSource();
        var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/probe/do/leave") { Content = new StringContent("{}", new System.Net.Http.Headers.MediaTypeHeaderValue("application/json")) };
        var sent = app.Guest.SendAsync(request, leaving.Token);
        await arrived.Task;
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sent);
        Assert.Equal(0, await app.Effects("left"));
    }

    [Fact]
    public async Task EF_Core_and_SQL_by_hand_are_one_transaction_however_entities_are_brought_in()
    {
        await Assert.ThrowsAsync<FormatException>(() => Executor.Run(async provider =>
        {
            await Both(provider.GetRequiredService<Db>(), "undone");
            throw new FormatException("no");
        }, Ct));
        Assert.Equal(0, await Keys("undone"));

        await Executor.Run(provider => Both(provider.GetRequiredService<Db>(), "done"), Ct);
        Assert.Equal(3, await Keys("done"));

        await Executor.Run(provider =>
        {
            provider.GetRequiredService<Db>().RemoveRange(new DataProtectionKey { Name = "done 1", Xml = "" }, new DataProtectionKey { Name = "done 2", Xml = "" });
            return Task.CompletedTask;
        }, Ct);
        Assert.Equal(1, await Keys("done"));

        Task<long> Keys(string name) => app.Scalar<long>($"select count(*) from platform.data_protection_keys where name like {name + "%"}");

        static async Task Both(Db db, string name)
        {
            await db.Execute($"insert into platform.data_protection_keys (name, xml) values ({name}, '<a/>')", Ct);
            db.AddRange(new DataProtectionKey { Name = name + " 1", Xml = "<a/>" }, new DataProtectionKey { Name = name + " 2", Xml = "<a/>" });
            await db.Flush(Ct);
        }
    }

    [Fact]
    public async Task Every_hole_of_a_statement_is_a_parameter_of_its_own_type_null_included()
    {
        var (number, id, at, colour, text) = await app.WithDb(db => db.ReadFirst(
            $"select {(int?)null}, {(Guid?)null}, {(DateTimeOffset?)null}, {(Colour?)null}, {(string?)null}",
            row => (row.IsDBNull(0), row.IsDBNull(1), row.IsDBNull(2), row.IsDBNull(3), row.IsDBNull(4)), Ct));
        Assert.True(number && id && at && colour && text);
        Assert.Equal("dark_blue", await app.Scalar<string>($"select {(Colour?)Colour.DarkBlue}"));
        Assert.Equal("'; drop table probe.effects; --", await app.Scalar<string>($"select {"'; drop table probe.effects; --"}"));
    }

    [Fact]
    public async Task Fifty_requests_that_all_meet_conflicts_do_not_starve_each_other_of_connections()
    {
        var attempts = new System.Collections.Concurrent.ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        app.Scripts.Doing["crowd"] = async doing =>
        {
            await doing.Db.Execute($"select pg_sleep(0.005)", doing.Ct);
            if (attempts.AddOrUpdate(doing.Note!, 1, (_, before) => before + 1) < 3)
                throw new PostgresException("meeting", "ERROR", "ERROR", PostgresErrorCodes.DeadlockDetected);
            return TypedResults.NoContent();
        };
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => app.Guest.Post("/api/v1/probe/do/crowd", new { Note = $"{i}" })));
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode));
    }
}
