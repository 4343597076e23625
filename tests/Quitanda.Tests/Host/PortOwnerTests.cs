using System.Net;
using System.Net.Sockets;
using Quitanda.Host;

namespace Quitanda.Tests.Host;

public sealed class PortOwnerTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public void The_process_that_listens_is_named(string address)
    {
        using var listener = new TcpListener(IPAddress.Parse(address), 0);
        listener.Start();

        var owner = PortOwner.Describe(((IPEndPoint)listener.LocalEndpoint).Port);

        Assert.EndsWith($"(process {Environment.ProcessId})", owner, StringComparison.Ordinal);
        Assert.DoesNotContain("unknown", owner, StringComparison.Ordinal);
    }

    [Fact]
    public void A_port_nobody_listens_on_has_no_owner()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();

        Assert.Null(PortOwner.Describe(port));
    }
}
