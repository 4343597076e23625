using System.Diagnostics.Metrics;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Quitanda.Platform;

namespace Quitanda.Tests.Platform.Telemetry;

public sealed partial class MetricsTests(ProbeApp app) : IClassFixture<ProbeApp>
{
    private const string Duration = "http_server_request_duration_seconds_count";

    [Fact]
    public async Task Requests_are_counted_by_route_and_never_by_path()
    {
        var id = Guid.CreateVersion7();
        var before = (await Exposed.Of(app.Guest)).Sum("quitanda_requests_active");
        for (var i = 0; i < 3; i++)
            await app.Guest.Send(HttpMethod.Get, $"/api/v1/probe/things/{id}");
        await app.Guest.Send(HttpMethod.Get, $"/nowhere/{id}");

        var exposed = await Exposed.Of(app.Guest);

        Assert.True(exposed.Sum(Duration, "http_route=\"/api/v1/probe/things/{id:guid}\"", "http_request_method=\"GET\"", "http_response_status_code=\"200\"") >= 3);
        Assert.DoesNotContain(id.ToString(), exposed.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("nowhere", exposed.Text, StringComparison.Ordinal);
        // An answer is read before whoever gave it has quite finished. What another test left open is none of these.
        await Eventually.Happens(async () => (await Exposed.Of(app.Guest)).Sum("quitanda_requests_active") <= before, "All who were answered being counted out");
    }

    [Fact]
    public async Task A_read_from_the_cache_has_its_route_and_is_a_hit()
    {
        const string route = "http_route=\"/api/v1/probe/shown/{name}\"";
        var before = await Exposed.Of(app.Guest);
        for (var i = 0; i < 4; i++)
            await app.Guest.Send(HttpMethod.Get, "/api/v1/probe/shown/measured");
        var after = await Exposed.Of(app.Guest);

        Assert.Equal(4, after.Sum(Duration, route) - before.Sum(Duration, route));
        Assert.Equal(3, after.Sum("quitanda_cache_hits_total") - before.Sum("quitanda_cache_hits_total"));
        Assert.Equal(1, after.Sum("quitanda_cache_misses_total") - before.Sum("quitanda_cache_misses_total"));
        Assert.True(after.Sum("quitanda_cache_size_bytes") > before.Sum("quitanda_cache_size_bytes"));
    }

    [Fact]
    public async Task Both_formats_are_whole_and_say_the_same()
    {
        await app.WithDb(db => db.Read($"select 1", row => row.GetInt32(0), TestContext.Current.CancellationToken));
        var plain = await app.Guest.Send(HttpMethod.Get, "/metrics");
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", plain.Content.Headers.GetValues("Content-Type").Single());
        Assert.Equal("no-store", plain.Headers.CacheControl?.ToString());
        var text = Exposed.Parse(await plain.Text(), isOpenMetrics: false);
        // What Prometheus 3 sends.
        var open = await Exposed.Of(app.Guest, "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2");

        Assert.EndsWith("# EOF\n", open.Text, StringComparison.Ordinal);
        // Other tests of this process open and close pools meanwhile.
        Assert.Empty(text.Names.Where(name => !name.StartsWith("db_", StringComparison.Ordinal)).Except(open.Names, StringComparer.Ordinal));
        Assert.Equal("counter", text.Types["quitanda_cache_hits_total"]);
        Assert.Equal("counter", open.Types["quitanda_cache_hits"]);
    }

    [Theory]
    [InlineData("*/*", false)]
    [InlineData("text/plain", false)]
    [InlineData("application/openmetrics-text", true)]
    [InlineData("application/openmetrics-text; version=0.0.1", true)]
    [InlineData("application/openmetrics-text; version=2.0.0", false)]
    [InlineData("application/openmetrics-text;q=0.3, text/plain;q=0.7", false)]
    [InlineData("application/openmetrics-text;q=0", false)]
    [InlineData("nonsense,,;;", false)]
    public async Task OpenMetrics_is_given_to_who_asks_for_it(string accept, bool isOpenMetrics)
    {
        var response = await app.Guest.Send(HttpMethod.Get, "/metrics", "Accept", accept);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(isOpenMetrics ? "application/openmetrics-text" : "text/plain", response.Content.Headers.ContentType?.MediaType);
        Exposed.Parse(await response.Text(), isOpenMetrics);
    }

    [Fact]
    public async Task The_process_and_the_pool_are_measured()
    {
        await app.WithDb(db => db.Read($"select 1", row => row.GetInt32(0), TestContext.Current.CancellationToken));
        var exposed = await Exposed.Of(app.Guest);
        foreach (var name in (string[])["dotnet_process_cpu_time_seconds_total", "dotnet_process_memory_working_set_bytes", "dotnet_gc_collections_total", "dotnet_thread_pool_queue_length_total", "quitanda_process_uptime_seconds",
            "db_client_connection_count", "db_client_connection_max", "quitanda_errors_lost_total"])
            Assert.Contains(name, exposed.Names, StringComparer.Ordinal);
        Assert.Contains("db_client_connection_pool_name=\"hot\"", exposed.Text, StringComparison.Ordinal);
        Assert.Equal(1, exposed.Sum("quitanda_build_info", "version="));
        // A pool that is named by its connection string would tell where the database is.
        Assert.DoesNotContain("Host=", exposed.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Instruments_of_the_house_appear_by_themselves_and_stay_within_their_limit()
    {
        await using var small = await app.StartAnother(builder => builder.Configuration["Telemetry:SeriesAtMost"] = "10");
        using var meter = small.Services.GetRequiredService<IMeterFactory>().Create("Quitanda.Probe");
        var counter = meter.CreateCounter<long>("probe.visits", "{visit}", "Visits.");
        var broken = true;
        meter.CreateObservableGauge("probe.broken", () => broken ? throw new InvalidOperationException("no") : 7);
        string[] there = ["a", "b"];
        meter.CreateObservableGauge("probe.there", () => there.Select(name => new Measurement<int>(1, new KeyValuePair<string, object?>("name", name))));
        for (var user = 0; user < 100; user++)
            counter.Add(1, new KeyValuePair<string, object?>("user", user));
        var client = small.GetTestServer().CreateClient();

        var exposed = await Exposed.Of(client);
        Assert.Equal(11, exposed.Samples.Keys.Count(sample => sample.StartsWith("probe_visits_total{", StringComparison.Ordinal)));
        Assert.Equal(100, exposed.Sum("probe_visits_total"));
        Assert.Equal(2, exposed.Sum("probe_there"));
        Assert.DoesNotContain("probe_broken", exposed.Text, StringComparison.Ordinal);

        (broken, there) = (false, ["b"]);
        exposed = await Exposed.Of(client);
        Assert.Equal((7, 1), (exposed.Sum("probe_broken"), exposed.Sum("probe_there")));
        Assert.Equal(0, exposed.Sum("probe_there", "name=\"a\""));
        // The other application in this process has meters of its own.
        Assert.DoesNotContain("probe_visits", (await Exposed.Of(app.Guest)).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1", null, 200)]
    [InlineData("::1", null, 200)]
    [InlineData("::ffff:10.1.2.3", null, 200)]
    [InlineData("172.31.0.9", null, 200)]
    [InlineData("172.32.0.9", null, 403)]
    [InlineData("192.168.7.7", null, 200)]
    [InlineData("203.0.113.9", null, 403)]
    [InlineData("2001:db8::1", null, 403)]
    [InlineData("127.0.0.1", "X-Forwarded-For", 403)]
    [InlineData("127.0.0.1", "Forwarded", 403)]
    [InlineData("10.0.0.1", "X-Real-IP", 403)]
    public async Task Only_who_is_near_reads_them_and_a_proxy_nobody_named_is_not_near(string from, string? header, int expected) =>
        Assert.Equal(expected, await Status(app.Services.GetRequiredService<Microsoft.AspNetCore.Hosting.Server.IServer>(), from, header is null ? [] : [header, "203.0.113.9"]));

    [Fact]
    public async Task Behind_a_proxy_that_is_trusted_the_clients_own_address_counts()
    {
        await using var behind = await app.StartAnother(builder => builder.Configuration["Http:TrustedProxies"] = "10.0.0.1");
        Assert.Equal(403, await Status(behind.GetTestServer(), "10.0.0.1", "X-Forwarded-For", "203.0.113.9"));
        Assert.Equal(200, await Status(behind.GetTestServer(), "10.0.0.1", "X-Forwarded-For", "10.0.0.77"));
    }

    [Fact]
    public async Task With_a_token_only_the_token_opens()
    {
        await using var closed = await app.StartAnother(builder => builder.Configuration["Telemetry:MetricsToken"] = "let-prometheus-in");
        var server = closed.GetTestServer();
        Assert.Equal(401, await Status(server, "127.0.0.1"));
        Assert.Equal(401, await Status(server, "127.0.0.1", "Authorization", "Bearer let-prometheus-im"));
        Assert.Equal(401, await Status(server, "127.0.0.1", "Authorization", "Basic let-prometheus-in"));
        Assert.Equal(200, await Status(server, "203.0.113.9", "Authorization", "Bearer let-prometheus-in"));
        Assert.Equal(200, await Status(server, "127.0.0.1", "Authorization", "Bearer let-prometheus-in", "X-Forwarded-For", "203.0.113.9"));
        var refused = await server.CreateClient().Send(HttpMethod.Get, "/metrics");
        await refused.Problem(401, "unauthenticated");
        Assert.Equal("Bearer", refused.Headers.WwwAuthenticate.ToString());
    }

    [Fact]
    public async Task They_can_be_left_out()
    {
        await using var without = await app.StartAnother(builder => builder.Configuration["Telemetry:Metrics"] = "false");
        await (await without.GetTestServer().CreateClient().Send(HttpMethod.Get, "/metrics")).Problem(404, "not_found");
    }

    [Theory]
    [InlineData("MetricsNetworks", "10.0.0.0/8 nonsense")]
    [InlineData("OtlpEndpoint", "localhost:4317")]
    [InlineData("OtlpHeaders", "my-secret")]
    [InlineData("SentryDsn", "https://sentry.example/1")]
    [InlineData("TraceRatio", "2")]
    public async Task A_bad_setting_names_itself_and_no_secret(string name, string value)
    {
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => app.StartAnother(builder => builder.Configuration[$"Telemetry:{name}"] = value));
        Assert.Contains(name, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("my-secret", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_name_on_the_dashboard_and_in_the_alerts_is_measured()
    {
        app.Scripts.Doing["fails"] = _ => throw new InvalidOperationException("no");
        await app.Guest.Send(HttpMethod.Get, "/api/v1/probe/do/fails");
        await app.WithDb(db => db.Read($"select 1", row => row.GetInt32(0), TestContext.Current.CancellationToken));
        await app.WithDb(async db =>
        {
            await db.ReadingPlanned([$"select 1"], _ => Task.CompletedTask, TestContext.Current.CancellationToken);
            return true;
        });
        await Crowd();
        // What is first seen at one has not risen, and no alert would hear of it.
        Assert.Equal(0, Assert.Single((await Exposed.Of(app.Guest)).Samples, OfErrands).Value);
        await Work();
        var exposed = await Exposed.Of(app.Guest);
        Assert.Equal(1, Assert.Single(exposed.Samples, OfErrands).Value);
        var known = exposed.Names.ToHashSet(StringComparer.Ordinal);

        using var dashboard = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(Sources.Root, "deploy", "grafana", "quitanda.json"), TestContext.Current.CancellationToken));
        var expressions = Expressions(dashboard.RootElement).ToList();
        var alerts = AlertExpression().Matches(await File.ReadAllTextAsync(Path.Combine(Sources.Root, "deploy", "prometheus", "alerts.yaml"), TestContext.Current.CancellationToken)).Select(match => match.Groups["expr"].Value).ToList();

        Assert.True(expressions.Count > 10);
        Assert.True(alerts.Count > 4);
        Assert.Empty(expressions.Concat(alerts).SelectMany(Unknown));
        Assert.Equal(["no_such_thing_total"], Unknown("sum(rate(no_such_thing_total{job=\"x\"}[5m])) / up"), StringComparer.Ordinal);

        static bool OfErrands(KeyValuePair<string, double> sample) =>
            sample.Key.StartsWith("quitanda_jobs_dead_total{", StringComparison.Ordinal) && sample.Key.Contains($"kind=\"{RunErrand.Kind}\"", StringComparison.Ordinal);

        IEnumerable<string> Unknown(string expression) => MetricName().Matches(InBraces().Replace(expression, "")).Select(match => match.Value)
            // Prometheus's own: whether it could read us at all.
            .Where(name => name != "up" && !known.Contains(name));
    }

    /// <summary>Has a request wait for a connection, or nobody would know what that is called.</summary>
    private async Task Crowd()
    {
        await using var crowded = await app.StartAnother(builder => builder.Configuration["Database:PoolSize"] = "2");
        app.Scripts.Doing["crowds"] = async doing =>
        {
            await doing.Db.Execute($"select pg_sleep(0.1)", doing.Ct);
            return TypedResults.Ok();
        };
        var client = crowded.GetTestServer().CreateClient();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => client.Post("/api/v1/probe/do/crowds", new { })));
    }

    /// <summary>Has one job done and one die.</summary>
    private async Task Work()
    {
        app.Scripts.Working["dies"] = (_, _) => throw new PermanentFailureException("It is of no use.");
        await app.WithDb(db =>
        {
            foreach (var name in (string[])["lives", "dies"])
                db.Schedule(RunErrand.Kind, new Errand(name), app.Clock.GetUtcNow());
            return Task.FromResult(true);
        });
        await app.RunJobs();
        await app.Services.GetRequiredService<JobMeters>().Look(TestContext.Current.CancellationToken);
    }

    private static async Task<int> Status(Microsoft.AspNetCore.Hosting.Server.IServer server, string from, params string[] headers)
    {
        var context = await ((TestServer)server).SendAsync(http =>
        {
            http.Connection.RemoteIpAddress = IPAddress.Parse(from);
            (http.Request.Method, http.Request.Path) = ("GET", "/metrics");
            for (var i = 0; i < headers.Length; i += 2)
                http.Request.Headers[headers[i]] = headers[i + 1];
        }, TestContext.Current.CancellationToken);
        return context.Response.StatusCode;
    }

    private static IEnumerable<string> Expressions(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => json.EnumerateObject().SelectMany(member => member.Name is "expr" && member.Value.ValueKind == JsonValueKind.String ? [member.Value.GetString()!] : Expressions(member.Value)),
        JsonValueKind.Array => json.EnumerateArray().SelectMany(Expressions),
        _ => [],
    };

    [GeneratedRegex(@"\{[^}]*\}|\[[^\]]*\]|\b(by|without|on|ignoring|group_left) \([^)]*\)|""[^""]*""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex InBraces();

    // A name is a word with an underscore, or one that nothing is called with.
    [GeneratedRegex(@"\b[a-z][a-z0-9]*(_[a-z0-9]+)+\b(?! *\()|\bup\b", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex MetricName();

    [GeneratedRegex(@"^\s*expr: (?<expr>.+)$", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex AlertExpression();
}
