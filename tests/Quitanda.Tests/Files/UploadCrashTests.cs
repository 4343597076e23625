using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Quitanda.Platform;
using Quitanda.Tests.Accounts;
using Quitanda.Tests.Host;

namespace Quitanda.Tests.Files;

/// <summary>A host as its own process: killed while files come in, and fed bodies without end.</summary>
public sealed class UploadCrashTests(ITestOutputHelper output)
{
    private const int Workers = 8;
    private const long MegaByte = 1024 * 1024;

    /// <summary>What the process may grow by while hostile bodies come in: far less than one of them.</summary>
    private const long MayGrow = 64 * MegaByte;

    private static readonly int Files = Size.Of(normal: 60, full: 1000);
    private static readonly int Kills = Size.Of(normal: 3, full: 20);

    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Killed_at_random_during_uploads_what_was_acknowledged_is_whole_nothing_else_is_served_and_the_rest_is_collected()
    {
        await using var data = new DataFolder();
        var port = HostProcess.FreePort();
        var host = await HostProcess.Serve(data.Path, port);
        using var client = HostProcess.Client(port);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await SignIn(client, data));

        var next = -1;
        var acknowledged = new (Guid Id, byte[] Sent)[Files];
        var done = 0;
        var work = Task.WhenAll(Enumerable.Range(0, Workers).Select(async _ =>
        {
            for (var i = Interlocked.Increment(ref next); i < Files; i = Interlocked.Increment(ref next))
            {
                var sent = Document(i);
                acknowledged[i] = (await Until(client, i, sent), sent);
                Interlocked.Increment(ref done);
            }
        }));
        for (var kill = 0; kill < Kills; kill++)
        {
            var until = (kill + 1) * Files / (Kills + 1);
            while (Volatile.Read(ref done) < until && !work.IsCompleted)
                await Task.Delay(Random.Shared.Next(1, 20), _ct);
            await host.Kill();
            host.Dispose();
            host = await HostProcess.Serve(data.Path, port);
        }

        await work;
        Assert.Equal(Files, acknowledged.Select(file => file.Id).Distinct().Count());
        foreach (var (id, sent) in acknowledged)
            Assert.Equal(sent, await client.GetByteArrayAsync($"{Uploading.Path}/{id}/content", _ct));
        await CheckTheRest(data, client, [.. acknowledged.Select(file => file.Id)], host);
        host.Dispose();
    }

    [Fact]
    public async Task Bodies_without_end_are_refused_while_memory_stays_flat()
    {
        await using var data = new DataFolder();
        var port = HostProcess.FreePort();
        using var host = await HostProcess.Serve(data.Path, port);
        using var client = HostProcess.Client(port);
        var token = await SignIn(client, data);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        // Once each way, so that what is compiled and buffered at first is there already.
        for (var i = 0; i < 20; i++)
            await Until(client, i, Document(i));
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Flood(port, token, "Transfer-Encoding: chunked", 8 * MegaByte)));
        var before = PeakOf(host.Id);

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(n => Flood(port, token, n % 2 == 0 ? "Transfer-Encoding: chunked" : $"Content-Length: {100 * MegaByte}", 100 * MegaByte)));
        await Task.WhenAll(Enumerable.Range(100, 24).Select(i => Until(client, i, Document(i, (int)(4 * MegaByte)))));

        var grown = PeakOf(host.Id) - before;
        output.WriteLine($"{before / MegaByte} MB before, {grown / MegaByte} MB more at the most.");
        Assert.All(answers, answer => Assert.StartsWith("HTTP/1.1 413", answer, StringComparison.Ordinal));
        Assert.True(grown < MayGrow, $"The process grew by {grown / MegaByte} MB.");
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/health/ready", _ct)).StatusCode);
        Assert.Empty(Directory.GetFiles(Path.Combine(data.Path, "files", "spool")));
    }

    [Fact]
    public async Task A_form_that_trickles_is_ended_by_the_server()
    {
        await using var data = new DataFolder();
        var port = HostProcess.FreePort();
        using var host = await HostProcess.Serve(data.Path, port);
        using var client = HostProcess.Client(port);
        var token = await SignIn(client, data);

        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, port, _ct);
        var stream = socket.GetStream();
        await stream.WriteAsync(Head(token, "Content-Length: 100000"), _ct);
        var answer = Answer(stream);
        while (!answer.IsCompleted)
        {
            try
            {
                await stream.WriteAsync("x"u8.ToArray(), _ct);
            }
            catch (IOException)
            {
                break;
            }

            await Task.WhenAny(answer, Task.Delay(200, _ct));
        }

        Assert.StartsWith("HTTP/1.1 408", await answer.WaitAsync(Eventually.Patience, _ct), StringComparison.Ordinal);
    }

    /// <summary>A document that no other is like.</summary>
    private static byte[] Document(int number, int bytes = 300_000)
    {
        var content = new byte[bytes + number];
        new Random(number).NextBytes(content);
        return Samples.Pdf(inside: [.. "5 0 obj\n<< >>\nstream\n"u8, .. content, .. "\nendstream\nendobj\n"u8]);
    }

    private static byte[] Head(string token, string length) => Encoding.ASCII.GetBytes(
        $"POST {Uploading.Path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nContent-Type: multipart/form-data; boundary=b\r\n{length}\r\n\r\n");

    /// <summary>Sends a body until the server has had enough of it, and gives the first line of the answer.</summary>
    private async Task<string> Flood(int port, string token, string length, long bytes)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, port, _ct);
        var stream = socket.GetStream();
        var isChunked = length.StartsWith("Transfer", StringComparison.Ordinal);
        await stream.WriteAsync(Head(token, length), _ct);
        var answer = Answer(stream);
        byte[] piece = Uploading.Part("b", "form-data; name=\"file\"; filename=\"a.pdf\"", Samples.Pdf());
        try
        {
            for (long sent = 0; sent < bytes && !answer.IsCompleted; sent += piece.Length)
            {
                if (isChunked)
                    await stream.WriteAsync(Encoding.ASCII.GetBytes($"{piece.Length:X}\r\n"), _ct);
                await stream.WriteAsync(piece, _ct);
                if (isChunked)
                    await stream.WriteAsync("\r\n"u8.ToArray(), _ct);
                piece = new byte[64 * 1024];
            }
        }
        catch (IOException)
        {
            // It closed the connection; its answer is what counts.
        }

        return await answer.WaitAsync(Eventually.Patience, _ct);
    }

    private async Task<string> Answer(NetworkStream stream)
    {
        var buffer = new byte[1024];
        var length = 0;
        try
        {
            while (length < buffer.Length && buffer.AsSpan(0, length).IndexOf("\r\n"u8) < 0 && await stream.ReadAsync(buffer.AsMemory(length), _ct) is > 0 and var read)
                length += read;
        }
        catch (IOException)
        {
            // Reset after the answer, or before it.
        }

        return Encoding.ASCII.GetString(buffer, 0, length);
    }

    /// <summary>What a careful client does: the same key until there is an answer.</summary>
    private async Task<Guid> Until(HttpClient client, int number, byte[] sent)
    {
        while (true)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, Uploading.Path) { Content = Uploading.Form(sent, name: $"{number}.pdf") };
            request.Headers.Add("Idempotency-Key", $"file-{number}");
            try
            {
                using var response = await client.SendAsync(request, _ct);
                var text = await response.Content.ReadAsStringAsync(_ct);
                if (response.StatusCode == HttpStatusCode.Created)
                    return JsonDocument.Parse(text).RootElement.GetProperty("id").GetGuid();
                Assert.True(response.StatusCode == HttpStatusCode.ServiceUnavailable || text.Contains("idempotency_in_progress", StringComparison.Ordinal), $"{response.StatusCode}: {text}");
            }
            catch (Exception error) when (error is HttpRequestException or IOException or TaskCanceledException && !_ct.IsCancellationRequested)
            {
                // The host died with the request in flight; whether it was done is what the key is for.
            }

            await Task.Delay(50, _ct);
        }
    }

    /// <summary>Nothing but what was acknowledged is there, once the timer has ticked an hour later.</summary>
    private async Task CheckTheRest(DataFolder data, HttpClient client, HashSet<Guid> acknowledged, HostProcess host)
    {
        await using var postgres = await data.Join();
        var clock = new TestClock();
        await using var app = QuitandaApp.Build(postgres.ConnectionString, builder =>
        {
            builder.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(clock));
            builder.Configuration["Files:Folder"] = Path.Combine(data.Path, "files");
        });
        Task<List<string>> Read(Sql sql) => app.Services.GetRequiredService<Executor>().Run(provider => provider.GetRequiredService<Db>().Read(sql, row => row.GetString(0), _ct), _ct);

        Assert.Equal(acknowledged.Order(), (await Read($"select id::text from files.files where state = 'ready'")).Select(Guid.Parse).Order());
        var half = await Read($"select id::text from files.files where state = 'uploading'");
        foreach (var id in half)
            Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync($"{Uploading.Path}/{id}/content", _ct)).StatusCode);
        Assert.Equal(0, await host.Interrupt());

        var folder = Path.Combine(data.Path, "files", "objects");
        var left = Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Length - Files;
        clock.Advance(TimeProvider.System.GetUtcNow() - clock.GetUtcNow() + TimeSpan.FromHours(2));
        await app.Services.GetRequiredService<Executor>().Run(provider =>
        {
            provider.GetRequiredService<Db>().Schedule("files.collect-orphans", new Tick(clock.GetUtcNow()), clock.GetUtcNow());
            return Task.CompletedTask;
        }, _ct);
        while (await app.Services.GetRequiredService<JobRunner>().RunDue(_ct) > 0)
        {
            // Each round may have queued more.
        }

        var named = await Read($"select object_key from files.files where state = 'ready'");
        Assert.Equal(named.Order(StringComparer.Ordinal), Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(folder, path)).Order(StringComparer.Ordinal), StringComparer.Ordinal);
        Assert.Empty(await Read($"select id::text from files.files where state <> 'ready'"));
        output.WriteLine($"{Files} files, {Kills} kills; {half.Count} rows and {left} objects were left and collected.");
    }

    private async Task<string> SignIn(HttpClient client, DataFolder data)
    {
        var people = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(data.Path, "demo-credentials.json"), _ct)).RootElement;
        using var response = await client.PostAsJsonAsync("/api/v1/auth/login", people.GetProperty("staff"), _ct);
        return (await response.Body()).Text("accessToken");
    }

    /// <summary>The most memory that a process ever had, in bytes.</summary>
    private static long PeakOf(int process) => 1024 * long.Parse(
        File.ReadLines($"/proc/{process}/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
}
