using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Quitanda.Platform;

namespace Quitanda.Tests.Host;

/// <summary>The host as its own process, as a person starts it: for what only a process shows, such as signals, exit codes and sudden death.</summary>
internal sealed class HostProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    /// <summary>The published host, as <c>serve</c> runs it, where whoever runs the tests names its folder; it starts in a third of the time of the one beside the tests.</summary>
    private static readonly string? Published = Environment.GetEnvironmentVariable("QUITANDA_PUBLISHED");

    /// <summary>What a host that is killed leaves behind is waited for as shortly as the settings allow: the try of a job it ran, and the call it made.</summary>
    public static readonly IReadOnlyDictionary<string, string> SoonGivenUp = new Dictionary<string, string>(StringComparer.Ordinal) { ["Jobs__TrySeconds"] = "5", ["Http__CallOutSeconds"] = "2", ["Webhooks__TimeoutSeconds"] = "4", ["Booking__FeedTimeoutSeconds"] = "4" };

    /// <summary>What a busy machine may take for an answer of the database.</summary>
    private static readonly (string Name, string Value)[] Patient =
        [("Database__AwaySeconds", "60"), ("Database__ConnectTimeoutSeconds", "30"), ("Database__LockTimeoutSeconds", "120"), ("Database__StatementTimeoutSeconds", "120")];

    /// <summary>The patience that the product has without being told: for tests of it.</summary>
    public static (string Name, string Value)[] AsItIs
    {
        get
        {
            var settings = new DatabaseSettings();
            return
            [
                ("Database__AwaySeconds", $"{settings.AwaySeconds}"), ("Database__ConnectTimeoutSeconds", $"{settings.ConnectTimeoutSeconds}"),
                ("Database__LockTimeoutSeconds", $"{settings.LockTimeoutSeconds}"), ("Database__StatementTimeoutSeconds", $"{settings.StatementTimeoutSeconds}"),
            ];
        }
    }

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly ConcurrentQueue<string> _errors = new();
    private readonly TaskCompletionSource _listens = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private HostProcess(Process process)
    {
        _process = process;
        process.EnableRaisingEvents = true;
        process.Exited += (_, _) => _listens.TrySetException(new InvalidOperationException("The host ended before it listened."));
        process.OutputDataReceived += (_, output) => Heard(output.Data);
        process.ErrorDataReceived += (_, output) =>
        {
            if (output.Data is not null)
                _errors.Enqueue(output.Data);
        };
    }

    public int Id => _process.Id;

    public string Output => string.Join('\n', _lines);

    public string Errors => string.Join('\n', _errors);

    public static HostProcess Start(IReadOnlyDictionary<string, string>? environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(
            Published is null ? "dotnet" : Path.Combine(Published, "quitanda"), Published is null ? [Path.Combine(AppContext.BaseDirectory, "quitanda.dll"), .. arguments] : arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = Path.GetTempPath(),
        };
        foreach (var name in (string[])["DATABASE_URL", "ConnectionStrings__Quitanda", "QUITANDA_DATA", "DOTNET_GCgen0size"])
            start.Environment.Remove(name);
        // More than half of what a start costs is to compile better what was called often, to watch how it is called, and to guard what was compiled; none of these hosts lives to gain by it.
        start.Environment["DOTNET_TC_CallCountingDelayMs"] = "1000";
        start.Environment["DOTNET_TieredPGO"] = "0";
        start.Environment["DOTNET_EnableWriteXorExecute"] = "0";
        // Everything comes from one address here, and a client that waits for a host asks often.
        start.Environment["Limits__RequestsPerMinute"] = "1000000";
        // A machine that stands still is no database that is away, and no lock that is held too long.
        foreach (var (name, value) in Patient)
            start.Environment[name] = value;
        foreach (var (name, value) in environment ?? new Dictionary<string, string>(StringComparer.Ordinal))
            start.Environment[name] = value;

        var host = new HostProcess(new Process { StartInfo = start });
        host._process.Start();
        host._process.BeginOutputReadLine();
        host._process.BeginErrorReadLine();
        return host;
    }

    /// <summary>Starts the host and waits until it says where it listens.</summary>
    public static Task<HostProcess> Serve(string dataFolder, int port, params string[] more) => Serve(environment: null, dataFolder, port, more);

    /// <inheritdoc cref="Serve(string, int, string[])"/>
    public static Task<HostProcess> Serve(IReadOnlyDictionary<string, string>? environment, string dataFolder, int port, params string[] more) =>
        Launch(environment, ["--data", dataFolder, "--port", $"{port}", .. more]);

    /// <summary>Starts a host on a database that is there already, and waits until it says where it listens.</summary>
    /// <param name="connectionString">The database.</param>
    /// <param name="port">Where it listens.</param>
    /// <param name="withProbe">Whether it has the probe module, too.</param>
    /// <param name="settings">Settings by their names in the environment.</param>
    public static Task<HostProcess> ServeOn(string connectionString, int port, bool withProbe = false, params (string Name, string Value)[] settings)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["ConnectionStrings__Quitanda"] = connectionString,
            ["Secrets__TokenSigning"] = QuitandaApp.TestSecret,
            ["Secrets__DataProtection"] = QuitandaApp.TestSecret,
            ["Http__LogRequests"] = "false",
        };
        foreach (var (name, value) in settings)
            environment[name] = value;
        if (withProbe)
            environment["DOTNET_STARTUP_HOOKS"] = typeof(HostProcess).Assembly.Location;
        return Launch(environment, ["--port", $"{port}"]);
    }

    private static async Task<HostProcess> Launch(IReadOnlyDictionary<string, string>? environment, string[] arguments)
    {
        var host = Start(environment, ["serve", .. arguments]);
        try
        {
            await host._listens.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
            return host;
        }
        catch (Exception error)
        {
            var said = $"{host.Output}\n{host.Errors}";
            host.Dispose();
            throw new InvalidOperationException($"The host did not come up:\n{said}", error);
        }
    }

    /// <summary>A client of the host at <paramref name="port"/>, over the real network stack.</summary>
#pragma warning disable RS0030 // A test's client needs no factory: it lives as long as its test.
    public static HttpClient Client(int port) => new() { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = TimeSpan.FromSeconds(60) };
#pragma warning restore RS0030

    /// <summary>A port that nobody listens on right now.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Sudden death, as by <c>kill -9</c>. Waits until it is gone.</summary>
    public async Task Kill()
    {
        _process.Kill(entireProcessTree: false);
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Ctrl-C, then waits for the exit code.</summary>
    public async Task<int> Interrupt()
    {
        await Signal("INT", Id);
        return await ExitCode();
    }

    /// <summary>What a service manager sends, then waits for the exit code.</summary>
    public async Task<int> Terminate()
    {
        await Signal("TERM", Id);
        return await ExitCode();
    }

    /// <summary>Sends a signal to processes.</summary>
    public static async Task Signal(string name, params int[] processes)
    {
        using var kill = Process.Start("kill", [$"-{name}", .. processes.Select(process => process.ToString(CultureInfo.InvariantCulture))]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Waits for the process to end by itself.</summary>
    public async Task<int> ExitCode()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Patience, TestContext.Current.CancellationToken);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: false);
        _process.Dispose();
    }

    private void Heard(string? line)
    {
        if (line is null)
            return;
        _lines.Enqueue(line);
        if (line.StartsWith("Quitanda listens at", StringComparison.Ordinal))
            _listens.TrySetResult();
    }
}

/// <summary>A data folder that is thrown away, together with the database that may still run on it.</summary>
internal sealed class DataFolder : IAsyncDisposable
{
    public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"quitanda-host-{Guid.CreateVersion7():N}");

    /// <summary>Joins the folder's database beside, or after, its host.</summary>
    public Task<Quitanda.Platform.LocalPostgres> Join() => Start(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (!Directory.Exists(Path))
            return;
        // A killed host leaves its database running: joining it and leaving as the last one stops it, whether or not the test was cancelled.
        await (await Start(CancellationToken.None)).DisposeAsync();
        Directory.Delete(Path, recursive: true);
    }

    private Task<Quitanda.Platform.LocalPostgres> Start(CancellationToken ct) => Quitanda.Platform.LocalPostgres.Start(new() { DataFolder = Path, Say = _ => { } }, ct);
}
