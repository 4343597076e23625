using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Quitanda.Tests.Platform;

/// <summary>The way between an application and its PostgreSQL, which a test can cut.</summary>
internal sealed class Link : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<Socket, Socket> _open = new();
    private readonly CancellationTokenSource _end = new();
    private readonly EndPoint _server;
    private readonly Task _accepting;
    private volatile bool _refuses;
    private volatile int _delayMs;

    public Link(string connectionString)
    {
        var server = new NpgsqlConnectionStringBuilder(connectionString);
        _server = server.Host!.StartsWith('/') ? new UnixDomainSocketEndPoint($"{server.Host}/.s.PGSQL.{server.Port}") : new DnsEndPoint(server.Host, server.Port);
        _listener.Start();
        ConnectionString = new NpgsqlConnectionStringBuilder(connectionString) { Host = "127.0.0.1", Port = ((IPEndPoint)_listener.LocalEndpoint).Port }.ConnectionString;
        _accepting = Accept();
    }

    /// <summary>To the same database, by this way.</summary>
    public string ConnectionString { get; }

    /// <summary>Every answer of the database comes so much later.</summary>
    public void Slow(int milliseconds) => _delayMs = milliseconds;

    /// <summary>Nobody new comes through; who is connected stays so.</summary>
    public void RefuseNew() => _refuses = true;

    /// <summary>Nobody comes through, and who is connected is not any more.</summary>
    public void Cut()
    {
        _refuses = true;
        foreach (var (client, server) in _open)
        {
            client.Dispose();
            server.Dispose();
        }
    }

    /// <summary>As if nothing had been.</summary>
    public void Mend() => _refuses = false;

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        Cut();
        await _accepting;
        _end.Dispose();
    }

    private async Task Accept()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptSocketAsync(_end.Token);
                if (_refuses)
                    client.Dispose();
                else
                    _ = Carry(client);
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task Carry(Socket client)
    {
        using var server = new Socket(_server.AddressFamily, SocketType.Stream, _server is UnixDomainSocketEndPoint ? ProtocolType.Unspecified : ProtocolType.Tcp);
        try
        {
            await server.ConnectAsync(_server, _end.Token);
            _open[client] = server;
            await Task.WhenAny(Copy(client, server, isAnswer: false), Copy(server, client, isAnswer: true));
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Cut, or closed by either side.
        }
        finally
        {
            _open.TryRemove(client, out _);
            client.Dispose();
        }
    }

    private async Task Copy(Socket from, Socket to, bool isAnswer)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer, SocketFlags.None, _end.Token) is var read and > 0)
            {
                // As a database would that is slow: another process, whose answers are held up here.
                if (isAnswer && _delayMs > 0)
                    await Task.Delay(_delayMs, _end.Token);
                for (var sent = 0; sent < read;)
                    sent += await to.SendAsync(buffer.AsMemory(sent, read - sent), SocketFlags.None, _end.Token);
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Cut, or closed by either side.
        }
    }
}
