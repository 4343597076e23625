using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using Npgsql;
using Quitanda.Platform;

namespace Quitanda.Tests.Host;

/// <summary>PostgreSQL is away for a while: stopped in its tracks, stopped for good and started again, or too slow to be of use.</summary>
public sealed class DatabaseAwayTests(ITestOutputHelper output) : IAsyncLifetime
{
    private static readonly TimeSpan Away = TimeSpan.FromSeconds(Size.Of(normal: 7, full: 30));
    private static readonly TimeSpan AnswersWithin = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan WellWithin = TimeSpan.FromSeconds(10);

    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"quitanda-away-{Guid.CreateVersion7():N}");
    private readonly int _port = HostProcess.FreePort();
    private LocalPostgres? _postgres;

    public async ValueTask InitializeAsync() => _postgres = await Start();

    public async ValueTask DisposeAsync()
    {
        if (_postgres is not null)
            await _postgres.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Stopped_in_its_tracks_every_request_is_answered_with_503_in_time_and_all_is_well_when_it_goes_on()
    {
        using var host = await HostProcess.ServeOn(_postgres!.ConnectionString, _port, settings: [.. HostProcess.AsItIs, ("Accounts__RefreshesPerAddress", "1000000"), ("Limits__RequestsPerMinute", "0")]);
        using var client = HostProcess.Client(_port);
        await Well(client);
        var processes = await Processes();
        await HostProcess.Signal("STOP", processes);
        try
        {
            await Outage(client);
        }
        finally
        {
            await HostProcess.Signal("CONT", processes);
        }

        await WellAgain(client);
        Assert.Equal(0, await host.Interrupt());
    }

    [Fact]
    public async Task Stopped_and_started_again_every_request_is_answered_with_503_meanwhile_and_all_is_well_afterwards()
    {
        using var host = await HostProcess.ServeOn(_postgres!.ConnectionString, _port, settings: [.. HostProcess.AsItIs, ("Accounts__RefreshesPerAddress", "1000000"), ("Limits__RequestsPerMinute", "0")]);
        using var client = HostProcess.Client(_port);
        await Well(client);
        await _postgres.DisposeAsync();
        _postgres = null;
        await Outage(client);
        _postgres = await Start();
        await WellAgain(client);
        Assert.Equal(0, await host.Interrupt());
    }

    [Fact]
    public async Task Slow_by_two_seconds_every_request_is_answered_in_time_and_all_is_well_when_it_is_quick_again()
    {
        await using var line = new SlowLine(new NpgsqlConnectionStringBuilder(_postgres!.ConnectionString));
        using var host = await HostProcess.ServeOn(line.ConnectionString, _port, settings: [.. HostProcess.AsItIs, ("Accounts__RefreshesPerAddress", "1000000"), ("Limits__RequestsPerMinute", "0")]);
        using var client = HostProcess.Client(_port);
        await Well(client);
        line.Delay = TimeSpan.FromSeconds(2);
        await Outage(client);
        line.Delay = TimeSpan.Zero;
        await WellAgain(client);
        Assert.Equal(0, await host.Interrupt());
    }

    /// <summary>Readers and writers go on asking; after the first moments nobody is answered otherwise than by 503, and nobody waits for long.</summary>
    private async Task Outage(HttpClient client)
    {
        var began = LivedTime.Now;
        var (longest, answers) = (TimeSpan.Zero, 0);
        var (liveLongest, isReady) = (TimeSpan.Zero, true);
        await Task.WhenAll(
            Task.WhenAll(Enumerable.Range(0, 24).Select(async worker =>
            {
                while (LivedTime.Since(began) < Away)
                {
                    var asked = LivedTime.Now;
                    using var response = worker % 2 == 0
                        ? await client.GetAsync($"/api/v1/products/none-{worker}", _ct)
                        : await client.PostAsJsonAsync("/api/v1/auth/refresh", new { refreshToken = $"none-{worker}-of-these-was-ever-given" }, _ct);
                    var took = LivedTime.Since(asked);
                    Interlocked.Increment(ref answers);
                    lock (client)
                        longest = took > longest ? took : longest;
                    if (response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Unauthorized)
                        continue; // It was on its way already.
                    Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
                    Assert.NotNull(response.Headers.RetryAfter);
                    Assert.Equal("unavailable", (await response.Content.ReadFromJsonAsync<JsonElement>(_ct)).GetProperty("code").GetString());
                    await Task.Delay(50, _ct);
                }
            })),
            Task.Run(async () =>
            {
                while (LivedTime.Since(began) < Away)
                {
                    var asked = LivedTime.Now;
                    using (var live = await client.GetAsync("/health/live", _ct))
                        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
                    liveLongest = LivedTime.Since(asked) is var took && took > liveLongest ? took : liveLongest;
                    using var ready = await client.GetAsync("/health/ready", _ct);
                    isReady = ready.IsSuccessStatusCode;
                    if (LivedTime.Since(began) > AnswersWithin)
                        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
                    await Task.Delay(100, _ct);
                }
            }, _ct));
        output.WriteLine($"{answers} answers, the longest after {longest.TotalSeconds:0.00} s; live after {liveLongest.TotalSeconds:0.00} s at the most.");
        Assert.False(isReady);
        Assert.InRange(longest, TimeSpan.Zero, AnswersWithin);
        Assert.InRange(liveLongest, TimeSpan.Zero, AnswersWithin);
    }

    private async Task WellAgain(HttpClient client)
    {
        var began = LivedTime.Now;
        while (!await IsWell(client))
        {
            Assert.True(LivedTime.Since(began) < WellWithin, $"It was not well again within {WellWithin.TotalSeconds} s.");
            await Task.Delay(100, _ct);
        }

        output.WriteLine($"Well again after {LivedTime.Since(began).TotalSeconds:0.0} s.");
        // And it stays so, whichever connection is asked.
        await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => Well(client)));
    }

    private async Task Well(HttpClient client) => Assert.True(await IsWell(client));

    private async Task<bool> IsWell(HttpClient client)
    {
        using var ready = await client.GetAsync("/health/ready", _ct);
        using var read = await client.GetAsync("/api/v1/products/none", _ct);
        using var write = await client.PostAsJsonAsync("/api/v1/auth/refresh", new { refreshToken = "none-of-these-was-ever-given" }, _ct);
        return (ready.StatusCode, read.StatusCode, write.StatusCode) == (HttpStatusCode.OK, HttpStatusCode.NotFound, HttpStatusCode.Unauthorized);
    }

    private Task<LocalPostgres> Start() => LocalPostgres.Start(new() { DataFolder = _folder, Durable = false, Say = _ => { } }, _ct);

    /// <summary>The server with all its processes: the first, and whatever it has started.</summary>
    private async Task<int[]> Processes()
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(_postgres!.ConnectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(_ct);
        var server = ParentOf(connection.ProcessID);
        return [server, .. Directory.GetDirectories("/proc").Select(Path.GetFileName).Where(name => name!.All(char.IsAsciiDigit)).Select(name => int.Parse(name!, CultureInfo.InvariantCulture)).Where(process => ParentOf(process) == server)];
    }

    private static int ParentOf(int process)
    {
        try
        {
            // Behind the name, which may hold anything: state, then parent.
            var stat = File.ReadAllText($"/proc/{process}/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    /// <summary>A line to the server on which every answer can be held up.</summary>
    private sealed class SlowLine : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly CancellationTokenSource _stop = new();
        private readonly EndPoint _server;
        private readonly Task _accepting;
        private long _delay;

        public SlowLine(NpgsqlConnectionStringBuilder server)
        {
            _server = new UnixDomainSocketEndPoint($"{server.Host}/.s.PGSQL.{server.Port}");
            _listener.Start();
            ConnectionString = new NpgsqlConnectionStringBuilder(server.ConnectionString) { Host = "127.0.0.1", Port = ((IPEndPoint)_listener.LocalEndpoint).Port }.ConnectionString;
            _accepting = Accept();
        }

        public string ConnectionString { get; }

        public TimeSpan Delay { set => Interlocked.Exchange(ref _delay, value.Ticks); }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            _listener.Stop();
            await _accepting;
            _stop.Dispose();
        }

        private async Task Accept()
        {
            try
            {
                while (true)
                    _ = Carry(await _listener.AcceptSocketAsync(_stop.Token));
            }
            catch (OperationCanceledException)
            {
                // The test is over.
            }
        }

        private async Task Carry(Socket client)
        {
            using var server = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            using (client)
            {
                client.NoDelay = true;
                await server.ConnectAsync(_server);
                await Task.WhenAny(Carry(client, server, isAnswer: false), Carry(server, client, isAnswer: true));
            }
        }

        private async Task Carry(Socket from, Socket to, bool isAnswer)
        {
            var buffer = new byte[64 * 1024];
            try
            {
                while (await from.ReceiveAsync(buffer, _stop.Token) is var read and > 0)
                {
                    if (isAnswer && Interlocked.Read(ref _delay) is var delay and > 0)
                        await Task.Delay(TimeSpan.FromTicks(delay), _stop.Token);
                    await to.SendAsync(buffer.AsMemory(0, read), _stop.Token);
                }
            }
            catch (Exception error) when (error is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // One side has gone.
            }
        }
    }
}
