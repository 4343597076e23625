using System.Globalization;
using System.Text.RegularExpressions;

namespace Quitanda.Platform;

/// <summary>One installed PostgreSQL: its major version and the folder of its programs.</summary>
internal sealed partial record PostgresBinaries(int Major, string Folder)
{
    internal const int OldestMajor = 15;

    internal string InitDb => Program(Folder, "initdb");

    internal string PgCtl => Program(Folder, "pg_ctl");

    /// <summary>The newest that is installed, or the one of the major version an existing cluster was made with.</summary>
    internal static async Task<PostgresBinaries> Find(int? clusterMajor, string cluster, CancellationToken ct)
    {
        var installed = new List<PostgresBinaries>();
        foreach (var folder in await Folders(ct))
        {
            if (await MajorOf(folder, ct) is { } major)
            {
                installed.Add(new PostgresBinaries(major, folder));
            }
        }

        // A cluster's files are readable by its own major version only.
        if (clusterMajor is { } wanted)
        {
            return installed.FirstOrDefault(one => one.Major == wanted)
                ?? throw new PostgresFailedException(
                    $"The cluster in {cluster} was made by PostgreSQL {wanted}, which is not installed any more ({Describe(installed)}). "
                    + $"Install PostgreSQL {wanted} again, or move the cluster with pg_upgrade.");
        }

        return installed.Where(one => one.Major >= OldestMajor).MaxBy(one => one.Major)
            ?? throw new PostgresMissingException(Describe(installed));
    }

    internal static string? OnPath(string program) => PathFolders().Select(folder => Program(folder, program)).FirstOrDefault(File.Exists);

    private static string Describe(List<PostgresBinaries> installed) =>
        installed.Count == 0
            ? "none is installed"
            : $"installed is {string.Join(", ", installed.Select(one => one.Major).Distinct().Order())}";

    private static async Task<List<string>> Folders(CancellationToken ct)
    {
        var folders = new List<string>(PathFolders());
        if (OnPath("pg_config") is { } pgConfig)
        {
            var answer = await ServerAccount.Own.Run(pgConfig, ["--bindir"], Path.GetTempPath(), input: null, ct);
            if (answer.ExitCode == 0)
            {
                folders.Add(answer.Output.Trim());
            }
        }

        if (OperatingSystem.IsWindows())
        {
            folders.AddRange(Below(Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ProgramFiles), "PostgreSQL"), "*"));
        }
        else
        {
            folders.AddRange(Below("/usr/lib/postgresql", "*"));
            folders.AddRange(Below("/usr", "pgsql-*"));
            folders.AddRange(Below("/opt/homebrew/opt", "postgresql*"));
            folders.AddRange(Below("/usr/local/opt", "postgresql*"));
        }

        return [.. folders.Distinct(StringComparer.Ordinal).Where(IsComplete)];
    }

    private static IEnumerable<string> Below(string parent, string pattern) =>
        Directory.Exists(parent) ? Directory.EnumerateDirectories(parent, pattern).Select(folder => Path.Combine(folder, "bin")) : [];

    // The folders of system programs are not on everyone's PATH.
    private static IEnumerable<string> PathFolders()
    {
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return OperatingSystem.IsWindows() ? path : path.Concat(["/usr/bin", "/bin", "/usr/sbin", "/sbin"]).Where(Path.IsPathRooted);
    }

    private static bool IsComplete(string folder) =>
        File.Exists(Program(folder, "postgres")) && File.Exists(Program(folder, "initdb")) && File.Exists(Program(folder, "pg_ctl"));

    private static async Task<int?> MajorOf(string folder, CancellationToken ct)
    {
        var answer = await ServerAccount.Own.Run(Program(folder, "postgres"), ["--version"], Path.GetTempPath(), input: null, ct);
        var version = MajorInVersion().Match(answer.Output);
        return answer.ExitCode == 0 && version.Success ? int.Parse(version.Groups["major"].ValueSpan, CultureInfo.InvariantCulture) : null;
    }

    private static string Program(string folder, string name) => Path.Combine(folder, OperatingSystem.IsWindows() ? name + ".exe" : name);

    [GeneratedRegex(@"\(PostgreSQL\) (?<major>[0-9]{1,4})", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex MajorInVersion();
}
