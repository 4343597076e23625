using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;

namespace Quitanda.Tests.Host;

/// <summary>Two hosts behind whoever asks them whether they are ready; each is stopped and started in turn while requests go on.</summary>
public sealed class RollTests(TestPostgres postgres, ITestOutputHelper output) : IAsyncLifetime
{
    private const int Workers = 16;

    /// <summary>How often in a row a balancer hears that one is not ready until it sends it nothing more. A stop leaves it far more time; a machine that stands still for a moment does not close the shop.</summary>
    private const int Refusals = 3;

    private static readonly (string Name, string Value)[] Settings = [("Accounts__RefreshesPerAddress", "0"), ("Limits__RequestsPerMinute", "0"), ("Http__DrainSeconds", "6")];

    private static readonly int Rounds = Size.Of(normal: 1, full: 4);

    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;
    private readonly ConcurrentQueue<string> _failed = new();
    private string _database = "";
    private long _answered;

    public async ValueTask InitializeAsync() => _database = await postgres.CreateDatabase();

    public async ValueTask DisposeAsync() => await postgres.DropDatabase(_database);

    [Fact]
    public async Task Stopped_in_turn_under_load_no_request_fails_and_each_ends_with_0_within_30_seconds()
    {
        Target[] targets = [new(HostProcess.FreePort()), new(HostProcess.FreePort())];
        try
        {
            foreach (var target in targets)
                target.Host = await HostProcess.ServeOn(_database, target.Port, settings: Settings);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(_ct);
            // As a balancer does: one that says it is not ready is sent nothing more.
            var balancer = Task.WhenAll(targets.Select(target => Balance(target, stop.Token)));
            while (!Array.TrueForAll(targets, target => target.IsReady))
                await Task.Delay(50, _ct);
            var load = Task.WhenAll(Enumerable.Range(0, Workers).Select(worker => Load(targets, worker, stop.Token)));

            for (var round = 0; round < 2 * Rounds; round++)
            {
                var target = targets[round % 2];
                var before = Interlocked.Read(ref _answered);
                while (Interlocked.Read(ref _answered) < before + 200)
                    await Task.Delay(20, _ct);
                var began = Stopwatch.GetTimestamp();
                Assert.Equal(0, await target.Host!.Terminate());
                var took = Stopwatch.GetElapsedTime(began).TotalSeconds;
                output.WriteLine($"Ended in {took:0.0} s.");
                Assert.InRange(took, 0, 30);
                target.Host.Dispose();
                target.Host = await HostProcess.ServeOn(_database, target.Port, settings: Settings);
                while (!target.IsReady)
                    await Task.Delay(50, _ct);
            }

            await stop.CancelAsync();
            await Task.WhenAll(load, balancer);
            output.WriteLine($"{_answered} requests.");
            Assert.Empty(_failed);
        }
        finally
        {
            foreach (var target in targets)
                target.Host?.Dispose();
        }
    }

    [Fact]
    public async Task A_second_signal_or_Ctrl_C_does_not_wait_for_a_balancer()
    {
        var port = HostProcess.FreePort();
        using var host = await HostProcess.ServeOn(_database, port, withProbe: false, ("Http__DrainSeconds", "300"));
        await HostProcess.Signal("TERM", host.Id);
        // Two signals of one kind that wait are one: the second is sent once the first was heard.
        using var client = HostProcess.Client(port);
        await Eventually.Happens(async () =>
        {
            using var ready = await client.GetAsync("/health/ready", _ct);
            return !ready.IsSuccessStatusCode;
        }, "The host's saying that it is not ready");
        Assert.Equal(0, await host.Terminate());
        using var another = await HostProcess.ServeOn(_database, HostProcess.FreePort(), withProbe: false, ("Http__DrainSeconds", "300"));
        Assert.Equal(0, await another.Interrupt());
    }

    private async Task Load(Target[] targets, int worker, CancellationToken ct)
    {
        for (var i = worker; !ct.IsCancellationRequested; i++)
        {
            var ready = targets.Where(target => target.IsReady).ToArray();
            if (ready.Length == 0)
            {
                _failed.Enqueue("Nobody was ready.");
                return;
            }

            var target = ready[i % ready.Length];
            try
            {
                var (wanted, response) = (i % 3) switch
                {
                    0 => (HttpStatusCode.OK, await target.Client.GetAsync("/api/v1/products", _ct)),
                    1 => (HttpStatusCode.NotFound, await target.Client.GetAsync($"/api/v1/products/none-{i}", _ct)),
                    _ => (HttpStatusCode.Unauthorized, await target.Client.PostAsJsonAsync("/api/v1/auth/refresh", new { refreshToken = $"none-{i}-of-these-was-ever-given" }, _ct)),
                };
                using (response)
                {
                    await response.Content.ReadAsByteArrayAsync(_ct);
                    if (response.StatusCode != wanted)
                        _failed.Enqueue($"{(int)response.StatusCode} of {response.RequestMessage!.RequestUri}");
                }

                Interlocked.Increment(ref _answered);
            }
            catch (Exception error) when (error is HttpRequestException or IOException or TaskCanceledException && !_ct.IsCancellationRequested)
            {
                _failed.Enqueue(error.ToString());
            }
        }
    }

    private async Task Balance(Target target, CancellationToken ct)
    {
        var refusals = 0;
        while (!ct.IsCancellationRequested)
        {
            try
            {
                using var response = await target.Client.GetAsync("/health/ready", _ct);
                refusals = response.IsSuccessStatusCode ? 0 : refusals + 1;
                target.IsReady = refusals == 0 || (target.IsReady && refusals < Refusals);
            }
            catch (HttpRequestException)
            {
                (refusals, target.IsReady) = (Refusals, false);
            }

            await Task.Delay(100, _ct);
        }
    }

    private sealed class Target(int port)
    {
        private volatile bool _isReady;

        public int Port => port;

        public HttpClient Client { get; } = HostProcess.Client(port);

        public HostProcess? Host { get; set; }

        public bool IsReady
        {
            get => _isReady;
            set => _isReady = value;
        }
    }
}
