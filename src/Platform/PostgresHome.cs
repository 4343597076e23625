using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Quitanda.Platform;

/// <summary>
/// Where a data folder's cluster lives. <c>postgres/</c> in the data folder is the host's: the password, and the location of the
/// rest. <c>server/</c> is the account's that PostgreSQL runs as: the cluster, its log and its socket. They are one place, unless
/// that account cannot enter the data folder.
/// </summary>
internal sealed partial class PostgresHome
{
    private const string OutsideFolder = "/var/lib/quitanda";
    private const int LogTailLines = 12;
    private const int LogTailBytes = 8 * 1024;
    private const int MaxLogBytes = 8 * 1024 * 1024;

    // The system's limit is 107 bytes on Linux and 103 elsewhere, and the name of the socket comes on top.
    private const int MaxSocketFolderBytes = 103 - 15;

    private readonly string _own;
    private readonly string _root;
    private readonly string _name;

    private PostgresHome(string own, string root, ServerAccount account)
    {
        _own = own;
        _root = root;
        _name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(root)))[..16];
        Account = account;
    }

    internal ServerAccount Account { get; }

    internal string PasswordFile => Path.Combine(_own, "password");

    internal string TurnLock => Path.Combine(_root, "turn.lock");

    internal string HostsLock => Path.Combine(_root, "hosts.lock");

    internal string ServerFolder => Path.Combine(_root, "server");

    internal string Cluster => Path.Combine(ServerFolder, PostgresServer.ClusterName);

    internal string LogFile => Path.Combine(ServerFolder, PostgresServer.LogName);

    private string LocationFile => Path.Combine(_own, "location");

    /// <summary>Finds the home of a data folder, or decides on one and makes its folders.</summary>
    internal static async Task<PostgresHome> Open(string dataFolder, CancellationToken ct)
    {
        var data = Path.GetFullPath(dataFolder);
        var own = Path.Combine(data, "postgres");
        MakeFolder(data);
        MakeFolder(own);

        var location = Path.Combine(own, "location");
        if (File.Exists(location))
        {
            var root = Path.GetFullPath(Path.Combine(own, (await File.ReadAllTextAsync(location, ct)).Trim()));
            var home = new PostgresHome(own, root, await ServerAccount.For(Path.Combine(root, "server"), ct));
            if (!File.Exists(Path.Combine(home.Cluster, "PG_VERSION")))
            {
                // An empty cluster in its place would look like a shop that has lost everything.
                throw new PostgresFailedException($"The cluster of this data folder is not in {home.Cluster} any more. Restore it, or delete {location} to begin with an empty one.");
            }

            return home;
        }

        var account = await ServerAccount.ForNew(ct);
        if (!await account.CanEnter(own, ct))
        {
            var outside = Path.Combine(OutsideFolder, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(data)))[..16]);
            MakeFolder(OutsideFolder);
            MakeFolder(outside);
            return await Made(new PostgresHome(own, outside, account), ct);
        }

        return await Made(new PostgresHome(own, own, account), ct);
    }

    /// <summary>Notes that the cluster is complete. From now on its absence is an error.</summary>
    internal void RememberLocation()
    {
        if (!File.Exists(LocationFile))
        {
            // Relative, where it can be, so that the data folder may be moved.
            WritePrivate(LocationFile, string.Equals(_root, _own, StringComparison.Ordinal) ? "." : _root);
        }
    }

    /// <summary>The cluster's password, made on first use. Only while holding the turn.</summary>
    internal string Password()
    {
        if (File.Exists(PasswordFile))
        {
            return File.ReadAllText(PasswordFile).Trim();
        }

        if (File.Exists(Path.Combine(Cluster, "PG_VERSION")) && File.Exists(LocationFile))
        {
            throw new PostgresFailedException($"The password of the cluster in {Cluster} is not in {PasswordFile} any more. Restore that file.");
        }

        var password = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        WritePrivate(PasswordFile, password);
        return password;
    }

    /// <summary>A private folder whose path fits a socket's address and needs no quoting, made anew where the system empties it.</summary>
    internal async Task<string> MakeSocketFolder(CancellationToken ct)
    {
        var folder = Path.Combine(ServerFolder, "socket");
        if (!PlainPath().IsMatch(folder) || Encoding.UTF8.GetByteCount(folder) > MaxSocketFolderBytes)
        {
            if (Account.IsOther)
            {
                var run = Directory.Exists("/run") ? "/run/quitanda" : "/var/run/quitanda";
                MakeFolder(run);
                folder = Path.Combine(run, _name);
            }
            else
            {
                folder = Path.Combine("/tmp", "quitanda-" + _name);
            }
        }

        if (folder.StartsWith(ServerFolder, StringComparison.Ordinal) && Account.IsOther)
        {
            // What lies in the account's own folder is made by the account, so that root follows none of its links.
            await Account.Run("/bin/sh", ["-c", "umask 077; mkdir -p -- socket"], ServerFolder, input: null, ct);
        }
        else
        {
            await Account.MakePrivateFolder(folder, ct);
        }

        return folder;
    }

    /// <summary>Removes the socket folder of a stopped server where it lies among the system's own.</summary>
    internal void RemoveSocketFolder(string? folder)
    {
        if (folder is null || !folder.EndsWith(_name, StringComparison.Ordinal))
        {
            return;
        }

        try
        {
            Directory.Delete(folder);
        }
        catch (IOException)
        {
            // An empty folder left behind harms nobody, and the next start takes it.
        }
    }

    /// <summary>Moves a log away that has grown over 8 MB; the one before it is dropped. Only while no server runs.</summary>
    internal void BoundLog()
    {
        var log = new FileInfo(LogFile);
        if (log.Exists && log.Length > MaxLogBytes)
        {
            File.Move(LogFile, LogFile + ".1", overwrite: true);
        }
    }

    /// <summary>The last lines of the server's log with its name, as the end of a message. Nothing before <paramref name="from"/> bytes.</summary>
    internal string LogTail(long from = 0)
    {
        var lines = LogSince(from).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return lines.Length == 0
            ? $" Its log is {LogFile}."
            : string.Create(CultureInfo.InvariantCulture, $" The last lines of {LogFile}:\n{string.Join('\n', lines.TakeLast(LogTailLines))}");
    }

    /// <summary>What the server logged since its log had <paramref name="from"/> bytes, the last 8 kB of it.</summary>
    internal string LogSince(long from)
    {
        try
        {
            using var log = new FileStream(LogFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            log.Position = Math.Clamp(Math.Max(from, log.Length - LogTailBytes), 0, log.Length);
            using var reader = new StreamReader(log);
            return reader.ReadToEnd();
        }
        catch (IOException)
        {
            // A message about a failure must not fail itself for want of a log.
            return "";
        }
    }

    private static async Task<PostgresHome> Made(PostgresHome home, CancellationToken ct)
    {
        if (!Directory.Exists(home.ServerFolder) || home.Account.IsOther)
        {
            await home.Account.MakePrivateFolder(home.ServerFolder, ct);
        }

        return home;
    }

    // Another account must be able to pass through the folder of a host that is root, and may read nothing there.
    private static void MakeFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
            return;
        }

        const UnixFileMode Ours = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        Directory.CreateDirectory(folder, ServerAccount.WeAreRoot ? Ours | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute : Ours);
    }

    // Whole or not at all, since half a password would lock us out of the cluster.
    private static void WritePrivate(string path, string text)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        var unfinished = path + ".new";
        using (var file = new FileStream(unfinished, options))
        {
            file.Write(Encoding.UTF8.GetBytes(text + "\n"));
            file.Flush(flushToDisk: true);
        }

        File.Move(unfinished, path, overwrite: true);
    }

    [GeneratedRegex("^[A-Za-z0-9/._-]+$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex PlainPath();
}
