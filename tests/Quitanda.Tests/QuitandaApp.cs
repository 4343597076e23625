using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Quitanda.Accounts;
using Quitanda.Accounts.Passwords;
using Quitanda.Host;
using Quitanda.Platform;

namespace Quitanda.Tests;

/// <summary>The real host, pipeline and jobs on a real database of its own, with a clock that stands still until it is told. One for each test class.</summary>
public class QuitandaApp(TestPostgres postgres) : IAsyncLifetime
{
    internal const string TestSecret = "only-for-tests-and-made-of-words-that-say-so";
    private WebApplication? _app;

    /// <summary>The time as the application sees it.</summary>
    public TestClock Clock { get; } = new();

    public string ConnectionString { get; private set; } = "";

    /// <summary>Where this application keeps files.</summary>
    public string Folder { get; } = Path.Combine(Path.GetTempPath(), $"quitanda-files-{Guid.CreateVersion7():N}");

    public IServiceProvider Services => _app!.Services;

    /// <summary>Nobody in particular.</summary>
    public HttpClient Guest => field ??= CreateClient();

    public async ValueTask InitializeAsync()
    {
        using var watched = Overdue.Begin($"The start of {GetType()}");
        ConnectionString = await postgres.CreateDatabase();
        _app = Build(ConnectionString, builder =>
        {
            builder.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(Clock));
            builder.Configuration["Files:Folder"] = Folder;
            Configure(builder);
        }, Added);
        // The template has the house's own tables; whoever adds a module brings more.
        if (Added.Count > 0)
            await Migrator.Migrate(_app.Services.GetRequiredService<Database>(), Application.Migrations(_app.Services), CancellationToken.None);
        await _app.StartAsync();
    }

    /// <summary>A client with headers and cookies of its own.</summary>
    public HttpClient CreateClient()
    {
        // Whatever a test asks, the answer is held to the API's document.
        var server = _app!.GetTestServer();
#pragma warning disable RS0030 // The test server's handler calls the pipeline and opens no socket, so there is nothing for a factory to pool.
        var client = new HttpClient(new DocumentedAnswers(server.CreateHandler(), Services)) { BaseAddress = server.BaseAddress };
#pragma warning restore RS0030
        client.Timeout = TimeSpan.FromMinutes(3);
        return client;
    }

    /// <summary>A client for measurements: its answers are not held to the document, which takes its time in this very process.</summary>
    public HttpClient CreateMeasuringClient() => _app!.GetTestServer().CreateClient();

    /// <summary>A client that sends <paramref name="token"/> with every request.</summary>
    public HttpClient CreateClient(string token)
    {
        var client = CreateClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    /// <summary>Uses a unit of work outside any request, and commits it.</summary>
    public Task<T> WithDb<T>(Func<Db, Task<T>> use) =>
        Services.GetRequiredService<Executor>().Run(provider => use(provider.GetRequiredService<Db>()), CancellationToken.None);

    /// <summary>Uses a scope's services inside one committed transaction.</summary>
    public Task<T> InScope<T>(Func<IServiceProvider, Task<T>> use) => Services.GetRequiredService<Executor>().Run(use, CancellationToken.None);

    /// <summary>Runs queued jobs until none is due: the only place where a test waits for the background, and it does not sleep.</summary>
    public async Task RunJobs()
    {
        // Each round may have queued more.
        while (await Services.GetRequiredService<JobRunner>().RunDue(TestContext.Current.CancellationToken) > 0)
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>Modules from outside the house, which a class adds to it.</summary>
    protected virtual IReadOnlyList<HouseModule> Added => [];

    /// <summary>What a class adds: fakes for what is across the network, settings, handlers that listen.</summary>
    protected virtual void Configure(WebApplicationBuilder builder) { }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        using var watched = Overdue.Begin($"The end of {GetType()}");
        if (_app is not null)
        {
            DocumentedAnswers.Forget(Services);
            await _app.DisposeAsync();
        }

        // Without one, that it could not be made is what there is to say.
        if (ConnectionString.Length > 0)
            await postgres.DropDatabase(ConnectionString);
        if (Directory.Exists(Folder))
            Directory.Delete(Folder, recursive: true);
    }

    /// <summary>The application on a database, not started, without its own background runner: tests drain the jobs.</summary>
    internal static WebApplication Build(string connectionString, Action<WebApplicationBuilder> configure, IReadOnlyList<HouseModule>? added = null) => Application.Build(connectionString, secretsFolder: null, builder =>
    {
        builder.WebHost.UseTestServer();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["Secrets:TokenSigning"] = TestSecret,
            ["Secrets:DataProtection"] = TestSecret,
            ["Jobs:Enabled"] = "false",
            ["Payments:SandboxEnabled"] = "true",
            ["Payments:SimulatorEnabled"] = "true",
            // Several test classes race on the same two cores; how long a full pool is waited for is the subject of one test only.
            ["Database:ConnectTimeoutSeconds"] = "30",
            // And a machine that stands still for seconds is no database that is away; that one is a subject of hosts.
            ["Database:AwaySeconds"] = "60",
            // Nor is a row that many race for held too long because of it; how long a lock and a statement may take is a subject of its own.
            ["Database:LockTimeoutSeconds"] = "120",
            ["Database:StatementTimeoutSeconds"] = "120",
            // A class's clients all come from nowhere, and its clock stands still: the limits count, but far away.
            ["Limits:RequestsPerMinute"] = "1000000",
            ["Accounts:SignInsPerAddress"] = "100000",
            ["Accounts:RegistrationsPerAddress"] = "100000",
            ["Accounts:RefreshesPerAddress"] = "100000",
            ["Accounts:LettersPerAddress"] = "100000",
            ["Accounts:TokensPerAddress"] = "100000",
            ["Accounts:WalletNoncesPerAddress"] = "100000",
            ["Content:PostsPerHour"] = "100000",
            ["Content:CommentsPerHour"] = "100000",
            ["Content:ReportsPerHour"] = "100000",
            ["Content:ChangesPerHour"] = "100000",
            ["Ordering:NewGuestsPerAddress"] = "100000",
            ["Ordering:GuestOrdersPerAddress"] = "100000",
        });
        // What a hash costs is the subject of few classes; for all others it is the same hash, made with less work than the setting may be.
        builder.Services.Replace(ServiceDescriptor.Singleton(provider =>
            new PasswordHashing(Options.Create(provider.GetRequiredService<IOptions<AccountSettings>>().Value with { PasswordIterations = 1000 }))));
        configure(builder);
    }, added);

    internal static async Task Migrate(string connectionString)
    {
        await using var app = Build(connectionString, _ => { });
        await Migrator.Migrate(app.Services.GetRequiredService<Database>(), Application.Migrations(app.Services), CancellationToken.None);
    }
}

/// <summary>A clock that stands still until it is moved. Timers and time-outs of the framework keep real time.</summary>
public sealed class TestClock : TimeProvider
{
    private long _ticks = new DateTimeOffset(2026, 3, 4, 15, 0, 0, TimeSpan.Zero).Ticks;

    public override DateTimeOffset GetUtcNow() => new(Interlocked.Read(ref _ticks), TimeSpan.Zero);

    public override long GetTimestamp() => Interlocked.Read(ref _ticks);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public void Advance(TimeSpan by) => Interlocked.Add(ref _ticks, by.Ticks);
}
