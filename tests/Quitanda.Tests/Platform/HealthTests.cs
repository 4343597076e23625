using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Platform;

namespace Quitanda.Tests.Platform;

public sealed class HealthTests(ProbeApp app) : IClassFixture<ProbeApp>
{
    private static readonly string[] Paths = ["/health", "/health/live", "/health/ready"];

    [Fact]
    public async Task A_running_host_on_a_current_database_is_live_and_ready()
    {
        foreach (var path in Paths)
        {
            var (status, body, _) = await Ask(path);
            Assert.Equal((HttpStatusCode.OK, "ok"), (status, body.GetProperty("status").GetString()));
        }
    }

    [Fact]
    public async Task Jobs_that_are_behind_are_said_and_take_no_process_out_of_service()
    {
        await app.Execute($"insert into platform.jobs (kind, payload, run_at) values ({RunErrand.Kind}, '{{\"name\": \"late\"}}', {app.Clock.GetUtcNow().AddMinutes(-20)})");
        var (status, body, _) = await Ask("/health/ready");
        Assert.Equal((HttpStatusCode.OK, "degraded", 1200), (status, body.GetProperty("status").GetString(), body.GetProperty("jobLagSeconds").GetDouble()));

        // Somebody wants these to wait.
        await app.Execute($"insert into platform.paused_job_kinds (kind, paused_at) values ({RunErrand.Kind}, now())");
        Assert.Equal("ok", (await Ask("/health/ready")).Body.GetProperty("status").GetString());
        await app.Execute($"delete from platform.paused_job_kinds");
        await app.RunJobs();
        Assert.Equal("ok", (await Ask("/health/ready")).Body.GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_host_about_to_stop_says_so_and_ends_each_connection_with_its_answer()
    {
        var readiness = app.Services.GetRequiredService<Readiness>();
        readiness.IsStopping = true;
        try
        {
            var (status, body, closes) = await Ask("/health/ready");
            Assert.Equal((HttpStatusCode.ServiceUnavailable, "stopping", true), (status, body.GetProperty("status").GetString(), closes));
            (status, _, closes) = await Ask("/health/live");
            Assert.Equal((HttpStatusCode.OK, true), (status, closes));
        }
        finally
        {
            readiness.IsStopping = false;
        }

        Assert.False((await Ask("/health/live")).Closes);
    }

    private async Task<(HttpStatusCode Status, JsonElement Body, bool Closes)> Ask(string path)
    {
        using var response = await app.Guest.GetAsync(path, TestContext.Current.CancellationToken);
        return (response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken), response.Headers.ConnectionClose == true);
    }
}
