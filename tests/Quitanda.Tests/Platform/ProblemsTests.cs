using System.Net;
using Microsoft.AspNetCore.TestHost;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Quitanda.Platform;

namespace Quitanda.Tests.Platform;

public sealed class ProblemsTests(ProbeApp app) : IClassFixture<ProbeApp>
{
    private const string Things = "/api/v1/probe/things";

    [Theory]
    [InlineData("{")]
    [InlineData("{\"name\":\"a\",}")]
    [InlineData("{'name':'a'}")]
    [InlineData("nothing")]
    [InlineData("{\"name\":\"a\",\"quantity\":1} trailing")]
    [InlineData("{\"name\":\"a\",\"quantity\":1}{}")]
    [InlineData("{\"name\":\"a\tb\",\"quantity\":1}")]
    [InlineData(" ")]
    [InlineData("")]
    [InlineData("{\"name\":\"\\ud\",\"quantity\":1}")]
    public async Task A_body_that_is_not_JSON_is_malformed(string body) =>
        await (await app.Guest.PostText(Things, body)).Problem(400, "malformed_json");

    [Fact]
    public async Task A_body_of_twenty_thousand_levels_is_malformed()
    {
        var deep = "{\"name\":" + new string('[', 20_000) + new string(']', 20_000) + "}";
        await (await app.Guest.PostText(Things, deep)).Problem(400, "malformed_json");
    }

    [Theory]
    [InlineData("{\"name\":\"a\",\"quantity\":1,\"colours\":1}", "colours")]
    [InlineData("{\"name\":\"a\",\"quantity\":1,\"box\":{\"width\":1,\"height\":2}}", "box.height")]
    [InlineData("{\"name\":\"a\",\"quantity\":1,\"items\":[{\"productId\":\"00000000-0000-0000-0000-000000000001\",\"quantity\":1,\"price\":2}]}", "items[0].price")]
    public async Task An_unknown_field_is_refused_and_named(string body, string field)
    {
        var problem = await (await app.Guest.PostText(Things, body)).Problem(400, "unknown_field");
        Assert.Contains($"'{field}'", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}", "name", "quantity")]
    [InlineData("{\"name\":\"a\"}", "quantity")]
    [InlineData("{\"name\":\"a\",\"quantity\":1,\"box\":{}}", "box.width")]
    [InlineData("{\"name\":\"a\",\"quantity\":1,\"items\":[{\"quantity\":1}]}", "items[0].productId")]
    public async Task Missing_members_are_all_named(string body, params string[] fields)
    {
        var problem = await (await app.Guest.PostText(Things, body)).Problem(400, "validation_failed");
        foreach (var field in fields)
            Assert.Equal(["is required."], problem.Errors(field));
    }

    [Theory]
    [InlineData("{\"name\":1,\"quantity\":1}", "name")]
    [InlineData("{\"name\":\"a\",\"quantity\":\"1\"}", "quantity")]
    [InlineData("{\"name\":\"a\",\"quantity\":1.5}", "quantity")]
    [InlineData("{\"name\":\"a\",\"quantity\":99999999999}", "quantity")]
    [InlineData("{\"name\":\"a\",\"quantity\":1,\"items\":{}}", "items")]
    [InlineData("{\"name\":\"a\",\"quantity\":1,\"items\":[{\"productId\":\"x\",\"quantity\":1}]}", "items[0].productId")]
    [InlineData("{\"name\":\"a\",\"quantity\":1,\"box\":[]}", "box")]
    [InlineData("{\"name\":\"a\",\"quantity\":1,\"colour\":\"green\"}", "colour")]
    [InlineData("{\"name\":\"a\",\"quantity\":1,\"colour\":1}", "colour")]
    [InlineData("{\"name\":\"a\",\"quantity\":1,\"at\":\"noon\"}", "at")]
    [InlineData("[]", "body")]
    [InlineData("\"text\"", "body")]
    public async Task A_value_of_the_wrong_type_is_named(string body, string field) =>
        Assert.NotEmpty((await (await app.Guest.PostText(Things, body)).Problem(400, "validation_failed")).Errors(field));

    [Theory]
    [InlineData("{\"name\":null,\"quantity\":1}", "name")]
    [InlineData("{\"name\":\"a\",\"quantity\":null}", "quantity")]
    [InlineData("{\"name\":\"a\",\"quantity\":1,\"items\":[{\"productId\":null,\"quantity\":1}]}", "items[0].productId")]
    public async Task Null_where_none_is_taken_is_named(string body, string field) =>
        Assert.NotEmpty((await (await app.Guest.PostText(Things, body)).Problem(400, "validation_failed")).Errors(field));

    [Fact]
    public async Task A_null_body_is_refused() => await (await app.Guest.PostText(Things, "null")).Problem(400, "malformed_json");

    [Theory]
    [InlineData("{\"name\":\"a\",\"name\":\"b\",\"quantity\":1}")]
    [InlineData("{\"name\":\"a\",\"quantity\":1,\"box\":{\"width\":1,\"width\":2}}")]
    [InlineData("{\"name\":\"a\",\"quantity\":1,\"metadata\":{\"a\":\"1\",\"a\":\"2\"}}")]
    public async Task A_member_that_comes_twice_is_refused(string body)
    {
        var problem = await (await app.Guest.PostText(Things, body)).Problem(400, "validation_failed");
        Assert.Contains("twice", problem.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bad_UTF8_and_NUL_end_at_the_edge()
    {
        await (await app.Guest.Raw(HttpMethod.Post, Things, [.. "{\"name\":\""u8, 0xC3, 0x28, .. "\",\"quantity\":1}"u8])).Problem(400, "malformed_json");
        await (await app.Guest.Raw(HttpMethod.Post, Things, [.. "{\"name\":\""u8, 0xED, 0xA0, 0x80, .. "\",\"quantity\":1}"u8])).Problem(400, "malformed_json");
        await (await app.Guest.Raw(HttpMethod.Post, Things, [.. "{\"name\":\"a"u8, 0, .. "\",\"quantity\":1}"u8])).Problem(400, "malformed_json");
        await (await app.Guest.PostText(Things, "{\"name\":\"a\\u0000\",\"quantity\":1}")).Problem(400, "validation_failed");
        await (await app.Guest.PostText(Things, "{\"name\":\"a\",\"quantity\":1,\"metadata\":{\"\\u0000\":\"b\"}}")).Problem(400, "validation_failed");
        await (await app.Guest.Send(HttpMethod.Get, "/api/v1/probe/rows?sort=a%00b")).Problem(400, "validation_failed");
    }

    [Theory]
    [InlineData("\\ud83d")]
    [InlineData("\\ud83d and more")]
    [InlineData("\\ude00")]
    [InlineData("\\ude00\\ud83d")]
    [InlineData("\\ud83d\\u0041")]
    [InlineData("\\ud83d\\ud83d\\ude00")]
    [InlineData("\\ud83d\\n\\ude00")]
    public async Task A_lone_surrogate_is_refused(string text)
    {
        await (await app.Guest.PostText(Things, $$"""{"name":"{{text}}","quantity":1}""")).Problem(400, "validation_failed");
        await (await app.Guest.PostText(Things, $$$"""{"name":"a","quantity":1,"metadata":{"{{{text}}}":"b"}}""")).Problem(400, "validation_failed");
    }

    [Theory]
    [InlineData("\\ud83d\\ude00", "😀")]
    [InlineData("\\uD83D\\uDE00\\uD83D\\uDE00", "😀😀")]
    [InlineData("\\\\u0000", "\\u0000")]
    [InlineData("\\\\ud83d", "\\ud83d")]
    [InlineData("caf\\u00e9", "café")]
    public async Task Text_that_only_looks_hostile_is_taken(string text, string meant)
    {
        var response = await app.Guest.PostText(Things, $$"""{"name":"{{text}}","quantity":1}""");
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal(meant, (await response.Json()).GetProperty("name").GetString());
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/xml")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data; boundary=x")]
    [InlineData("application/json; charset=utf-16")]
    [InlineData("application/json; charset=nonsense")]
    [InlineData("garbage")]
    [InlineData(null)]
    public async Task A_body_of_another_type_is_415(string? contentType) =>
        await (await app.Guest.Raw(HttpMethod.Post, Things, "{\"name\":\"a\",\"quantity\":1}"u8.ToArray(), contentType)).Problem(415, "unsupported_media_type");

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("application/json; charset=\"UTF-8\"")]
    [InlineData("application/merge-patch+json")]
    public async Task A_body_of_JSON_is_taken_however_its_type_is_written(string contentType) =>
        Assert.Equal(HttpStatusCode.Created, (await app.Guest.Raw(HttpMethod.Post, Things, "{\"name\":\"a\",\"quantity\":1}"u8.ToArray(), contentType)).StatusCode);

    [Fact]
    public async Task What_is_nowhere_is_404_and_another_method_is_405_with_the_ones_allowed()
    {
        await (await app.Guest.Send(HttpMethod.Get, "/nowhere")).Problem(404, "not_found");
        await (await app.Guest.Send(HttpMethod.Get, "/api/v1/probe/things/not-a-uuid")).Problem(404, "not_found");
        await (await app.Guest.Send(HttpMethod.Get, $"/api/v1/probe/things/{Guid.Empty}")).Problem(404, "not_found");

        var response = await app.Guest.Send(HttpMethod.Delete, Things);
        await response.Problem(405, "method_not_allowed");
        Assert.Equal(["POST"], response.Content.Headers.Allow);
    }

    [Fact]
    public async Task A_body_too_large_is_413_with_a_length_and_without()
    {
        var body = new byte[1024 * 1024 + 1];
        Array.Fill(body, (byte)' ');
        await (await app.Guest.Raw(HttpMethod.Post, Things, body)).Problem(413, "payload_too_large");

        var chunked = new StreamContent(new Endless(body));
        chunked.Headers.TryAddWithoutValidation("Content-Type", "application/json");
        await (await app.Guest.SendAsync(new(HttpMethod.Post, Things) { Content = chunked }, TestContext.Current.CancellationToken)).Problem(413, "payload_too_large");
    }

    [Theory]
    [InlineData("limit=abc", "limit")]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=101", "limit")]
    [InlineData("limit=", "limit")]
    [InlineData("page=0", "page")]
    [InlineData("page=-1", "page")]
    [InlineData("page=99999999999", "page")]
    [InlineData("page=1&after=x", "after")]
    [InlineData("after=x", "after")]
    [InlineData("after=%F0%9F%98%80", "after")]
    [InlineData("sort=colour", "sort")]
    [InlineData("sort=--rank", "sort")]
    [InlineData("list=x", "list")]
    public async Task A_bad_query_value_is_named(string query, string field) =>
        Assert.NotEmpty((await (await app.Guest.Send(HttpMethod.Get, $"/api/v1/probe/rows?{query}")).Problem(400, "validation_failed")).Errors(field));

    [Fact]
    public async Task A_cursor_of_another_order_or_of_nonsense_is_refused()
    {
        foreach (var cursor in (string[])[
            Cursor.Write("name", "a", Guid.Empty), Cursor.Write("-rank", "not a number", Guid.Empty), Cursor.Write("-rank", "99999999999999999999", Guid.Empty),
            Cursor.Write("-rank", "\0", Guid.Empty), "bnVsbA", "W10", "W251bGwsbnVsbCxudWxsXQ", "WyItcmFuayIsbnVsbCwiMDAiXQ"])
            Assert.NotEmpty((await (await app.Guest.Send(HttpMethod.Get, $"/api/v1/probe/rows?after={cursor}")).Problem(400, "validation_failed")).Errors("after"));
    }

    [Fact]
    public async Task A_bug_is_500_with_a_trace_id_and_nothing_else()
    {
        app.Scripts.Doing["bug"] = _ => throw new InvalidOperationException("a password in a message");
        foreach (var response in (HttpResponseMessage[])[await app.Guest.Send(HttpMethod.Get, "/api/v1/probe/do/bug"), await app.Guest.PostText("/api/v1/probe/do/bug", "{}")])
        {
            var problem = await response.Problem(500, "internal_error");
            Assert.DoesNotContain("password", problem.ToString(), StringComparison.Ordinal);
            Assert.Equal(["code", "detail", "instance", "status", "title", "traceId", "type"], problem.EnumerateObject().Select(member => member.Name).Order(StringComparer.Ordinal), StringComparer.Ordinal);
        }
    }

    [Fact]
    public async Task A_refused_rule_is_its_own_problem_with_its_facts_and_leaves_nothing()
    {
        app.Scripts.Doing["refuse"] = async doing =>
        {
            await doing.Db.Execute($"insert into probe.effects (name) values ('refused')", doing.Ct);
            doing.Http.Response.Headers.ETag = "\"1\"";
            throw new RefusedException("out_of_stock", "Too few are left.") { Facts = new Dictionary<string, object>(StringComparer.Ordinal) { ["productIds"] = (Guid[])[Guid.Empty] } };
        };
        var response = await app.Guest.PostText("/api/v1/probe/do/refuse", "{}");
        var problem = await response.Problem(409, "out_of_stock");
        Assert.Equal("Too few are left.", problem.GetProperty("detail").GetString());
        Assert.Equal(Guid.Empty, problem.GetProperty("productIds")[0].GetGuid());
        Assert.Null(response.Headers.ETag);
        Assert.Equal(0, await app.Effects("refused"));
    }

    [Fact]
    public async Task Without_a_caller_401_and_with_one_who_may_not_403()
    {
        var response = await app.Guest.Send(HttpMethod.Get, "/api/v1/probe/staff", "Authorization", $"Probe {Guid.CreateVersion7()} Customer");
        await response.Problem(403, "forbidden");
        foreach (var role in (string[])["Staff", "Admin"])
            Assert.Equal(HttpStatusCode.OK, (await app.Guest.Send(HttpMethod.Get, "/api/v1/probe/staff", "Authorization", $"Probe {Guid.CreateVersion7()} {role}")).StatusCode);
    }

    [Fact]
    public async Task HEAD_is_GET_without_its_body()
    {
        var path = $"/api/v1/probe/things/{Guid.CreateVersion7()}";
        var got = await app.Guest.Send(HttpMethod.Get, path);
        var headed = await app.Guest.Send(HttpMethod.Head, path);
        Assert.Equal(HttpStatusCode.OK, headed.StatusCode);
        Assert.Equal(got.Content.Headers.ContentType, headed.Content.Headers.ContentType);
        Assert.Empty(await headed.Text());

        var missing = await app.Guest.Send(HttpMethod.Head, "/nowhere");
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
        Assert.Empty(await missing.Text());
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await app.Guest.Send(HttpMethod.Head, Things)).StatusCode);
    }

    [Fact]
    public async Task A_database_that_is_away_is_503_with_Retry_After_within_5_seconds_and_the_process_lives()
    {
        var nowhere = new NpgsqlConnectionStringBuilder(app.ConnectionString) { Host = "127.0.0.1", Port = 1 }.ConnectionString;
        var scripts = new ProbeScripts();
        await using var away = QuitandaApp.Build(nowhere, builder =>
        {
            ProbeApp.Add(builder, scripts);
            builder.Services.Remove(builder.Services.Single(service => service.ImplementationType == typeof(ProbeTables)));
        });
        await away.StartAsync(TestContext.Current.CancellationToken);
        var client = away.GetTestServer().CreateClient();
        Func<Task<HttpResponseMessage>>[] asked = [() => client.Send(HttpMethod.Get, "/api/v1/probe/rows"), () => client.PostText(Things, "{\"name\":\"a\",\"quantity\":1}")];
        foreach (var ask in asked)
        {
            var began = LivedTime.Now;
            var response = await ask();
            Assert.InRange(LivedTime.Since(began).TotalSeconds, 0, 5);
            await response.Problem(503, "unavailable");
            Assert.NotNull(response.Headers.RetryAfter);
        }

        Assert.Equal(HttpStatusCode.OK, (await client.Send(HttpMethod.Get, "/health/live")).StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await client.Send(HttpMethod.Get, "/health/ready")).StatusCode);
    }

    [Fact]
    public void What_the_database_said_is_found_however_it_is_wrapped()
    {
        static PostgresException Said(string state) => new("said", "ERROR", "ERROR", state);
        Assert.Equal(503, Failures.ProblemOf(new InvalidOperationException("transient", new DbUpdateException("save", Said(PostgresErrorCodes.DeadlockDetected)))).Status);
        Assert.Equal(409, Failures.ProblemOf(new DbUpdateException("save", Said(PostgresErrorCodes.UniqueViolation))).Status);
        Assert.Equal(500, Failures.ProblemOf(new DbUpdateException("save", Said(PostgresErrorCodes.CheckViolation))).Status);
        Assert.Equal(500, Failures.ProblemOf(new InvalidOperationException("ours", new FormatException("ours"))).Status);
    }

    /// <summary>A stream that does not know its length.</summary>
    private sealed class Endless(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
