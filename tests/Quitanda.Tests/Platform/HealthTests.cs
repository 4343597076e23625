using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Quitanda.Tests.Platform;

public sealed class HealthTests(QuitandaApp app) : IClassFixture<QuitandaApp>
{
    private static readonly string[] Paths = ["/health", "/health/live", "/health/ready"];

    [Fact]
    public async Task A_running_host_on_a_current_database_is_live_and_ready()
    {
        foreach (var path in Paths)
        {
            var response = await app.Guest.GetAsync(path, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal("ok", (await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken)).GetProperty("status").GetString());
        }
    }
}
