using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.TestHost;
using Microsoft.EntityFrameworkCore;
using Quitanda.Platform;

namespace Quitanda.Tests.Platform;

public sealed class IdempotencyTests(ProbeApp app) : IClassFixture<ProbeApp>
{
    private const string Key = "Idempotency-Key";
    private const string Replayed = "Idempotency-Replayed";

    [Fact]
    public async Task The_same_key_and_body_has_one_effect_and_one_answer()
    {
        var first = await app.Guest.Post("/api/v1/probe/things", new { Name = "once", Quantity = 1 }, Key, "a");
        var again = await app.Guest.Post("/api/v1/probe/things", new { Name = "once", Quantity = 1 }, Key, "a");

        Assert.Equal(HttpStatusCode.Created, first.StatusCode);
        Assert.False(first.Headers.Contains(Replayed));
        Assert.Equal(HttpStatusCode.Created, again.StatusCode);
        Assert.Equal("true", Assert.Single(again.Headers.GetValues(Replayed)));
        Assert.Equal(first.Headers.Location, again.Headers.Location);
        Assert.Equal(first.Content.Headers.ContentType, again.Content.Headers.ContentType);
        Assert.Equal(await first.Text(), await again.Text());
        Assert.Equal(1, await app.Effects("once"));
    }

    [Fact]
    public async Task The_same_key_with_another_body_is_422_for_a_caller_and_another_request_for_guests()
    {
        var caller = $"Probe {Guid.CreateVersion7()}";
        Effect("reused");
        Assert.Equal(HttpStatusCode.NoContent, (await app.Guest.Post("/api/v1/probe/do/reused", new { Note = "reused 1" }, Key, "b", "Authorization", caller)).StatusCode);
        await (await app.Guest.Post("/api/v1/probe/do/reused", new { Note = "reused 2" }, Key, "b", "Authorization", caller)).Problem(422, "idempotency_key_reused");
        Assert.Equal(0, await app.Effects("reused 2"));

        Assert.Equal(HttpStatusCode.NoContent, (await app.Guest.Post("/api/v1/probe/do/reused", new { Note = "reused 3" }, Key, "b")).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await app.Guest.Post("/api/v1/probe/do/reused", new { Note = "reused 4" }, Key, "b")).StatusCode);
        Assert.Equal((1, 1), (await app.Effects("reused 3"), await app.Effects("reused 4")));
    }

    [Fact]
    public async Task Two_callers_with_one_key_are_strangers()
    {
        Effect("strangers");
        for (var i = 0; i < 2; i++)
        {
            var response = await app.Guest.Post("/api/v1/probe/do/strangers", new { Note = "strangers" }, Key, "c", "Authorization", $"Probe {Guid.CreateVersion7()}");
            Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
            Assert.False(response.Headers.Contains(Replayed));
        }

        Assert.Equal(2, await app.Effects("strangers"));
    }

    [Fact]
    public async Task While_the_first_runs_the_second_is_409_and_afterwards_a_replay()
    {
        var (arrived, gate) = (new TaskCompletionSource(), new TaskCompletionSource());
        app.Scripts.Doing["slow"] = async doing =>
        {
            await doing.Db.Execute($"insert into probe.effects (name) values ('slow')", doing.Ct);
            arrived.TrySetResult();
            await gate.Task;
            return TypedResults.NoContent();
        };
        var first = app.Guest.Post("/api/v1/probe/do/slow", new { }, Key, "d");
        await arrived.Task;
        await (await app.Guest.Post("/api/v1/probe/do/slow", new { }, Key, "d")).Problem(409, "idempotency_in_progress");
        gate.SetResult();
        Assert.Equal(HttpStatusCode.NoContent, (await first).StatusCode);
        Assert.True((await app.Guest.Post("/api/v1/probe/do/slow", new { }, Key, "d")).Headers.Contains(Replayed));
        Assert.Equal(1, await app.Effects("slow"));
    }

    [Fact]
    public async Task A_refusal_is_an_answer_and_is_kept_though_its_work_is_undone()
    {
        var calls = 0;
        app.Scripts.Doing["refused"] = async doing =>
        {
            await doing.Db.Execute($"insert into probe.effects (name) values ('undone')", doing.Ct);
            Interlocked.Increment(ref calls);
            doing.Db.Write($"insert into probe.effects (name) values ('undone')");
            doing.Db.Publish(new Happened("undone"));
            throw new RefusedException("out_of_stock", "None are left.");
        };
        var first = await (await app.Guest.Post("/api/v1/probe/do/refused", new { }, Key, "e")).Problem(409, "out_of_stock");
        var again = await app.Guest.Post("/api/v1/probe/do/refused", new { }, Key, "e");
        Assert.True(again.Headers.Contains(Replayed));
        Assert.Equal(first.ToString(), (await again.Problem(409, "out_of_stock")).ToString());
        Assert.Equal(1, calls);
        Assert.Equal(0, await app.Effects("undone"));
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from platform.jobs where payload->>'name' = 'undone'"));
    }

    [Fact]
    public async Task A_replay_is_answered_though_the_same_request_would_be_invalid_by_now()
    {
        var isLate = false;
        app.Scripts.Doing["timely"] = async doing =>
        {
            if (isLate)
                throw new InvalidException("at", "must be in the future.");
            await doing.Db.Execute($"insert into probe.effects (name) values ('timely')", doing.Ct);
            return TypedResults.NoContent();
        };
        Assert.Equal(HttpStatusCode.NoContent, (await app.Guest.Post("/api/v1/probe/do/timely", new { }, Key, "late")).StatusCode);
        isLate = true;
        var again = await app.Guest.Post("/api/v1/probe/do/timely", new { }, Key, "late");
        Assert.Equal(HttpStatusCode.NoContent, again.StatusCode);
        Assert.True(again.Headers.Contains(Replayed));
        await (await app.Guest.Post("/api/v1/probe/do/timely", new { }, Key, "later")).Problem(400, "validation_failed");
        Assert.Equal(1, await app.Effects("timely"));
    }

    [Fact]
    public async Task A_key_is_taken_before_what_EF_Core_reads_or_writes()
    {
        app.Scripts.Doing["tracked"] = async doing =>
        {
            _ = await doing.Db.Set<DataProtectionKey>().CountAsync(doing.Ct);
            Assert.Equal(1, await doing.Db.ReadFirst($"select count(*) from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()", row => row.GetInt64(0), doing.Ct));
            doing.Db.Write($"insert into probe.effects (name) values ('tracked')");
            return TypedResults.NoContent();
        };
        for (var i = 0; i < 3; i++)
            Assert.Equal(HttpStatusCode.NoContent, (await app.Guest.Post("/api/v1/probe/do/tracked", new { }, Key, "ef")).StatusCode);
        Assert.Equal(1, await app.Effects("tracked"));
    }

    [Fact]
    public async Task An_empty_answer_of_an_error_is_the_same_problem_again()
    {
        app.Scripts.Doing["missing"] = _ => Task.FromResult<IResult>(TypedResults.NotFound());
        for (var i = 0; i < 2; i++)
            await (await app.Guest.Post("/api/v1/probe/do/missing", new { }, Key, "f")).Problem(404, "not_found");
    }

    [Fact]
    public async Task A_failure_is_not_kept_and_leaves_neither_effect_nor_answer()
    {
        var calls = 0;
        app.Scripts.Doing["fails"] = async doing =>
        {
            await doing.Db.Execute($"insert into probe.effects (name) values ('failed once')", doing.Ct);
            if (Interlocked.Increment(ref calls) == 1)
                throw new InvalidOperationException("as in a crash");
            return calls == 2 ? TypedResults.StatusCode(503) : TypedResults.NoContent();
        };
        await (await app.Guest.Post("/api/v1/probe/do/fails", new { }, Key, "g")).Problem(500, "internal_error");
        Assert.Equal(0, await app.Effects("failed once"));
        await (await app.Guest.Post("/api/v1/probe/do/fails", new { }, Key, "g")).Problem(503, "unavailable");
        Assert.Equal(HttpStatusCode.NoContent, (await app.Guest.Post("/api/v1/probe/do/fails", new { }, Key, "g")).StatusCode);
        Assert.Equal(3, calls);
    }

    [Fact]
    public async Task A_secret_is_answered_once_and_kept_nowhere()
    {
        app.Scripts.Doing["token"] = _ => Task.FromResult<IResult>(TypedResults.Ok(new Echo<string>("a token nobody may find")));
        var first = await app.Guest.Post("/api/v1/probe/secret/token", new { }, Key, "h");
        Assert.Contains("a token nobody may find", await first.Text(), StringComparison.Ordinal);
        await (await app.Guest.Post("/api/v1/probe/secret/token", new { }, Key, "h")).Problem(409, "already_done");
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from platform.idempotency_keys where convert_from(body, 'UTF8') like '%nobody may find%'"));
    }

    [Theory]
    [InlineData("256")]
    [InlineData("two")]
    public async Task A_key_has_1_to_255_characters_and_comes_once(string kind)
    {
        string[] headers = kind switch
        {
            "two" => [Key, "i", Key, "j"],
            _ => [Key, new string('k', 256)],
        };
        var problem = await (await app.Guest.Post("/api/v1/probe/things", new { Name = "key", Quantity = 1 }, headers)).Problem(400, "validation_failed");
        Assert.NotEmpty(problem.Errors(Key));
        Assert.Equal(HttpStatusCode.Created, (await app.Guest.Post("/api/v1/probe/things", new { Name = "key", Quantity = 1 }, Key, new string('k', 255))).StatusCode);
    }

    [Fact]
    public async Task Keys_are_forgotten_after_24_hours_and_not_before()
    {
        Effect("day");
        await Ask();
        app.Clock.Advance(TimeSpan.FromHours(24));
        await Forget();
        Assert.True((await Ask()).Headers.Contains(Replayed));
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        await Forget();
        Assert.False((await Ask()).Headers.Contains(Replayed));
        Assert.Equal(2, await app.Effects("day"));

        Task<HttpResponseMessage> Ask() => app.Guest.Post("/api/v1/probe/do/day", new { Note = "day" }, Key, "l");

        async Task Forget()
        {
            await app.WithDb(db =>
            {
                db.Schedule("platform.forget-idempotency-keys", new Tick(app.Clock.GetUtcNow()), app.Clock.GetUtcNow());
                return Task.FromResult(true);
            });
            await app.RunJobs();
        }
    }

    [Fact]
    public async Task Fifty_at_once_with_one_key_over_two_processes_have_one_effect()
    {
        Effect("race");
        await using var other = await app.StartAnother();
        var there = other.GetTestServer().CreateClient();
        var caller = $"Probe {Guid.CreateVersion7()}";
        var answers = await Task.WhenAll(Enumerable.Range(0, Size.Of(50, 200)).Select(i =>
            (i % 2 == 0 ? app.Guest : there).Post("/api/v1/probe/do/race", new { Note = "race" }, Key, "m", "Authorization", caller)));

        Assert.Equal(1, await app.Effects("race"));
        Assert.Single(answers, answer => answer.IsSuccessStatusCode && !answer.Headers.Contains(Replayed));
        foreach (var answer in answers.Where(answer => !answer.IsSuccessStatusCode))
            await answer.Problem(409, "idempotency_in_progress");
    }

    private void Effect(string script) => app.Scripts.Doing[script] = async doing =>
    {
        await doing.Db.Execute($"insert into probe.effects (name) values ({doing.Note})", doing.Ct);
        return TypedResults.NoContent();
    };
}
