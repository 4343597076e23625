using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.TestHost;
using Quitanda.Platform;

namespace Quitanda.Tests.Platform;

public sealed class EdgeTests(ProbeApp app) : IClassFixture<ProbeApp>
{
    private const string Id = "X-Request-Id";
    private static readonly string Thing = $"/api/v1/probe/things/{Guid.CreateVersion7()}";

    [Fact]
    public async Task A_request_id_is_echoed_made_or_replaced_where_it_is_hostile()
    {
        Assert.Equal("req-1/2:3", await Echoed("req-1/2:3"));
        Assert.Matches("^[0-9a-f]{32}$", await Echoed(null));
        foreach (var hostile in (string[])["a b", "a\"b", "<script>", "{\"a\":1}", "é", new string('a', 129), "a,b"])
            Assert.Matches("^[0-9a-f]{32}$", await Echoed(hostile));
        Assert.Equal(new string('a', 128), await Echoed(new string('a', 128)));

        async Task<string> Echoed(string? given)
        {
            var response = await app.Guest.Send(HttpMethod.Get, Thing, given is null ? [] : [Id, given]);
            return Assert.Single(response.Headers.GetValues(Id));
        }
    }

    [Fact]
    public async Task Every_answer_carries_the_security_headers()
    {
        app.Scripts.Doing["boom"] = _ => throw new InvalidOperationException("boom");
        await app.Guest.Send(HttpMethod.Get, "/api/v1/probe/shown/kept");
        foreach (var (method, target) in ((HttpMethod, string)[])[
            (HttpMethod.Get, Thing), (HttpMethod.Head, Thing), (HttpMethod.Get, "/nowhere"), (HttpMethod.Delete, Thing), (HttpMethod.Get, "/api/v1/probe/do/boom"),
            (HttpMethod.Get, "/api/v1/probe/shown/kept"), (HttpMethod.Get, "/health"), (HttpMethod.Get, "/api/v1/probe/rows?limit=0")])
        {
            var response = await app.Guest.Send(method, target);
            foreach (var (name, value) in ((string, string)[])[
                ("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY"), ("Referrer-Policy", "no-referrer"),
                ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"), ("Cross-Origin-Resource-Policy", "same-origin")])
                Assert.Equal(value, Assert.Single(response.Headers.GetValues(name)));
            Assert.Single(response.Headers.GetValues(Id));
            Assert.False(response.Headers.Contains("Server"));
        }
    }

    [Fact]
    public async Task A_trace_is_continued_into_the_problem_and_the_log()
    {
        const string trace = "0af7651916cd43dd8448eb211c80319c";
        var response = await app.Guest.Send(HttpMethod.Get, "/nowhere", "traceparent", $"00-{trace}-b7ad6b7169203331-01", Id, "from-the-client");
        Assert.Equal(trace, (await response.Problem(404, "not_found")).GetProperty("traceId").GetString());

        var line = Assert.Single(app.Log.Lines, line => line.Contains("\"/nowhere\"", StringComparison.Ordinal) && line.Contains(trace, StringComparison.Ordinal));
        var entry = JsonDocument.Parse(line).RootElement;
        Assert.Equal(trace, entry.GetProperty("traceId").GetString());
        Assert.Equal("from-the-client", entry.GetProperty("requestId").GetString());
        Assert.Equal(404, entry.GetProperty("status").GetInt32());
        Assert.Equal("info", entry.GetProperty("level").GetString());
    }

    [Fact]
    public async Task A_log_line_is_one_line_of_JSON_whatever_a_client_sends()
    {
        app.Scripts.Doing["log"] = _ => throw new InvalidOperationException("first\nsecond \"quoted\" \u2028");
        await app.Guest.Send(HttpMethod.Get, "/api/v1/probe/do/log%0A%22injected%22");
        await app.Guest.Send(HttpMethod.Get, "/api/v1/probe/do/log");
        foreach (var line in app.Log.Lines)
        {
            Assert.Equal(JsonValueKind.Object, JsonDocument.Parse(line).RootElement.ValueKind);
            Assert.DoesNotContain('\n', line.TrimEnd('\n'));
        }

        Assert.Contains(app.Log.Lines, line => line.Contains("second", StringComparison.Ordinal) && line.Contains("\"error\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Only_configured_origins_may_call_from_a_browser_on_errors_and_kept_answers_too()
    {
        await using var open = await app.StartAnother(builder => builder.Configuration["Http:CorsOrigins"] = "https://shop.example https://other.example");
        var client = open.GetTestServer().CreateClient();
        await client.Send(HttpMethod.Get, "/api/v1/probe/shown/cors");
        foreach (var target in (string[])[Thing, "/nowhere", "/api/v1/probe/shown/cors", "/api/v1/probe/rows?limit=0"])
        {
            var allowed = await client.Send(HttpMethod.Get, target, "Origin", "https://shop.example");
            Assert.Equal("https://shop.example", Assert.Single(allowed.Headers.GetValues("Access-Control-Allow-Origin")));
            Assert.Contains("Origin", allowed.Headers.Vary, StringComparer.Ordinal);
            Assert.False((await client.Send(HttpMethod.Get, target, "Origin", "https://evil.example")).Headers.Contains("Access-Control-Allow-Origin"));
            Assert.False((await app.Guest.Send(HttpMethod.Get, target, "Origin", "https://shop.example")).Headers.Contains("Access-Control-Allow-Origin"));
        }

        var preflight = await client.Send(HttpMethod.Options, "/api/v1/probe/things", "Origin", "https://shop.example", "Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "idempotency-key");
        Assert.Equal(HttpStatusCode.NoContent, preflight.StatusCode);
        Assert.Contains("POST", preflight.Headers.GetValues("Access-Control-Allow-Methods"), StringComparer.Ordinal);
    }

    [Fact]
    public async Task Forwarded_headers_are_believed_from_trusted_proxies_alone()
    {
        app.Scripts.Doing["who"] = doing => Task.FromResult<IResult>(TypedResults.Text($"{doing.Http.Connection.RemoteIpAddress} {doing.Http.Request.Scheme}"));
        await using var behind = await app.StartAnother(builder => builder.Configuration["Http:TrustedProxies"] = "10.0.0.0/8 192.0.2.1");
        Assert.Equal("203.0.113.9 https", await Seen(behind.GetTestServer(), "10.1.2.3"));
        Assert.Equal("203.0.113.9 https", await Seen(behind.GetTestServer(), "192.0.2.1"));
        Assert.Equal("198.51.100.1 http", await Seen(behind.GetTestServer(), "198.51.100.1"));

        static async Task<string> Seen(TestServer server, string from)
        {
            var context = await server.SendAsync(http =>
            {
                http.Connection.RemoteIpAddress = IPAddress.Parse(from);
                (http.Request.Method, http.Request.Path) = ("GET", "/api/v1/probe/do/who");
                http.Request.Headers["X-Forwarded-For"] = "203.0.113.9";
                http.Request.Headers["X-Forwarded-Proto"] = "https";
            }, TestContext.Current.CancellationToken);
            return await new StreamReader(context.Response.Body).ReadToEndAsync(TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task A_bad_list_of_proxies_names_itself()
    {
        var error = await Assert.ThrowsAsync<SettingException>(() => app.StartAnother(builder => builder.Configuration["Http:TrustedProxies"] = "nonsense"));
        Assert.Equal("Http:TrustedProxies", error.Name);
    }
}
