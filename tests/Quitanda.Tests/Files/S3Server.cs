using System.Diagnostics;
using System.Globalization;

namespace Quitanda.Tests.Files;

/// <summary>A real S3 server as a process of its own, with a bucket and a folder that are thrown away. Installed from its lock file when it is first needed.</summary>
public sealed class S3Server : IAsyncLifetime
{
    public const string Bucket = "quitanda-files";
    public const string Key = "S3RVER";

    private static readonly string Home = Path.Combine(Sources.Root, "tests", "s3");
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"quitanda-s3-{Guid.CreateVersion7():N}");
    private Process? _process;

    public string Endpoint => $"http://127.0.0.1:{Port}";

    public int Port { get; private set; }

    /// <summary>The settings that have an application use it.</summary>
    public IReadOnlyDictionary<string, string?> Settings => new Dictionary<string, string?>(StringComparer.Ordinal)
    {
        ["S3:Endpoint"] = Endpoint,
        ["S3:Bucket"] = Bucket,
        ["S3:AccessKey"] = Key,
        ["S3:SecretKey"] = Key,
        ["S3:Prefix"] = "shop/",
    };

    public async ValueTask InitializeAsync()
    {
        await Install();
        await Start();
    }

    /// <summary>Starts it, at the port it had before if it had one.</summary>
    public async Task Start()
    {
        Directory.CreateDirectory(_folder);
        var start = new ProcessStartInfo("node", [Path.Combine(Home, "server.mjs"), _folder, Port.ToString(CultureInfo.InvariantCulture), Bucket])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        _process = Process.Start(start)!;
        var said = await _process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience, TestContext.Current.CancellationToken)
            ?? throw new InvalidOperationException("The S3 server ended before it listened.");
        Port = int.Parse(said.Split(' ')[^1], CultureInfo.InvariantCulture);
    }

    /// <summary>Ends it at once; what it keeps stays.</summary>
    public async Task Stop()
    {
        _process!.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
        _process = null;
    }

    /// <summary>The keys of everything in the bucket.</summary>
    public string[] Objects()
    {
        var bucket = Path.Combine(_folder, Bucket);
        return [.. Directory.GetFiles(bucket, "*_object", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(bucket, path).Split("._S3rver_object")[0])];
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await Stop();
        if (Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Installs what the lock file names, unless that is there already. Several runs may ask at once.</summary>
    private static async Task Install()
    {
        var (locked, installed) = (Path.Combine(Home, "package-lock.json"), Path.Combine(Home, "node_modules", ".installed"));
        var wanted = await File.ReadAllBytesAsync(locked);
        while (!File.Exists(installed) || !wanted.AsSpan().SequenceEqual(File.ReadAllBytes(installed)))
        {
            try
            {
                await using var turn = new FileStream(Path.Combine(Path.GetTempPath(), "quitanda-s3-install.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
                using var npm = Process.Start(new ProcessStartInfo("npm", ["ci", "--silent", "--ignore-scripts", "--no-audit", "--no-fund"]) { WorkingDirectory = Home, UseShellExecute = false })!;
                await npm.WaitForExitAsync().WaitAsync(Patience);
                if (npm.ExitCode != 0)
                    throw new InvalidOperationException($"npm could not install the S3 server (exit code {npm.ExitCode}).");
                await File.WriteAllBytesAsync(installed, wanted);
            }
            catch (IOException)
            {
                // Another process installs it right now.
                await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System);
            }
        }
    }
}
