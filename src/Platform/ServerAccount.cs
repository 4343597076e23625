using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Quitanda.Platform;

/// <summary>The user whom the private PostgreSQL runs as: our own, or another one when we are root, as whom it refuses to run.</summary>
internal sealed record ServerAccount
{
    /// <summary>The user whom this process runs as.</summary>
    internal static readonly ServerAccount Own = new();

    // Nothing of the host's environment is the server's business: PGPORT and its like would change it, secrets would linger in it.
    private static readonly string[] InheritedVariables = ["PATH", "TZ", "LD_LIBRARY_PATH", "HOME", "TMPDIR"];

    private readonly User? _user;

    private ServerAccount(User? user = null) => _user = user;

    internal bool IsOther => _user is not null;

    internal static bool WeAreRoot => !OperatingSystem.IsWindows() && Environment.IsPrivilegedProcess;

    /// <summary>The owner of an existing server folder goes before <c>postgres</c>, and that before <c>nobody</c>.</summary>
    internal static async Task<ServerAccount> For(string serverFolder, CancellationToken ct)
    {
        if (!WeAreRoot)
        {
            return Own;
        }

        var users = await File.ReadAllLinesAsync("/etc/passwd", ct);
        if (Directory.Exists(serverFolder) && await OwnerOf(serverFolder, ct) is { Uid: > 0 } owner)
        {
            return new ServerAccount(owner with { Name = users.Select(User.Parse).FirstOrDefault(user => user?.Uid == owner.Uid)?.Name });
        }

        return Default(users);
    }

    /// <summary>Whom a new cluster will belong to.</summary>
    internal static async Task<ServerAccount> ForNew(CancellationToken ct) =>
        WeAreRoot ? Default(await File.ReadAllLinesAsync("/etc/passwd", ct)) : Own;

    /// <summary>Whether the account can go into a folder, whatever lies above it.</summary>
    internal async Task<bool> CanEnter(string folder, CancellationToken ct) =>
        !IsOther || (await Run("/bin/sh", ["-c", "cd -- \"$1\"", "sh", folder], "/", input: null, ct)).ExitCode == 0;

    /// <summary>Makes a folder that only this account can enter. Its parent must be ours.</summary>
    internal async Task MakePrivateFolder(string folder, CancellationToken ct)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
            return;
        }

        if (new DirectoryInfo(folder).LinkTarget is not null)
        {
            throw new PostgresFailedException($"{folder} is a link, and it should be a folder of ours. Remove it.");
        }

        const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        Directory.CreateDirectory(folder, Private);
        // Fails when somebody else made it first, in a folder that all may write to.
        File.SetUnixFileMode(folder, Private);
        if (_user is not null)
        {
            var changed = await Own.Run(
                PostgresBinaries.OnPath("chown") ?? "/bin/chown", [string.Create(CultureInfo.InvariantCulture, $"{_user.Uid}:{_user.Gid}"), "--", folder], "/", input: null, ct);
            if (changed.ExitCode != 0)
            {
                throw new PostgresFailedException($"{folder} could not be given to the user PostgreSQL runs as: {changed.Output.Trim()}");
            }
        }
    }

    /// <summary>Runs a program to its end as this account and gathers what it prints. A cancellation kills it.</summary>
    internal async Task<Answer> Run(string program, IReadOnlyList<string> arguments, string workingFolder, string? input, CancellationToken ct)
    {
        var start = new ProcessStartInfo
        {
            FileName = program,
            WorkingDirectory = workingFolder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
        };
        CleanEnvironment(start.Environment);
        foreach (var argument in Prefix(start))
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using var process = new Process { StartInfo = start };
        try
        {
            process.Start();
        }
        catch (Win32Exception failure)
        {
            return new Answer(127, failure.Message);
        }

        try
        {
            var output = process.StandardOutput.ReadToEndAsync(ct);
            var errors = process.StandardError.ReadToEndAsync(ct);
            await Feed(process.StandardInput, input, ct);
            await process.WaitForExitAsync(ct);
            return new Answer(process.ExitCode, await output + await errors);
        }
        catch
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    private static async Task Feed(StreamWriter standardInput, string? input, CancellationToken ct)
    {
        try
        {
            await standardInput.WriteAsync((input ?? "").AsMemory(), ct);
            standardInput.Close();
        }
        catch (IOException)
        {
            // The program ended without reading it, and its exit code says why.
        }
    }

    private static ServerAccount Default(string[] users)
    {
        var known = users.Select(User.Parse).ToList();
        return new ServerAccount(
            known.Find(user => user is { Name: "postgres", Uid: > 0 })
            ?? known.Find(user => user is { Name: "nobody", Uid: > 0 })
            ?? throw new PostgresFailedException("PostgreSQL does not run as root, and there is no user 'postgres' or 'nobody'. Run Quitanda as another user."));
    }

    private static async Task<User?> OwnerOf(string folder, CancellationToken ct)
    {
        // The portable way to an owner's number: mode, links, user, group.
        var answer = await Own.Run("/bin/ls", ["-ldn", "--", folder], "/", input: null, ct);
        var columns = answer.Output.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return answer.ExitCode == 0 && columns.Length > 3
            && int.TryParse(columns[2], CultureInfo.InvariantCulture, out var uid) && int.TryParse(columns[3], CultureInfo.InvariantCulture, out var gid)
            ? new User(Name: null, uid, gid)
            : null;
    }

    private static void CleanEnvironment(IDictionary<string, string?> environment)
    {
        if (OperatingSystem.IsWindows())
        {
            foreach (var name in environment.Keys.Where(name => name.StartsWith("PG", StringComparison.OrdinalIgnoreCase)).ToList())
            {
                environment.Remove(name);
            }

            return;
        }

        foreach (var name in environment.Keys.Except(InheritedVariables, StringComparer.Ordinal).ToList())
        {
            environment.Remove(name);
        }

        environment["LC_ALL"] = "C";
    }

    // setpriv becomes the program itself; runuser stays as its parent.
    private List<string> Prefix(ProcessStartInfo start)
    {
        if (_user is null)
        {
            return [];
        }

        var program = start.FileName;
        start.Environment["HOME"] = "/";
        if (PostgresBinaries.OnPath("setpriv") is { } setpriv)
        {
            start.FileName = setpriv;
            return
            [
                string.Create(CultureInfo.InvariantCulture, $"--reuid={_user.Uid}"),
                string.Create(CultureInfo.InvariantCulture, $"--regid={_user.Gid}"),
                "--clear-groups", "--", program,
            ];
        }

        if (PostgresBinaries.OnPath("runuser") is { } runuser && _user.Name is not null)
        {
            start.FileName = runuser;
            return ["-u", _user.Name, "--", program];
        }

        throw new PostgresFailedException("PostgreSQL does not run as root, and there is neither setpriv nor runuser to become another user. Run Quitanda as another user.");
    }

    /// <summary>How a program ended, and what it printed on both its outputs.</summary>
    internal sealed record Answer(int ExitCode, string Output);

    private sealed record User(string? Name, int Uid, int Gid)
    {
        internal static User? Parse(string line)
        {
            var fields = line.Split(':');
            return fields.Length >= 4
                && int.TryParse(fields[2], CultureInfo.InvariantCulture, out var uid) && int.TryParse(fields[3], CultureInfo.InvariantCulture, out var gid)
                ? new User(fields[0], uid, gid)
                : null;
        }
    }
}
