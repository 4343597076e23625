using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Quitanda.MovingIn;
using Quitanda.Platform;
using Quitanda.Platform.Operations;

namespace Quitanda.Host;

/// <summary>What <c>serve</c> was asked for.</summary>
internal sealed record ServeOptions(string DataFolder, int? Port, string? Address, bool Demo);

/// <summary>The commands: each finds its database, does its work and leaves.</summary>
/// <param name="added">Modules from outside the house.</param>
internal sealed class Hosting(IReadOnlyList<HouseModule> added)
{
    public Task Serve(ServeOptions options, Ending ending) => WithDatabase(options.DataFolder, async (connection, secretsFolder) =>
    {
        await using var app = Build(connection, secretsFolder, builder =>
        {
            Dictionary<string, string?> given = [];
            if (options.Port is { } port)
                given["Http:Port"] = $"{port}";
            if (options.Address is { } address)
                given["Http:Address"] = address;
            // Beside the database and the secrets, unless somebody says where.
            if (builder.Configuration["Files:Folder"] is null or "")
                given["Files:Folder"] = Path.Combine(options.DataFolder, "files");
            // The demo is for trying things out, so its shop can be paid; a real one says so itself.
            if (options.Demo && secretsFolder is not null && builder.Configuration["Payments:SandboxEnabled"] is null)
                given["Payments:SandboxEnabled"] = "true";
            if (options.Demo && secretsFolder is not null && builder.Configuration["Payments:SimulatorEnabled"] is null)
                given["Payments:SimulatorEnabled"] = "true";
            if (options.Demo && secretsFolder is not null && IsPrivate(options.Address ?? builder.Configuration["Http:Address"]) && HasNoMail(builder.Configuration))
                given["Mail:Transport"] = "mailbox";
            builder.Configuration.AddInMemoryCollection(given);
            // The framework's own would stop at the first signal, with requests on their way.
            builder.Services.Replace(ServiceDescriptor.Singleton<IHostLifetime, NoSignals>());
        });

        var http = app.Services.GetRequiredService<IOptions<HttpSettings>>().Value;
        RefuseTakenPort(http);
        foreach (var applied in await Migrator.Migrate(app.Services.GetRequiredService<Database>(), Application.Migrations(app.Services), ending.Asked))
            Say($"Migrated {applied}");
        // A database of somebody's own is never filled by itself: that is what the seed command is for.
        var readiness = app.Services.GetRequiredService<Readiness>();
        readiness.IsStarting = options.Demo && secretsFolder is not null;
        await app.StartAsync(ending.Asked);
        if (readiness.IsStarting)
            await FillDemo(app, options.DataFolder, ending.Asked);
        readiness.IsStarting = false;
        var mail = app.Services.GetRequiredService<IOptions<MailSettings>>().Value;
        if (!mail.IsOn())
            Say("No mail is sent: none is configured (see Mail in docs/configuration.md).");
        Say($"Quitanda listens at http://{Readable(http.Address)}:{http.Port}  (API documents: /docs{(mail.IsMailbox() ? ", mails: /dev/mail" : "")})");
        _ = GiveBack();

        await using (ending.Asked.Register(() => _ = Drain(app, readiness, http, ending)))
            await app.WaitForShutdownAsync(CancellationToken.None);
        Say("Quitanda has stopped.");
    }, ending.Asked);

    /// <summary>Gives back the memory that only the start needed, once it is over; by itself the collector would take its time, since nobody asks it of an idle host.</summary>
    private static async Task GiveBack()
    {
        await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System);
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }

    /// <summary>Stops in an order that fails no request: first it says that it is not ready and ends each connection with its answer, then, when everybody has had time to notice, it closes the door.</summary>
    private static async Task Drain(WebApplication app, Readiness readiness, HttpSettings http, Ending ending)
    {
        readiness.IsStopping = true;
        await Task.Delay(TimeSpan.FromSeconds(http.DrainSeconds), TimeProvider.System, ending.Hurried).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        app.Lifetime.StopApplication();
    }

    public Task Migrate(string dataFolder, CancellationToken ct) => WithDatabase(dataFolder, async (connection, secretsFolder) =>
    {
        await using var app = Build(connection, secretsFolder, _ => { });
        var applied = await Migrator.Migrate(app.Services.GetRequiredService<Database>(), Application.Migrations(app.Services), ct);
        foreach (var file in applied)
            Say($"Migrated {file}");
        if (applied.Count == 0)
            Say("The database is current.");
    }, ct);

    public Task Seed(string dataFolder, CancellationToken ct) => WithDatabase(dataFolder, async (connection, secretsFolder) =>
    {
        await using var app = Build(connection, secretsFolder, _ => { });
        await Migrator.Migrate(app.Services.GetRequiredService<Database>(), Application.Migrations(app.Services), ct);
        if (!await FillDemo(app, dataFolder, ct))
            Say("The database is not empty: nothing was added.");
    }, ct);

    /// <summary>Hands the queue over, beside hosts that run or without any. What is said about the database goes where log lines go: standard output is the answer alone.</summary>
    public async Task<bool> Jobs(string dataFolder, bool asJson, Func<JobConsole, CancellationToken, Task<bool>> use, CancellationToken ct)
    {
        // To look at the queue of a folder that does not exist must not make a database there.
        RequireDatabase(dataFolder);
        var answer = false;
        await WithDatabase(dataFolder, async (connection, secretsFolder) =>
        {
            await using var app = Build(connection, secretsFolder, _ => { });
            await RequireCurrent(app, ct);
            answer = await use(new JobConsole(app.Services, Console.Out, asJson), ct);
        }, ct, Console.Error.WriteLine);
        return answer;
    }

    private WebApplication Build(string connection, string? secretsFolder, Action<WebApplicationBuilder> configure) => Application.Build(connection, secretsFolder, configure, added);

    /// <summary>Brings in what another system holds, beside hosts that run or without any. How far it is goes where log lines go; standard output is what came of it.</summary>
    public Task Import(string dataFolder, MoveInOptions options, CancellationToken ct)
    {
        // A folder that was named wrongly must not become a second house with everybody in it.
        RequireDatabase(dataFolder);
        return WithDatabase(dataFolder, async (connection, secretsFolder) =>
        {
            await using var app = Build(connection, secretsFolder, _ => { });
            if (app.Services.GetRequiredService<ModulesOff>().Has(typeof(MoveIn)))
                throw new RefusedException("module_off", "Nothing is imported: Modules:MovingIn is false.");
            if (options.IsDryRun)
                await RequireCurrent(app, ct);
            else
                await Migrator.Migrate(app.Services.GetRequiredService<Database>(), Application.Migrations(app.Services), ct);
            using var report = await app.Services.GetRequiredService<MoveIn>().Run(options, Console.Error.WriteLine, ct);
            foreach (var line in report.Lines())
                Say(line);
            if (options.IsDryRun)
                Say("This was a dry run: nothing stays.");
            if (options.ReportPath is { } path)
                Say($"The report is in {path}");
        }, ct, Console.Error.WriteLine);
    }

    private static void RequireDatabase(string dataFolder)
    {
        if (Given() is null && !Directory.Exists(Path.Combine(dataFolder, "postgres")))
            throw new NoDatabaseException($"There is no database in {dataFolder}. Name its folder with --data.");
    }

    private static async Task RequireCurrent(WebApplication app, CancellationToken ct)
    {
        if (!await Migrator.IsCurrent(app.Services.GetRequiredService<Database>(), Application.Migrations(app.Services), ct))
            throw new NoDatabaseException("The database is behind this version: run migrate first.");
    }

    private static async Task<bool> FillDemo(WebApplication app, string dataFolder, CancellationToken ct)
    {
        if (await Demo.Fill(app.Services, dataFolder, ct) is not { } people)
            return false;
        Say($"Filled with the demo snack bar. Its people, kept in {Demo.PathIn(dataFolder)}:");
        foreach (var (role, person) in people.ByRole)
            Say($"  {role,-10} {person.Email,-32} {person.Password}");
        return true;
    }

    /// <summary>The database that was configured, or else the private one in the data folder. Only the private one brings a folder for secrets.</summary>
    private static async Task WithDatabase(string dataFolder, Func<string, string?, Task> work, CancellationToken ct, Action<string>? say = null)
    {
        if (Given() is { } configured)
        {
            await work(Configured(configured), null);
            return;
        }

        await using var postgres = await LocalPostgres.Start(new LocalPostgresOptions { DataFolder = dataFolder, Say = say ?? Say }, ct);
        await work(postgres.ConnectionString, dataFolder);
    }

    private static string? Given() => Environment.GetEnvironmentVariable("ConnectionStrings__Quitanda") is { Length: > 0 } setting ? setting
        : Environment.GetEnvironmentVariable("DATABASE_URL") is { Length: > 0 } address ? address : null;

    private static string Configured(string address)
    {
        try
        {
            return Database.Parse(address);
        }
        catch (Exception error) when (error is FormatException or ArgumentException)
        {
            // The value holds a password, so it is not repeated.
            throw new SettingException("ConnectionStrings:Quitanda (or DATABASE_URL)", "is neither a postgres:// address nor a connection string.");
        }
    }

    /// <summary>Whether only this machine can come in. Who reads the local mailbox can sign in as anyone: it is on by itself for nobody else.</summary>
    private static bool IsPrivate(string? address) => address is null or "localhost" || (IPAddress.TryParse(address, out var parsed) && IPAddress.IsLoopback(parsed));

    private static bool HasNoMail(ConfigurationManager configuration) => configuration["Mail:Transport"] is null && configuration["Mail:SmtpHost"] is null && configuration["Mail:ResendKey"] is null;

    private static void RefuseTakenPort(HttpSettings http)
    {
        if (!IPAddress.TryParse(http.Address == "localhost" ? "127.0.0.1" : http.Address, out var address))
            return;
        try
        {
            using var probe = new TcpListener(address, http.Port);
            probe.Start();
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            var owner = PortOwner.Describe(http.Port);
            throw new PortTakenException($"Port {http.Port} is taken{(owner is null ? "" : $" by {owner}")}. Choose another with --port.");
        }
    }

    private static string Readable(string address) => address is "0.0.0.0" or "::" or "[::]" ? "localhost" : address.Contains(':', StringComparison.Ordinal) ? $"[{address}]" : address;

    private static void Say(string line) => Console.WriteLine(line);
}

/// <summary>Leaves signals to the command line, which knows what to do before the host stops.</summary>
internal sealed class NoSignals : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
