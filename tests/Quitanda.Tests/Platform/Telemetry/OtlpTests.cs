using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Quitanda.Platform;

namespace Quitanda.Tests.Platform.Telemetry;

/// <summary>What arrives at a collector. Other classes run applications in this process at the same time, so each test looks at its own traces.</summary>
public sealed class OtlpTests(ProbeApp app) : IClassFixture<ProbeApp>
{
    private const string Secret = "maria.silva-5511987654321";

    [Fact]
    public async Task A_request_its_statements_and_its_job_arrive_as_one_trace()
    {
        await using var sink = await Sink.Start();
        await using var traced = await Traced(sink);
        var (trace, parent) = NewTrace();
        var client = traced.GetTestServer().CreateClient();
        app.Scripts.Doing["traced"] = async doing =>
        {
            await doing.Db.Execute($"insert into probe.effects (name) values ({Secret})", doing.Ct);
            doing.Db.Schedule(RunErrand.Kind, new Errand(Secret), DateTimeOffset.UnixEpoch);
            return TypedResults.Ok();
        };

        var response = await client.Post("/api/v1/probe/do/traced?ticket=" + Secret, new { note = Secret }, "traceparent", $"00-{trace}-{parent}-01");
        Assert.Equal(200, (int)response.StatusCode);
        await traced.Services.GetRequiredService<JobRunner>().RunDue(TestContext.Current.CancellationToken);
        await sink.Until(received => Spans(received, trace).Any(span => span.Name == RunErrand.Kind) && Spans(received, trace).Any(span => span.Kind == Server));
        var spans = Spans(sink.All, trace);

        var request = Assert.Single(spans, span => span.Kind == Server);
        Assert.Equal(("POST /api/v1/probe/do/{name}", parent), (request.Name, request.Parent));
        Assert.Equal("POST", request.Attributes["http.request.method"]);
        Assert.Equal("/api/v1/probe/do/{name}", request.Attributes["http.route"]);
        Assert.Equal("/api/v1/probe/do/traced", request.Attributes["url.path"]);
        Assert.Equal("200", request.Attributes["http.response.status_code"]);
        Assert.Equal("Do", request.Attributes["quitanda.use_case"]);
        Assert.Contains(spans, span => span.Kind == Client && span.Parent == request.Id && span.Attributes.GetValueOrDefault("db.query.text", "").Contains("insert into probe.effects", StringComparison.Ordinal));
        var job = Assert.Single(spans, span => span.Name == RunErrand.Kind);
        Assert.Equal((Consumer, request.Id), (job.Kind, job.Parent));
        Assert.Contains(spans, span => span.Kind == Client && span.Parent == job.Id);

        Assert.DoesNotContain(sink.All, received => received.Text.Contains(Secret, StringComparison.Ordinal));
        var resource = sink.All.First(received => received.Path == "/v1/traces").Message.One(1).One(1).Attributes(1);
        Assert.Equal(("quitanda", "staging"), (resource["service.name"], resource["deployment.environment.name"]));
        Assert.Equal("sesame", sink.All.First().Headers["x-key"]);
        Assert.Equal("application/x-protobuf", sink.All.First().Headers["Content-Type"]);
    }

    [Fact]
    public async Task A_failure_is_told_of_without_what_somebody_sent()
    {
        await using var sink = await Sink.Start();
        await using var traced = await Traced(sink);
        var client = traced.GetTestServer().CreateClient();
        app.Scripts.Doing["fails"] = _ => throw new InvalidOperationException($"There is no customer '{Secret}' with maria.silva@example.com.");
        app.Scripts.Doing["doubles"] = async doing =>
        {
            await doing.Db.Execute($"create table if not exists probe.people (email text primary key check (email = lower(email)))", doing.Ct);
            await doing.Db.Execute($"insert into probe.people values ({Secret + "X"})", doing.Ct);
            return TypedResults.Ok();
        };
        app.Scripts.Doing["casts"] = async doing =>
        {
            await doing.Db.Execute($"select {Secret}::text::integer", doing.Ct);
            return TypedResults.Ok();
        };
        foreach (var name in (string[])["fails", "doubles", "casts"])
        {
            var (trace, parent) = NewTrace();
            var response = await client.Send(HttpMethod.Get, $"/api/v1/probe/do/{name}", "traceparent", $"00-{trace}-{parent}-01");
            Assert.Equal(500, (int)response.StatusCode);
            await sink.Until(received => Spans(received, trace).Any(span => span.Kind == Server));
            var span = Assert.Single(Spans(sink.All, trace), span => span.Kind == Server);
            Assert.Equal((Error, "500"), (span.Status, span.Attributes["http.response.status_code"]));
            Assert.StartsWith(name == "fails" ? "System.InvalidOperationException" : "Npgsql.PostgresException", span.Attributes["error.type"], StringComparison.Ordinal);
            // Said at least by the request's own span; where the database refused, by the statement's too.
            Assert.True(Assert.Single(span.Events, one => one.Name == "exception").Attributes.ContainsKey("exception.stacktrace"));
        }

        await sink.Until(received => received.Any(one => one.Path == "/v1/logs" && one.Text.Contains("exception.stacktrace", StringComparison.Ordinal)));
        Assert.DoesNotContain(sink.All, received => received.Text.Contains("maria", StringComparison.Ordinal) || received.Text.Contains("5511987654321", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_token_in_a_path_is_in_no_span_and_no_log_line()
    {
        await using var sink = await Sink.Start();
        await using var traced = await Traced(sink);
        var (trace, parent) = NewTrace();
        const string token = "kR3vX9mQ2tLw8ZpY5nBc7HsJ4dFgA6eU";
        await traced.GetTestServer().CreateClient().Send(HttpMethod.Get, $"/api/v1/probe/followed/{token}", "traceparent", $"00-{trace}-{parent}-01");
        await sink.Until(received => Spans(received, trace).Any(span => span.Kind == Server) && received.Any(one => one.Path == "/v1/logs" && one.Text.Contains("/api/v1/probe/followed/{token}", StringComparison.Ordinal)));
        Assert.Equal("/api/v1/probe/followed/{token}", Assert.Single(Spans(sink.All, trace)).Attributes["url.path"]);
        Assert.DoesNotContain(sink.All, received => received.Text.Contains(token, StringComparison.Ordinal));
        Assert.DoesNotContain(app.Log.Lines, line => line.Contains(token, StringComparison.Ordinal));
        Assert.Contains(app.Log.Lines, line => line.Contains("/followed/{token}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Of_new_traces_only_the_set_part_is_kept_and_of_a_callers_what_the_caller_keeps()
    {
        await using var sink = await Sink.Start();
        await using var traced = await Traced(sink, builder => builder.Configuration["Telemetry:TraceRatio"] = "0");
        var client = traced.GetTestServer().CreateClient();
        var (kept, keptBy) = NewTrace();
        var (left, leftBy) = NewTrace();
        var own = await client.Send(HttpMethod.Get, $"/api/v1/probe/things/{Guid.CreateVersion7()}");
        await client.Send(HttpMethod.Get, $"/api/v1/probe/things/{Guid.CreateVersion7()}", "traceparent", $"00-{left}-{leftBy}-00");
        await client.Send(HttpMethod.Get, "/health/live", "traceparent", $"00-{left}-{leftBy}-01");
        await client.Send(HttpMethod.Get, $"/api/v1/probe/things/{Guid.CreateVersion7()}", "traceparent", $"00-{kept}-{keptBy}-01");
        await sink.Until(received => Spans(received, kept).Count > 0);
        Assert.Empty(Spans(sink.All, left));
        Assert.Empty(Spans(sink.All, Assert.Single(own.Headers.GetValues("X-Request-Id"))));
    }

    [Fact]
    public async Task Metrics_and_logs_arrive_with_the_trace()
    {
        await using var sink = await Sink.Start();
        await using var traced = await Traced(sink);
        var (trace, parent) = NewTrace();
        await traced.GetTestServer().CreateClient().Send(HttpMethod.Get, $"/api/v1/probe/things/{Guid.CreateVersion7()}", "traceparent", $"00-{trace}-{parent}-01");
        await sink.Until(received => Metrics(received).Contains("http.server.request.duration", StringComparer.Ordinal) && LogTraces(received).Contains(trace, StringComparer.Ordinal));
        Assert.Contains("quitanda.cache.hits", Metrics(sink.All), StringComparer.Ordinal);
        Assert.Contains("dotnet.process.cpu.time", Metrics(sink.All), StringComparer.Ordinal);
    }

    [Fact]
    public async Task The_standard_variables_are_honoured()
    {
        await using var sink = await Sink.Start();
        await using var traced = await app.StartAnother(builder =>
        {
            builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] = sink.Address;
            builder.Configuration["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf";
            builder.Configuration["OTEL_SERVICE_NAME"] = "loja";
            builder.Configuration["OTEL_METRICS_EXPORTER"] = "none";
            builder.Configuration["OTEL_LOGS_EXPORTER"] = "none";
            builder.Configuration["OTEL_BSP_SCHEDULE_DELAY"] = "50";
        });
        var (trace, parent) = NewTrace();
        await traced.GetTestServer().CreateClient().Send(HttpMethod.Get, "/api/v1/probe/rows", "traceparent", $"00-{trace}-{parent}-01");
        await sink.Until(received => Spans(received, trace).Any(span => span.Kind == Server));
        Assert.All(sink.All, received => Assert.Equal("/v1/traces", received.Path));
        Assert.Equal("loja", sink.All.First().Message.One(1).One(1).Attributes(1)["service.name"]);
    }

    [Fact]
    public async Task They_can_be_sent_by_gRPC()
    {
        await using var sink = await Sink.Start((context, _) =>
        {
            context.Response.ContentType = "application/grpc";
            context.Response.AppendTrailer("grpc-status", "0");
            return Task.CompletedTask;
        }, HttpProtocols.Http2);
        await using var traced = await Traced(sink, builder => builder.Configuration["Telemetry:OtlpProtocol"] = "grpc");
        await traced.GetTestServer().CreateClient().Send(HttpMethod.Get, "/api/v1/probe/rows");
        await sink.Until(received => received.Any(one => one.Path == "/opentelemetry.proto.collector.trace.v1.TraceService/Export"));
    }

    [Fact]
    public async Task A_collector_that_is_gone_holds_nobody_up()
    {
        await using var traced = await app.StartAnother(builder => builder.Configuration["Telemetry:OtlpEndpoint"] = "http://127.0.0.1:9");
        var client = traced.GetTestServer().CreateClient();
        for (var i = 0; i < 20; i++)
            Assert.Equal(200, (int)(await client.Send(HttpMethod.Get, $"/api/v1/probe/things/{Guid.CreateVersion7()}")).StatusCode);
    }

    private const int Server = 2;
    private const int Client = 3;
    private const int Consumer = 5;
    private const int Error = 2;

    private Task<OtherProcess> Traced(Sink sink, Action<WebApplicationBuilder>? configure = null) => app.StartAnother(builder =>
        {
            builder.Configuration["Telemetry:OtlpEndpoint"] = sink.Address;
            builder.Configuration["Telemetry:OtlpHeaders"] = "x-key=sesame";
            builder.Configuration["Telemetry:Environment"] = "staging";
            builder.Configuration["OTEL_BSP_SCHEDULE_DELAY"] = "50";
            builder.Configuration["OTEL_BLRP_SCHEDULE_DELAY"] = "50";
            builder.Configuration["OTEL_METRIC_EXPORT_INTERVAL"] = "200";
            builder.Logging.AddProvider(app.Log);
            configure?.Invoke(builder);
        });

    private static (string Trace, string Parent) NewTrace() =>
        (System.Diagnostics.ActivityTraceId.CreateRandom().ToHexString(), System.Diagnostics.ActivitySpanId.CreateRandom().ToHexString());

    private static List<Span> Spans(IEnumerable<Received> received, string trace) =>
    [
        .. from one in received
           where one.Path == "/v1/traces"
           from resource in one.Message.All(1)
           from scope in resource.All(2)
           from span in scope.All(2)
           where span.One(1).Hex == trace
           select new Span(span.One(2).Hex, span.One(4).Hex, span.One(5).Text, (int)span.Number(6), (int)span.One(15).Number(3), span.Attributes(9), [.. span.All(11).Select(one => new SpanEvent(one.One(2).Text, one.Attributes(3)))]),
    ];

    private static IEnumerable<string> Metrics(IEnumerable<Received> received) =>
        received.Where(one => one.Path == "/v1/metrics").SelectMany(one => one.Message.All(1)).SelectMany(resource => resource.All(2)).SelectMany(scope => scope.All(2)).Select(metric => metric.One(1).Text);

    private static IEnumerable<string> LogTraces(IEnumerable<Received> received) =>
        received.Where(one => one.Path == "/v1/logs").SelectMany(one => one.Message.All(1)).SelectMany(resource => resource.All(2)).SelectMany(scope => scope.All(2)).Select(record => record.One(9).Hex);

    private sealed record Span(string Id, string Parent, string Name, int Kind, int Status, Dictionary<string, string> Attributes, List<SpanEvent> Events);

    private sealed record SpanEvent(string Name, Dictionary<string, string> Attributes);
}
