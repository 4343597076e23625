using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Quitanda.Platform;
using Quitanda.Platform.Errors;
using Quitanda.Tests.Accounts;

namespace Quitanda.Tests.Platform.Telemetry;

public sealed class ErrorTests(ProbeApp app) : IClassFixture<ProbeApp>
{
    private HttpClient? _admin;

    [Fact]
    public async Task A_failure_is_kept_once_a_kind_with_its_count_place_and_last_trace()
    {
        app.Scripts.Doing["kept"] = _ => Fail("There is no customer 'Maria Silva' with maria@example.com, +55 11 98765-4321.");
        string[] traces = [Trace(), Trace(), Trace()];
        var first = app.Clock.GetUtcNow();
        foreach (var trace in traces)
        {
            var problem = await (await app.Guest.Send(HttpMethod.Get, "/api/v1/probe/do/kept", "traceparent", $"00-{trace}-b7ad6b7169203331-01")).Problem(500, "internal_error");
            Assert.Equal(trace, problem.GetProperty("traceId").GetString());
            app.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        var error = Assert.Single(await Listed("?limit=100"), error => error.GetProperty("frame").GetString() == "ErrorTests.Fail");
        Assert.Equal("System.InvalidOperationException", error.GetProperty("type").GetString());
        Assert.Equal(("request", "Do", "open"), (error.GetProperty("source").GetString(), error.GetProperty("useCase").GetString(), error.GetProperty("state").GetString()));
        Assert.Equal("There is no customer '...' with <email>, <number>.", error.GetProperty("message").GetString());
        Assert.Equal((3, 0), (error.GetProperty("count").GetInt64(), error.GetProperty("reopened").GetInt32()));
        Assert.Equal(traces[2], error.GetProperty("lastTraceId").GetString());
        Assert.Equal((first, first.AddSeconds(2)), (error.GetProperty("firstSeenAt").GetDateTimeOffset(), error.GetProperty("lastSeenAt").GetDateTimeOffset()));
        Assert.False(error.TryGetProperty("stack", out _));

        var shown = await (await Admin().Get($"/api/v1/errors/{error.GetProperty("id")}")).Body();
        var stack = shown.GetProperty("stack").GetString()!;
        Assert.Contains(nameof(Fail), stack, StringComparison.Ordinal);
        Assert.DoesNotContain("Maria", stack, StringComparison.Ordinal);
        // Where the sources lay when it was built is nobody's business.
        Assert.DoesNotContain(Sources.Root, stack, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_client_or_an_absent_database_did_is_no_error_of_ours()
    {
        app.Scripts.Doing["refuses"] = _ => throw new RefusedException("no_such_luck", "No.");
        app.Scripts.Doing["waits"] = async doing =>
        {
            await doing.Db.Execute($"do $$ begin raise lock_not_available; end $$", doing.Ct);
            return TypedResults.Ok();
        };
        await app.Guest.Send(HttpMethod.Get, "/api/v1/probe/do/refuses");
        Assert.Equal(503, (int)(await app.Guest.Send(HttpMethod.Get, "/api/v1/probe/do/waits")).StatusCode);
        await app.Guest.Send(HttpMethod.Get, "/api/v1/probe/rows?limit=0");
        await app.Guest.PostText("/api/v1/probe/notes", "{");
        await app.Guest.Send(HttpMethod.Get, "/nowhere");
        Assert.DoesNotContain(await Listed("?limit=100"), error => error.GetProperty("type").GetString() is "Quitanda.Platform.RefusedException" or "Npgsql.PostgresException" or "System.Text.Json.JsonException");
    }

    [Fact]
    public async Task Two_processes_count_one_kind_together()
    {
        app.Scripts.Doing["shared"] = _ => FailTogether();
        await using var other = await app.StartAnother();
        var theirs = other.GetTestServer().CreateClient();
        await Task.WhenAll(Enumerable.Range(0, 40).Select(i => (i % 2 == 0 ? app.Guest : theirs).Send(HttpMethod.Get, "/api/v1/probe/do/shared")));
        await Task.WhenAll(Flush(other.Services), Flush(app.Services));
        Assert.Equal(40, Assert.Single(await Listed("?useCase=Do&limit=100"), error => error.GetProperty("frame").GetString() == "ErrorTests.FailTogether").GetProperty("count").GetInt64());
    }

    [Fact]
    public async Task One_that_was_resolved_is_open_again_when_it_comes_again_and_only_then()
    {
        app.Scripts.Doing["returns"] = _ => FailAgain();
        await app.Guest.Send(HttpMethod.Get, "/api/v1/probe/do/returns");
        var id = await IdOf("FailAgain");
        app.Clock.Advance(TimeSpan.FromMinutes(1));

        var resolved = await (await Admin().Post($"/api/v1/errors/{id}/resolve", new { })).Body();
        Assert.Equal("resolved", resolved.GetProperty("state").GetString());
        var at = app.Clock.GetUtcNow();
        app.Clock.Advance(TimeSpan.FromMinutes(1));
        // Said twice, it stays as it was.
        Assert.Equal(at, (await (await Admin().Post($"/api/v1/errors/{id}/resolve", new { })).Body()).GetProperty("resolvedAt").GetDateTimeOffset());
        Assert.Contains(await Listed("?state=resolved&limit=100"), error => error.GetProperty("id").GetGuid() == id);
        Assert.DoesNotContain(await Listed("?state=open&limit=100"), error => error.GetProperty("id").GetGuid() == id);

        await app.Guest.Send(HttpMethod.Get, "/api/v1/probe/do/returns");
        await Flush(app.Services);
        var again = await (await Admin().Get($"/api/v1/errors/{id}")).Body();
        Assert.Equal(("open", 2, 1), (again.GetProperty("state").GetString(), again.GetProperty("count").GetInt64(), again.GetProperty("reopened").GetInt32()));
        Assert.Equal(JsonValueKind.Null, again.GetProperty("resolvedAt").ValueKind);

        // Another process tells later of what it saw before that.
        await Admin().Post($"/api/v1/errors/{id}/resolve", new { });
        await using var other = await app.StartAnother(builder => builder.Services.AddSingleton<TimeProvider>(new TestClock()));
        await other.GetTestServer().CreateClient().Send(HttpMethod.Get, "/api/v1/probe/do/returns");
        await Flush(other.Services);
        var late = await (await Admin().Get($"/api/v1/errors/{id}")).Body();
        Assert.Equal(("resolved", 3), (late.GetProperty("state").GetString(), late.GetProperty("count").GetInt64()));
    }

    [Fact]
    public async Task A_job_that_fails_is_kept_by_its_kind_and_the_request_that_made_it()
    {
        var trace = Trace();
        app.Scripts.Working["breaks"] = (_, _) => throw new NotSupportedException("not this errand");
        app.Scripts.Doing["sends"] = doing =>
        {
            doing.Db.Schedule(RunErrand.Kind, new Errand("breaks"), app.Clock.GetUtcNow());
            return Task.FromResult<IResult>(TypedResults.Ok());
        };
        await app.Guest.Post("/api/v1/probe/do/sends", new { }, "traceparent", $"00-{trace}-b7ad6b7169203331-01");
        await app.RunJobs();

        var error = Assert.Single(await Listed($"?useCase={RunErrand.Kind}"));
        Assert.Equal(("job", "System.NotSupportedException", trace), (error.GetProperty("source").GetString(), error.GetProperty("type").GetString(), error.GetProperty("lastTraceId").GetString()));
    }

    [Fact]
    public async Task The_list_is_paged_by_cursor_and_shown_to_admins_alone()
    {
        for (var i = 0; i < 5; i++)
            app.Services.GetRequiredService<IErrorLog>().Capture(new TimeZoneNotFoundException("x"), "job", $"probe.paged-{i}");
        await Flush(app.Services);
        List<string> seen = [];
        for (var next = ""; next is not null;)
        {
            var page = await (await Admin().Get($"/api/v1/errors?limit=2&sort=-count{(next.Length > 0 ? $"&after={next}" : "")}")).Body();
            seen.AddRange(page.GetProperty("data").EnumerateArray().Select(error => error.GetProperty("id").GetString()!));
            next = page.GetProperty("meta").GetProperty("next").GetString();
        }

        Assert.True(seen.Count >= 5);
        Assert.Equal(seen.Count, seen.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(seen.Count, await app.Scalar<long>($"select count(*) from platform.errors"));
        await (await app.Guest.Get("/api/v1/errors")).Problem(401, "unauthenticated");
        foreach (var role in (Roles[])[Roles.Customer, Roles.Staff])
            await (await app.As(await app.Insert(role)).Get("/api/v1/errors")).Problem(403, "forbidden");
        await (await Admin().Get($"/api/v1/errors/{Guid.CreateVersion7()}")).Problem(404, "not_found");
        await (await Admin().Post($"/api/v1/errors/{Guid.CreateVersion7()}/resolve", new { })).Problem(404, "not_found");
        await (await Admin().Get("/api/v1/errors?state=ignored")).Problem(400, "validation_failed");
    }

    [Fact]
    public async Task A_storm_holds_nobody_up_and_what_is_not_kept_is_counted()
    {
        await using var alone = await app.StartAnother();
        var before = (await Exposed.Of(alone.GetTestServer().CreateClient())).Sum("quitanda_errors_lost_total");
        var errors = alone.Services.GetRequiredService<IErrorLog>();
        var storm = new InvalidOperationException("storm");
        for (var i = 0; i < 5000; i++)
            errors.Capture(storm, "request", "Storm");
        for (var i = 0; i < 6; i++)
            await Flush(alone.Services);

        var kept = await app.Scalar<long>($"select count from platform.errors where use_case = 'Storm'");
        var exposed = await Exposed.Of(alone.GetTestServer().CreateClient());
        Assert.InRange(kept, ErrorLog.WaitingAtMost, 5000);
        Assert.Equal(5000, kept + exposed.Sum("quitanda_errors_lost_total") - before);
        Assert.Equal(5000, exposed.Sum("quitanda_errors_total", "source=\"request\""));
    }

    [Fact]
    public async Task What_cannot_be_stored_now_is_stored_later_and_no_request_notices()
    {
        await using var alone = await app.StartAnother();
        var errors = alone.Services.GetRequiredService<IErrorLog>();
        await app.Execute(Sql.Raw("alter table platform.errors rename to errors_away"));
        try
        {
            errors.Capture(new InvalidOperationException("patience"), "request", "Patience");
            await Assert.ThrowsAsync<PostgresException>(() => Flush(alone.Services));
            errors.Capture(new InvalidOperationException("patience"), "request", "Patience");
        }
        finally
        {
            await app.Execute(Sql.Raw("alter table platform.errors_away rename to errors"));
        }

        await Flush(alone.Services);
        Assert.Equal(2, await app.Scalar<long>($"select count from platform.errors where use_case = 'Patience'"));
    }

    [Fact]
    public async Task Text_that_the_database_refuses_is_mended_and_keeps_no_other_back()
    {
        var errors = app.Services.GetRequiredService<IErrorLog>();
        errors.Capture(new InvalidOperationException("nul \0 and lone \ud800 surrogate " + new string('x', 5000)), "request", "Odd\0\udc00");
        errors.Capture(new InvalidOperationException("plain"), "request", "Plain");
        await Flush(app.Services);
        Assert.Equal(2, await app.Scalar<long>($"select count(*) from platform.errors where use_case = 'Plain' or use_case like 'Odd%'"));
    }

    [Fact]
    public async Task What_has_not_come_for_long_is_forgotten_by_a_timer()
    {
        await app.Execute($"""
            insert into platform.errors (id, fingerprint, type, source, use_case, message, stack, count, first_seen_at, last_seen_at)
            select gen_random_uuid(), lpad(age::text, 32, 'f'), 'T', 'job', 'probe.aged', 'm', 's', 1, {app.Clock.GetUtcNow()} - make_interval(days => age + 1), {app.Clock.GetUtcNow()} - make_interval(days => age)
            from generate_series(89, 91, 2) age
            """);
        await app.WithDb(db =>
        {
            db.Schedule("platform.forget-errors", new Tick(app.Clock.GetUtcNow()), app.Clock.GetUtcNow());
            return Task.FromResult(true);
        });
        await app.RunJobs();
        Assert.Equal(1, await app.Scalar<long>($"select count(*) from platform.errors where use_case = 'probe.aged'"));
    }

    [Theory]
    [InlineData("Nothing to hide here.", "Nothing to hide here.")]
    [InlineData("joao.souza+pix@mail.example.com.br wrote", "<email> wrote")]
    [InlineData("The input string 'Rua Augusta 1508' was not in a correct format.", "The input string '...' was not in a correct format.")]
    [InlineData("value \"José\" is bad", "value '...' is bad")]
    [InlineData("duplicate key value violates unique constraint \"users_email_key\"", "duplicate key value violates unique constraint \"users_email_key\"")]
    [InlineData("relation \"catalog.products\" does not exist", "relation \"catalog.products\" does not exist")]
    [InlineData("CPF 123.456.789-09, card 4111 1111 1111 1111, tel. (11) 98765-4321", "CPF <number>, card <number>, tel. (<number>")]
    [InlineData("Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N", "Bearer <token>")]
    [InlineData("order 0198a5b2-7c1e-7d3a-9f60-2b8e4c1d5a77 is gone", "order <id> is gone")]
    [InlineData("from 203.0.113.77", "from <number>")]
    [InlineData("42 of 100 attempts in 3000 ms", "42 of 100 attempts in 3000 ms")]
    public void Values_of_people_are_taken_out_of_messages(string message, string expected) => Assert.Equal(expected, Scrubbed.Text(message));

    [Fact]
    public async Task What_the_database_says_in_detail_is_left_out()
    {
        var said = await Assert.ThrowsAsync<PostgresException>(() => app.Execute($"select {"maria@example.com"}::text::integer"));
        Assert.Equal("22P02: invalid input syntax for type integer: '...'", Scrubbed.MessageOf(said));
        Assert.Equal("Failed. <- PostgresException: 22P02: invalid input syntax for type integer: '...'", Scrubbed.MessageOf(new InvalidOperationException("Failed.", said)));
    }

    private static string Trace() => System.Diagnostics.ActivityTraceId.CreateRandom().ToHexString();

    private static Task Flush(IServiceProvider services) => services.GetRequiredService<ErrorLog>().Flush(TestContext.Current.CancellationToken);

    private static async Task<IResult> Fail(string message)
    {
        await Task.Yield();
        throw new InvalidOperationException(message);
    }

    private static Task<IResult> FailTogether() => throw new InvalidOperationException(DateTimeOffset.UnixEpoch.ToString(CultureInfo.InvariantCulture));

    private static Task<IResult> FailAgain() => throw new NotSupportedException("again");

    private HttpClient Admin() => _admin ??= app.As(app.Insert(Roles.Admin | Roles.Customer).GetAwaiter().GetResult());

    private async Task<Guid> IdOf(string method) => Assert.Single(await Listed("?limit=100"), error => error.GetProperty("frame").GetString() == $"ErrorTests.{method}").GetProperty("id").GetGuid();

    private async Task<List<JsonElement>> Listed(string query)
    {
        await Flush(app.Services);
        return [.. (await (await Admin().Get("/api/v1/errors" + query)).Body()).GetProperty("data").EnumerateArray()];
    }
}
