using System.Diagnostics;
using System.Globalization;
using Quitanda.Tests.Platform;

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
        await Npm.Install(Home);
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
}
