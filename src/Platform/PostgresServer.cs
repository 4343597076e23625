using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Quitanda.Platform;

/// <summary>Where a running server answers: a folder with a socket, or an address of this machine.</summary>
internal sealed record PostgresEndpoint(string Host, int Port)
{
    internal NpgsqlConnectionStringBuilder ConnectionString(string user, string password, string database) => new()
    {
        Host = Host,
        Port = Port,
        Username = user,
        Password = password,
        Database = database,
        // It never leaves the machine, and asking costs a round trip for each connection.
        SslMode = SslMode.Disable,
        GssEncryptionMode = GssEncryptionMode.Disable,
    };
}

/// <summary>Makes, starts and stops the cluster of one home. Every member but the constructor is called while holding the turn.</summary>
internal sealed class PostgresServer(PostgresHome home, LocalPostgresOptions options)
{
    internal const string ClusterName = "cluster";
    internal const string LogName = "server.log";

    private const string UnfinishedName = "cluster.new";
    private const int SocketPort = 5432;
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    // The second is for systems whose C library has no C.UTF-8.
    private static readonly string[] Locales = OperatingSystem.IsWindows() ? ["C"] : ["C.UTF-8", "en_US.UTF-8", "C"];

    private string VersionFile => Path.Combine(home.Cluster, "PG_VERSION");

    private string PidFile => Path.Combine(home.Cluster, "postmaster.pid");

    /// <summary>Makes the cluster when there is none. An interrupted attempt leaves nothing that a later one would take for a cluster.</summary>
    /// <returns>Whether it was made.</returns>
    internal async Task<bool> EnsureCluster(string password, CancellationToken ct)
    {
        var isNew = !File.Exists(VersionFile);
        if (isNew)
        {
            var binaries = await Binaries(ct);
            options.Say($"Creating a PostgreSQL {binaries.Major} cluster in {home.Cluster}.");
            await InitDb(binaries, password, ct);
            Directory.Move(Path.Combine(home.ServerFolder, UnfinishedName), home.Cluster);
        }

        home.RememberLocation();
        return isNew;
    }

    /// <summary>Adopts the server when it runs, else starts it, and waits until it takes connections, up to 60 s.</summary>
    internal async Task<PostgresEndpoint> EnsureRunning(CancellationToken ct)
    {
        var waited = Stopwatch.StartNew();
        Launched? launch = null;
        while (true)
        {
            // Looked at before the server is, so that one which started in between is not taken for one that failed.
            var hasLaunched = launch is { Program.IsCompleted: true };
            var running = Postmaster.Of(PidFile);
            if (running is { IsReady: true, Endpoint: { } endpoint } && await Answers(endpoint, ct))
            {
                return endpoint;
            }

            if (running is null && launch is null)
            {
                launch = await Launch(ct);
            }
            else if (running is null && hasLaunched)
            {
                await RefuseUnlessItMayBeTriedAgain(launch!);
                launch = null;
            }

            if (waited.Elapsed > StartLimit)
            {
                throw new PostgresFailedException($"PostgreSQL was not ready within {StartLimit.TotalSeconds} s.{home.LogTail(launch?.LogStart ?? 0)}")
                {
                    StillStarting = running is not null,
                };
            }

            await Rest(launch, ct);
        }
    }

    /// <summary>Ends the sessions and stops the server, when it runs; up to 30 s.</summary>
    internal async Task Stop()
    {
        if (Postmaster.Of(PidFile) is not { } running)
        {
            return;
        }

        var binaries = await Binaries(CancellationToken.None);
        var answer = await home.Account.Run(
            binaries.PgCtl,
            ["stop", "-D", ClusterName, "-m", "fast", "-w", "-t", StopLimit.TotalSeconds.ToString(CultureInfo.InvariantCulture)],
            home.ServerFolder, input: null, CancellationToken.None);
        if (answer.ExitCode != 0 && Postmaster.Of(PidFile) is not null)
        {
            throw new PostgresFailedException($"PostgreSQL did not stop within {StopLimit.TotalSeconds} s: {answer.Output.Trim()}{home.LogTail()}");
        }

        home.RemoveSocketFolder(running.Endpoint?.Host);
    }

    private Task<PostgresBinaries> Binaries(CancellationToken ct)
    {
        int? major = null;
        if (File.Exists(VersionFile))
        {
            var text = File.ReadAllText(VersionFile).Trim();
            major = int.TryParse(text, CultureInfo.InvariantCulture, out var parsed)
                ? parsed
                : throw new PostgresFailedException($"{VersionFile} says '{text}', which is no version this product can use.");
        }

        return PostgresBinaries.Find(major, home.Cluster, ct);
    }

    private async Task InitDb(PostgresBinaries binaries, string password, CancellationToken ct)
    {
        var output = "";
        foreach (var locale in Locales)
        {
            await RemoveUnfinished(ct);
            await WritePasswordForInitDb(password, ct);
            List<string> arguments =
            [
                "-D", UnfinishedName, "--username=postgres", "--pwfile=password.new", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=" + locale,
            ];
            if (!options.Durable)
            {
                arguments.Add("--no-sync");
            }

            var answer = await home.Account.Run(binaries.InitDb, arguments, home.ServerFolder, input: null, ct);
            File.Delete(Path.Combine(home.ServerFolder, "password.new"));
            if (answer.ExitCode == 0)
            {
                return;
            }

            output = answer.Output.Trim();
            ct.ThrowIfCancellationRequested();
            if (!output.Contains("locale", StringComparison.Ordinal))
            {
                break;
            }
        }

        throw new PostgresFailedException($"The PostgreSQL cluster could not be made in {home.Cluster}: {output}");
    }

    // By the account itself, so that root follows none of its links.
    private async Task WritePasswordForInitDb(string password, CancellationToken ct)
    {
        if (OperatingSystem.IsWindows())
        {
            await File.WriteAllTextAsync(Path.Combine(home.ServerFolder, "password.new"), password, ct);
            return;
        }

        var answer = await home.Account.Run("/bin/sh", ["-c", "umask 077; cat > password.new"], home.ServerFolder, password, ct);
        if (answer.ExitCode != 0)
        {
            throw new PostgresFailedException($"Nothing can be written to {home.ServerFolder}: {answer.Output.Trim()}");
        }
    }

    private async Task RemoveUnfinished(CancellationToken ct)
    {
        var unfinished = Path.Combine(home.ServerFolder, UnfinishedName);
        if (!Directory.Exists(unfinished))
        {
            return;
        }

        if (home.Account.IsOther)
        {
            await home.Account.Run("/bin/rm", ["-rf", "--", UnfinishedName], home.ServerFolder, input: null, ct);
        }
        else
        {
            Directory.Delete(unfinished, recursive: true);
        }
    }

    // PostgreSQL takes any living process of its user for the one its lock file names, which after a crash of the machine, or in a
    // new container, can be anything.
    private long ClearTheWay()
    {
        if (Postmaster.IsStale(PidFile))
        {
            File.Delete(PidFile);
        }

        home.BoundLog();
        var log = new FileInfo(home.LogFile);
        return log.Exists ? log.Length : 0;
    }

    private async Task<Launched> Launch(CancellationToken ct)
    {
        var binaries = await Binaries(ct);
        var logStart = ClearTheWay();
        var settings = string.Join(' ', (await Settings(ct)).Select(setting => "-c " + setting));
        options.Say($"Starting PostgreSQL {binaries.Major}.");

        // pg_ctl gives the server a session of its own, so that neither Ctrl-C nor the death of the host reaches it. Its shell would
        // read a folder's name as a program, hence the relative ones. It looks ten times a second and we look oftener: it is here to
        // tell of a failure, and is not waited for.
        var program = home.Account.Run(
            binaries.PgCtl,
            ["start", "-D", ClusterName, "-l", LogName, "-w", "-t", StartLimit.TotalSeconds.ToString(CultureInfo.InvariantCulture), "-o", settings],
            home.ServerFolder, input: null, CancellationToken.None);
        return new Launched(program, logStart);
    }

    private async Task RefuseUnlessItMayBeTriedAgain(Launched launch)
    {
        var answer = await launch.Program;

        // The processes of a server that was killed need a moment to notice, and hold its shared memory until then.
        if (!home.LogSince(launch.LogStart).Contains("pre-existing shared memory block", StringComparison.Ordinal))
        {
            throw new PostgresFailedException($"PostgreSQL did not start: {answer.Output.Trim()}{home.LogTail(launch.LogStart)}");
        }
    }

    private async Task Rest(Launched? launch, CancellationToken ct)
    {
        try
        {
            await Task.Delay(Poll, ct);
        }
        catch (OperationCanceledException)
        {
            // Whoever gives up must be able to see the server in order to stop it.
            while (launch is { Program.IsCompleted: false } && Postmaster.Of(PidFile) is null)
            {
                await Task.Delay(Poll, CancellationToken.None);
            }

            throw;
        }
    }

    private async Task<List<string>> Settings(CancellationToken ct)
    {
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (1024 * 1024);
        List<string> settings =
        [
            "cluster_name=quitanda",
            string.Create(CultureInfo.InvariantCulture, $"max_connections={options.Clients}"),
            string.Create(CultureInfo.InvariantCulture, $"shared_buffers={Math.Clamp(memory / 32, 128, 1024)}MB"),
            string.Create(CultureInfo.InvariantCulture, $"effective_cache_size={Math.Max(memory / 2, 512)}MB"),
            string.Create(CultureInfo.InvariantCulture, $"maintenance_work_mem={Math.Clamp(memory / 64, 64, 256)}MB"),
            "jit=off",
            "random_page_cost=1.1",
            "checkpoint_timeout=10min",
            "max_wal_size=2GB",
            "min_wal_size=256MB",
            "timezone=UTC",
            "log_timezone=UTC",
            "log_min_messages=warning",
            "log_checkpoints=off",
        ];

        if (OperatingSystem.IsWindows())
        {
            settings.Add("listen_addresses=127.0.0.1");
            settings.Add(string.Create(CultureInfo.InvariantCulture, $"port={FreePort()}"));
        }
        else
        {
            var sockets = await home.MakeSocketFolder(ct);
            foreach (var left in Directory.EnumerateFiles(sockets, ".s.PGSQL.*"))
            {
                File.Delete(left);
            }

            settings.Add("listen_addresses=");
            settings.Add(string.Create(CultureInfo.InvariantCulture, $"port={SocketPort}"));
            settings.Add("unix_socket_directories=" + sockets);
            settings.Add("unix_socket_permissions=0700");
        }

        if (!options.Durable)
        {
            // Of settings that are given twice the last holds. Databases come and go there, and each goes through all the buffers.
            settings.AddRange(["fsync=off", "synchronous_commit=off", "full_page_writes=off", "wal_level=minimal", "max_wal_senders=0", "shared_buffers=256MB"]);
        }

        return settings;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    // A server that is stopping still says that it is ready until it has noted otherwise.
    private static async Task<bool> Answers(PostgresEndpoint endpoint, CancellationToken ct)
    {
        EndPoint address = endpoint.Host.StartsWith('/')
            ? new UnixDomainSocketEndPoint(string.Create(CultureInfo.InvariantCulture, $"{endpoint.Host}/.s.PGSQL.{endpoint.Port}"))
            : new IPEndPoint(IPAddress.Loopback, endpoint.Port);
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(address, ct);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private sealed record Launched(Task<ServerAccount.Answer> Program, long LogStart);
}
