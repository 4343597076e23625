using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Platform;
using Quitanda.Platform.Operations;
using Quitanda.Tests.Accounts;

namespace Quitanda.Tests.Platform;

/// <summary>What an operator sees of the queue and does to it.</summary>
public sealed class JobOperationsTests(ProbeApp app) : IClassFixture<ProbeApp>
{
    private const string Jobs = "/api/v1/jobs";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Jobs_are_listed_by_how_they_stand_and_a_payload_is_shown_with_its_job_alone()
    {
        var admin = await Admin();
        var kind = await Many(("ready", null), ("waiting", "run_at = run_at + interval '1 hour'"),
            ("running", "token = gen_random_uuid(), leased_until = now() + interval '30 seconds', attempts = 1"),
            ("expired", "token = gen_random_uuid(), leased_until = now() - interval '1 second', attempts = 1"),
            ("dead", "state = 'dead', attempts = 12, last_error = E'First line.\\nSecond line.', trace_parent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'"));

        foreach (var (state, names) in ((string, string[])[])[("ready", ["expired", "ready"]), ("waiting", ["waiting"]), ("running", ["running"]), ("dead", ["dead"]), ("paused", [])])
        {
            var page = await (await admin.Get($"{Jobs}?kind={kind}&state={state}")).Body();
            Assert.Equal(names, await Names(page), StringComparer.Ordinal);
            Assert.Equal(names.Length, page.GetProperty("meta").GetProperty("total").GetInt32());
            Assert.All(page.GetProperty("data").EnumerateArray(), job => Assert.Equal(state, job.Text("state")));
            Assert.DoesNotContain("Payload of", page.GetRawText(), StringComparison.Ordinal);
        }

        var dead = (await (await admin.Get($"{Jobs}?kind={kind}&state=dead")).Body()).GetProperty("data")[0];
        Assert.Equal("First line.", dead.Text("lastError"));
        var shown = await (await admin.Get($"{Jobs}/{dead.Id()}")).Body();
        Assert.Equal("First line.\nSecond line.", shown.Text("lastError"));
        Assert.Equal("4bf92f3577b34da6a3ce929d0e0e4736", shown.Text("traceId"));
        Assert.Equal("Payload of dead", shown.GetProperty("payload").Text("secret"));
        Assert.Equal(12, shown.GetProperty("attempts").GetInt32());
    }

    [Fact]
    public async Task Only_admins_see_jobs()
    {
        foreach (var path in (string[])[Jobs, $"{Jobs}/{JobDesk.IdOf(1)}", "/api/v1/job-kinds"])
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await app.Guest.Get(path)).StatusCode);
            Assert.Equal(HttpStatusCode.Forbidden, (await app.As(await app.Insert(Roles.Customer | Roles.Staff)).Get(path)).StatusCode);
        }
    }

    [Theory]
    [InlineData("-createdAt")]
    [InlineData("createdAt")]
    [InlineData("runAt")]
    [InlineData("-runAt")]
    public async Task Paging_by_cursor_meets_every_job_once_though_jobs_come_and_go(string sort)
    {
        var admin = await Admin();
        var kind = await Many([.. Enumerable.Range(0, 25).Select(i => ($"{i:00}", (string?)$"run_at = run_at + interval '{i * 7 % 5} hours'"))]);
        List<Guid> met = [];
        string? after = null;
        do
        {
            var page = await (await admin.Get($"{Jobs}?kind={kind}&limit=10&sort={sort}{(after is null ? "" : $"&after={after}")}")).Body();
            met.AddRange(page.GetProperty("data").EnumerateArray().Select(job => job.Id()));
            after = page.GetProperty("meta").GetProperty("next").GetString();
            // What was met already goes, and something comes.
            await app.Execute($"delete from platform.jobs where id = {JobDesk.NumberOf(met[^1])!.Value}");
            await Insert("probe.elsewhere", "new", null);
        }
        while (after is not null);

        Assert.Equal(25, met.Count);
        Assert.Equal(25, met.Distinct().Count());
    }

    [Theory]
    [InlineData("?state=gone", "state")]
    [InlineData("?sort=kind", "sort")]
    [InlineData("?after=nonsense", "after")]
    [InlineData("?limit=0", "limit")]
    [InlineData("?page=1&after=x", "after")]
    public async Task A_list_that_cannot_be_names_its_field(string query, string field)
    {
        var problem = await (await (await Admin()).Get($"{Jobs}{query}")).Body(HttpStatusCode.BadRequest);
        Assert.Equal([field], problem.GetProperty("errors").EnumerateObject().Select(error => error.Name), StringComparer.Ordinal);
    }

    [Fact]
    public async Task A_dead_job_that_is_retried_is_done_with_all_its_attempts_before_it()
    {
        var admin = await Admin();
        var runs = 0;
        app.Scripts.Working["mended"] = (_, _) => Interlocked.Increment(ref runs) == 1 ? throw new InvalidOperationException("not yet") : Task.CompletedTask;
        var number = await Insert(RunErrand.Kind, "mended", "state = 'dead', attempts = 12");
        await app.RunJobs();
        Assert.Equal(0, runs);

        var retried = await (await admin.Post($"{Jobs}/{JobDesk.IdOf(number)}/retry")).Body();
        Assert.Equal(("ready", 0), (retried.Text("state"), retried.GetProperty("attempts").GetInt32()));
        await app.RunJobs();
        Assert.Equal((1, 1), (runs, await app.Scalar<int>($"select attempts from platform.jobs where id = {number}")));

        // It waits for its second attempt now, and need not.
        await (await admin.Post($"{Jobs}/{JobDesk.IdOf(number)}/retry")).Body();
        await app.RunJobs();
        Assert.Equal(2, runs);
        Assert.Equal("not_found", await (await admin.Post($"{Jobs}/{JobDesk.IdOf(number)}/retry")).Refusal(HttpStatusCode.NotFound));
    }

    [Fact]
    public async Task A_job_that_runs_is_neither_retried_nor_deleted()
    {
        var admin = await Admin();
        var (arrived, gate) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource());
        app.Scripts.Working["busy"] = async (db, ct) =>
        {
            arrived.SetResult();
            await gate.Task;
            await db.Execute($"insert into probe.effects (name) values ('busy')", ct);
        };
        var id = JobDesk.IdOf(await Insert(RunErrand.Kind, "busy", null));
        var running = app.RunJobs();
        await arrived.Task;

        Assert.Equal("invalid_transition", await (await admin.Post($"{Jobs}/{id}/retry")).Refusal(HttpStatusCode.Conflict));
        Assert.Equal("invalid_transition", await (await admin.Send(HttpMethod.Delete, $"{Jobs}/{id}")).Refusal(HttpStatusCode.Conflict));
        gate.SetResult();
        await running;
        Assert.Equal(1, await app.Effects("busy"));
    }

    [Fact]
    public async Task A_deleted_job_is_not_done_and_is_not_there_a_second_time()
    {
        var admin = await Admin();
        var id = JobDesk.IdOf(await Insert(RunErrand.Kind, "unwanted", null));
        await (await admin.Send(HttpMethod.Delete, $"{Jobs}/{id}")).Body(HttpStatusCode.NoContent);
        await (await admin.Send(HttpMethod.Delete, $"{Jobs}/{id}")).Body(HttpStatusCode.NotFound);
        await (await admin.Send(HttpMethod.Delete, $"{Jobs}/{Guid.CreateVersion7()}")).Body(HttpStatusCode.NotFound);
        await app.RunJobs();
        Assert.Equal(0, await app.Effects("unwanted"));
    }

    [Fact]
    public async Task A_timer_whose_tick_is_deleted_goes_on_with_the_next()
    {
        var admin = await Admin();
        await app.Services.GetRequiredService<JobRunner>().EnsureTimers(Ct);
        var before = (await (await admin.Get($"{Jobs}?kind=accounts.forget-expired")).Body()).GetProperty("data")[0];
        await (await admin.Send(HttpMethod.Delete, $"{Jobs}/{before.Id()}")).Body(HttpStatusCode.NoContent);
        var after = (await (await admin.Get($"{Jobs}?kind=accounts.forget-expired")).Body()).GetProperty("data");
        Assert.Equal(1, after.GetArrayLength());
        Assert.Equal(before.GetProperty("runAt").GetDateTimeOffset().AddHours(1), after[0].GetProperty("runAt").GetDateTimeOffset());
    }

    [Fact]
    public async Task Ids_of_jobs_are_UUIDs_and_come_back_as_their_numbers()
    {
        foreach (var number in (long[])[1, 255, 4_000_000_000, (1L << 48) + 5, (1L << 60) - 1])
        {
            var id = JobDesk.IdOf(number);
            Assert.Equal((7, number), (id.Version, JobDesk.NumberOf(id)));
        }

        Assert.Null(JobDesk.NumberOf(Guid.CreateVersion7()));
        await (await (await Admin()).Get($"{Jobs}/{Guid.CreateVersion7()}")).Body(HttpStatusCode.NotFound);
    }

    private async Task<HttpClient> Admin() => app.As(await app.Insert(Roles.Admin));

    /// <summary>Jobs of a kind of their own, which nobody takes meanwhile.</summary>
    private async Task<string> Many(params (string Name, string? Set)[] jobs)
    {
        var kind = $"probe.shown-{Guid.CreateVersion7():N}";
        foreach (var (name, set) in jobs)
            await Insert(kind, name, set);
        return kind;
    }

    private async Task<long> Insert(string kind, string name, string? set)
    {
        // A kind that somebody takes is given what it knows.
        var payload = kind == RunErrand.Kind ? Sql.Json(new Errand(name)) : Sql.Json<object>(new { name, secret = $"Payload of {name}" });
        var number = await app.Scalar<long>($"insert into platform.jobs (kind, payload, run_at) values ({kind}, {payload}, {app.Clock.GetUtcNow()}) returning id");
        if (set is not null)
            await app.Execute($"update platform.jobs set {Sql.Raw(set)} where id = {number}");
        return number;
    }

    private async Task<string[]> Names(JsonElement page)
    {
        List<string> names = [];
        foreach (var job in page.GetProperty("data").EnumerateArray())
            names.Add(await app.Scalar<string>($"select payload->>'name' from platform.jobs where id = {JobDesk.NumberOf(job.Id())!.Value}"));
        return [.. names.Order(StringComparer.Ordinal)];
    }
}
