using System.Globalization;
using Quitanda.Tests.Platform;
using Quitanda.Tests.Platform.Telemetry;

namespace Quitanda.Tests.Host;

/// <summary>What only a process of its own shows of telemetry.</summary>
public sealed class MeasuredHostTests
{
    [Fact]
    public async Task Without_an_address_nothing_of_OpenTelemetry_is_loaded_and_the_metrics_are_there()
    {
        await using var folder = new DataFolder();
        var port = HostProcess.FreePort();
        using var host = await HostProcess.Serve(folder.Path, port, "--no-demo");
        using var client = HostProcess.Client(port);

        Assert.Equal(200, (int)(await client.Send(HttpMethod.Get, "/api/v1/products")).StatusCode);
        var exposed = await Exposed.Of(client);

        Assert.True(exposed.Sum("http_server_request_duration_seconds_count", "http_route=\"/api/v1/products/\"") >= 1);
        Assert.True(exposed.Sum("kestrel_active_connections") >= 1);
        Assert.DoesNotContain("Host=", exposed.Text, StringComparison.Ordinal);
        if (OperatingSystem.IsLinux())
            Assert.DoesNotContain("OpenTelemetry", await File.ReadAllTextAsync(string.Create(CultureInfo.InvariantCulture, $"/proc/{host.Id}/maps"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(0, await host.Interrupt());
    }
}
