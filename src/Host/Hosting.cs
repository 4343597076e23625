using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;
using Quitanda.Platform;

namespace Quitanda.Host;

/// <summary>What <c>serve</c> was asked for.</summary>
internal sealed record ServeOptions(string DataFolder, int? Port, string? Address, bool Demo);

/// <summary>The commands: each finds its database, does its work and leaves.</summary>
internal static class Hosting
{
    public static Task Serve(ServeOptions options, CancellationToken ct) => WithDatabase(options.DataFolder, async (connection, secretsFolder) =>
    {
        await using var app = Application.Build(connection, secretsFolder, builder =>
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
            builder.Configuration.AddInMemoryCollection(given);
        });

        var http = app.Services.GetRequiredService<IOptions<HttpSettings>>().Value;
        RefuseTakenPort(http);
        foreach (var applied in await Migrator.Migrate(app.Services.GetRequiredService<Database>(), Application.Migrations(app.Services), ct))
            Say($"Migrated {applied}");
        // A database of somebody's own is never filled by itself: that is what the seed command is for.
        var readiness = app.Services.GetRequiredService<Readiness>();
        readiness.IsStarting = options.Demo && secretsFolder is not null;
        await app.StartAsync(ct);
        if (readiness.IsStarting)
            await FillDemo(app, options.DataFolder, ct);
        readiness.IsStarting = false;
        Say($"Quitanda listens at http://{Readable(http.Address)}:{http.Port}  (API documents: /docs)");

        await using (ct.Register(app.Lifetime.StopApplication))
            await app.WaitForShutdownAsync(CancellationToken.None);
        Say("Quitanda has stopped.");
    }, ct);

    public static Task Migrate(string dataFolder, CancellationToken ct) => WithDatabase(dataFolder, async (connection, secretsFolder) =>
    {
        await using var app = Application.Build(connection, secretsFolder, _ => { });
        var applied = await Migrator.Migrate(app.Services.GetRequiredService<Database>(), Application.Migrations(app.Services), ct);
        foreach (var file in applied)
            Say($"Migrated {file}");
        if (applied.Count == 0)
            Say("The database is current.");
    }, ct);

    public static Task Seed(string dataFolder, CancellationToken ct) => WithDatabase(dataFolder, async (connection, secretsFolder) =>
    {
        await using var app = Application.Build(connection, secretsFolder, _ => { });
        await Migrator.Migrate(app.Services.GetRequiredService<Database>(), Application.Migrations(app.Services), ct);
        if (!await FillDemo(app, dataFolder, ct))
            Say("The database is not empty: nothing was added.");
    }, ct);

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
    private static async Task WithDatabase(string dataFolder, Func<string, string?, Task> work, CancellationToken ct)
    {
        var configured = Environment.GetEnvironmentVariable("ConnectionStrings__Quitanda") is { Length: > 0 } setting ? setting : Environment.GetEnvironmentVariable("DATABASE_URL");
        if (!string.IsNullOrEmpty(configured))
        {
            await work(Configured(configured), null);
            return;
        }

        await using var postgres = await LocalPostgres.Start(new LocalPostgresOptions { DataFolder = dataFolder, Say = Say }, ct);
        await work(postgres.ConnectionString, dataFolder);
    }

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
