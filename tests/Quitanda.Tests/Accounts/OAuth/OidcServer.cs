using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using Quitanda.Tests.Platform;

namespace Quitanda.Tests.Accounts.OAuth;

/// <summary>A real OpenID provider as a process of its own, whose clock and people are the test's. Installed from its lock file when it is first needed.</summary>
internal sealed class OidcServer : IAsyncDisposable
{
    public const string Secret = "only-for-tests:with+signs%&in=it";

    private static readonly string Home = Path.Combine(Sources.Root, "tests", "oidc");
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private Process? _process;

    public string Issuer { get; private set; } = "";

    public async Task Start(DateTimeOffset now, params string[] redirectUris)
    {
        await Npm.Install(Home);
        var start = new ProcessStartInfo("node", [Path.Combine(Home, "server.mjs"), now.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture), .. redirectUris])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        _process = Process.Start(start)!;
        // It says that it would rather have a newer Node; the pipe must not fill.
        _process.ErrorDataReceived += (_, _) => { };
        _process.BeginErrorReadLine();
        Issuer = await _process.StandardOutput.ReadLineAsync(CancellationToken.None).AsTask().WaitAsync(Patience) ?? throw new InvalidOperationException("The provider ended before it listened.");
    }

    /// <summary>Tells it the time, and of somebody.</summary>
    public async Task Tell(HttpClient outside, DateTimeOffset now, Claims? person = null)
    {
        using var answer = await outside.PostAsJsonAsync($"{Issuer}/test", new
        {
            now = now.ToUnixTimeMilliseconds(),
            sub = person?.Sub,
            email = person?.Email,
            email_verified = person?.IsVerified,
            name = person?.Name,
        }, TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is null)
            return;
        _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
    }
}

/// <summary>Somebody as a provider knows them.</summary>
internal sealed record Claims(string Sub, string? Email, bool IsVerified = true, string? Name = "Ana Souza")
{
    private static int _number;

    public static Claims Of(string? email, bool isVerified = true) => new($"sub-{Interlocked.Increment(ref _number)}", email, isVerified);
}
