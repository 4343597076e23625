using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;

namespace Quitanda.Tests.Platform;

/// <summary>Runs a program of ours on Node, as another process, with the packages that its lock names.</summary>
internal sealed class Npm : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly SemaphoreSlim Installing = new(1, 1);

    private readonly Process _process;
    private readonly ConcurrentQueue<JsonElement> _said = new();

    private Npm(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, output) =>
        {
            if (output.Data is not null)
                _said.Enqueue(JsonDocument.Parse(output.Data).RootElement);
        };
    }

    /// <summary>What it has said so far.</summary>
    public IReadOnlyCollection<JsonElement> Said => _said;

    /// <summary>Installs a folder's packages, once for each lock, and starts one of its programs.</summary>
    public static async Task<Npm> Start(string folder, string program, string argument)
    {
        var path = Path.Combine(Sources.Root, "tests", folder);
        await Install(path);
        var process = new Process { StartInfo = Command("node", path, program, argument) };
        process.StartInfo.RedirectStandardOutput = true;
        process.StartInfo.RedirectStandardInput = true;
        var npm = new Npm(process);
        process.Start();
        process.BeginOutputReadLine();
        return npm;
    }

    /// <summary>Says a line to it.</summary>
    public void Tell(string line)
    {
        lock (_said)
        {
            _process.StandardInput.WriteLine(line);
            _process.StandardInput.Flush();
        }
    }

    /// <summary>Waits for the other process to have said something.</summary>
    public async Task<JsonElement> Until(Func<JsonElement, bool> wanted)
    {
        for (var begun = Stopwatch.GetTimestamp(); ;)
        {
            if (_said.FirstOrDefault(wanted) is { ValueKind: JsonValueKind.Object } found)
                return found;
            Assert.True(Stopwatch.GetElapsedTime(begun) < TimeSpan.FromSeconds(60), $"Not said:\n{string.Join('\n', _said)}");
            Assert.False(_process.HasExited, $"Node ended:\n{string.Join('\n', _said)}");
            // What another process does cannot be awaited.
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    /// <summary>Installs what a folder's lock file names, unless that is there already. Classes that need the same wait for each other.</summary>
    internal static async Task Install(string path)
    {
        await Installing.WaitAsync();
        try
        {
            await InstallAlone(path);
        }
        finally
        {
            Installing.Release();
        }
    }

    private static async Task InstallAlone(string path)
    {
        var (wanted, installed) = (Path.Combine(path, "package-lock.json"), Path.Combine(path, "node_modules", ".installed"));
        if (File.Exists(installed) && await File.ReadAllTextAsync(installed) == await File.ReadAllTextAsync(wanted))
            return;
        using var npm = Process.Start(Command("npm", path, "ci", "--silent", "--ignore-scripts", "--no-audit", "--no-fund"))!;
        await npm.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Patience);
        Assert.Equal(0, npm.ExitCode);
        File.Copy(wanted, installed, overwrite: true);
    }

    private static ProcessStartInfo Command(string name, string folder, params string[] arguments) => new(name, arguments) { WorkingDirectory = folder, UseShellExecute = false };
}
