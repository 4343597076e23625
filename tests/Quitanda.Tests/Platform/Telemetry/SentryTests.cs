using System.Text.Json;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Quitanda.Platform.Errors;

namespace Quitanda.Tests.Platform.Telemetry;

public sealed class SentryTests(ProbeApp app) : IClassFixture<ProbeApp>
{
    [Theory]
    [InlineData("https://abc123@o1.ingest.sentry.io/42", "https://o1.ingest.sentry.io/api/42/envelope/", "abc123")]
    [InlineData("http://abc123@127.0.0.1:9000/7", "http://127.0.0.1:9000/api/7/envelope/", "abc123")]
    [InlineData("https://abc123:old@errors.example/under/here/7/", "https://errors.example/under/here/api/7/envelope/", "abc123")]
    [InlineData("https://errors.example/7", null, null)]
    [InlineData("https://abc123@errors.example", null, null)]
    [InlineData("ftp://abc123@errors.example/7", null, null)]
    [InlineData("https://a,b@errors.example/7", null, null)]
    [InlineData("nonsense", null, null)]
    public void A_DSN_says_where_to_and_with_which_key(string dsn, string? address, string? key)
    {
        var parsed = SentryAddress.Parse(dsn);
        Assert.Equal((address, key), (parsed?.Envelopes.ToString(), parsed?.Key));
    }

    [Fact]
    public async Task A_failure_arrives_as_an_envelope_with_one_event_and_nothing_of_the_sender()
    {
        await using var sink = await Sink.Start();
        await using var reporting = await Reporting(sink);
        app.Scripts.Doing["reported"] = _ => throw new InvalidOperationException("Maria 'Silva' maria@example.com", new FormatException("11987654321"));
        const string trace = "0af7651916cd43dd8448eb211c80319c";
        await reporting.GetTestServer().CreateClient().Send(HttpMethod.Get, "/api/v1/probe/do/reported?email=maria@example.com", "traceparent", $"00-{trace}-b7ad6b7169203331-01", "User-Agent", "Marias-Browser");
        await sink.Until(received => received.Count == 1);

        var received = Assert.Single(sink.All);
        Assert.Equal("/under/api/42/envelope/", received.Path);
        Assert.Equal("application/x-sentry-envelope", received.Headers["Content-Type"]);
        Assert.Matches("^Sentry sentry_version=7, sentry_client=quitanda/[0-9.]+, sentry_key=abc123$", received.Headers["X-Sentry-Auth"]);
        var lines = received.Text.Split('\n');
        Assert.Equal(4, lines.Length);
        var (header, item, sent) = (Json(lines[0]), Json(lines[1]), Json(lines[2]));
        Assert.Equal("", lines[3]);
        Assert.Equal(("event", lines[2].Length), (item.GetProperty("type").GetString(), item.GetProperty("length").GetInt32()));
        Assert.Matches("^[0-9a-f]{32}$", sent.GetProperty("event_id").GetString());
        Assert.Equal(header.GetProperty("event_id").GetString(), sent.GetProperty("event_id").GetString());
        Assert.Equal(("csharp", "error", "Do", "staging"), (sent.GetProperty("platform").GetString(), sent.GetProperty("level").GetString(), sent.GetProperty("transaction").GetString(), sent.GetProperty("environment").GetString()));
        Assert.Equal(trace, sent.GetProperty("contexts").GetProperty("trace").GetProperty("trace_id").GetString());
        var exception = Assert.Single(sent.GetProperty("exception").GetProperty("values").EnumerateArray());
        Assert.Equal("System.InvalidOperationException", exception.GetProperty("type").GetString());
        Assert.Equal("Maria '...' <email> <- FormatException: <number>", exception.GetProperty("value").GetString());
        var frames = exception.GetProperty("stacktrace").GetProperty("frames").EnumerateArray().ToList();
        // The oldest call first, so the fault is last.
        Assert.StartsWith("Quitanda.Tests.Platform.Telemetry.SentryTests", frames[^1].GetProperty("module").GetString(), StringComparison.Ordinal);
        Assert.True(frames[^1].GetProperty("in_app").GetBoolean());
        foreach (var personal in (string[])["maria@", "Silva", "Browser", "98765"])
            Assert.DoesNotContain(personal, received.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_more_than_the_set_number_a_minute_is_sent_and_the_rest_is_kept_all_the_same()
    {
        await using var sink = await Sink.Start();
        await using var reporting = await Reporting(sink, ("SentryPerMinute", "2"));
        for (var i = 0; i < 5; i++)
            await Capture(reporting, $"bounded-{i}");
        await sink.Until(received => received.Count == 2);
        await Outcomes(reporting, "skipped", 3);
        Assert.Equal(5, await app.Scalar<long>($"select count(*) from platform.errors where use_case like 'bounded-%'"));
        Assert.Equal(2, sink.All.Count);
    }

    [Theory]
    [InlineData("Retry-After", "1200", 429)]
    [InlineData("X-Sentry-Rate-Limits", "1200:error;transaction:organization", 200)]
    [InlineData("X-Sentry-Rate-Limits", "600::key", 429)]
    public async Task A_server_that_asks_for_quiet_gets_it(string header, string value, int status)
    {
        await using var sink = await Sink.Start((context, _) =>
        {
            (context.Response.StatusCode, context.Response.Headers[header]) = (status, value);
            return Task.CompletedTask;
        });
        await using var reporting = await Reporting(sink);
        await Capture(reporting, "first");
        await Outcomes(reporting, status == 200 ? "sent" : "refused", 1);
        await Capture(reporting, "second");
        await Outcomes(reporting, "skipped", 1);
        Assert.Single(sink.All);
    }

    [Fact]
    public async Task A_limit_on_something_else_is_not_meant_for_errors()
    {
        await using var sink = await Sink.Start((context, _) =>
        {
            context.Response.Headers["X-Sentry-Rate-Limits"] = "600:transaction;profile:organization, 600:session:key";
            return Task.CompletedTask;
        });
        await using var reporting = await Reporting(sink);
        await Capture(reporting, "first");
        await Outcomes(reporting, "sent", 1);
        await Capture(reporting, "second");
        await sink.Until(received => received.Count == 2);
    }

    [Fact]
    public async Task A_server_that_never_answers_holds_up_neither_requests_nor_what_is_kept()
    {
        var never = new TaskCompletionSource();
        await using var sink = await Sink.Start((_, _) => never.Task);
        try
        {
            await using var reporting = await Reporting(sink, ("SentryTimeoutSeconds", "1"));
            app.Scripts.Doing["hung"] = _ => throw new InvalidOperationException("hung");
            await reporting.GetTestServer().CreateClient().Send(HttpMethod.Get, "/api/v1/probe/do/hung").WaitAsync(Eventually.Patience, TestContext.Current.CancellationToken);
            await Capture(reporting, "hung").WaitAsync(Eventually.Patience, TestContext.Current.CancellationToken);
            Assert.Equal(1, await app.Scalar<long>($"select count(*) from platform.errors where use_case = 'hung'"));
            await Outcomes(reporting, "failed", 1);
        }
        finally
        {
            never.SetResult();
        }
    }

    private static JsonElement Json(string line) => JsonDocument.Parse(line).RootElement;

    private Task<OtherProcess> Reporting(Sink sink, params (string Name, string Value)[] settings) => app.StartAnother(builder =>
    {
        builder.Configuration["Telemetry:SentryDsn"] = sink.Address.Replace("://", "://abc123@", StringComparison.Ordinal) + "/under/42";
        builder.Configuration["Telemetry:Environment"] = "staging";
        // The framework makes a trace where somebody logs.
        builder.Logging.AddProvider(app.Log);
        foreach (var (name, value) in settings)
            builder.Configuration[$"Telemetry:{name}"] = value;
    });

    private static async Task Capture(OtherProcess reporting, string useCase)
    {
        reporting.Services.GetRequiredService<IErrorLog>().Capture(new InvalidOperationException("x"), "job", useCase);
        await reporting.Services.GetRequiredService<ErrorLog>().Flush(TestContext.Current.CancellationToken);
    }

    /// <summary>Waits until the reporter, whose time is its own, has counted an outcome.</summary>
    private static async Task Outcomes(OtherProcess reporting, string outcome, int count)
    {
        var client = reporting.GetTestServer().CreateClient();
        await Eventually.Happens(async () => (await Exposed.Of(client)).Sum("quitanda_errors_reports_total", $"outcome=\"{outcome}\"") >= count, $"{count} x {outcome}");
    }
}
