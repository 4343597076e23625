using System.Globalization;

namespace Quitanda.Host;

/// <summary>Says who has a TCP port, for the message to a person whose port is taken.</summary>
internal static class PortOwner
{
    private const string Listening = "0A";
    private static readonly string[] Tables = ["/proc/net/tcp", "/proc/net/tcp6"];
    private const int AddressColumn = 1;
    private const int StateColumn = 3;
    private const int InodeColumn = 9;

    /// <summary>The name and number of the process that listens on the port, such as <c>nginx (process 812)</c>; null where it cannot be told.</summary>
    internal static string? Describe(int port)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        var sockets = Tables
            .SelectMany(Lines)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(columns => columns.Length > InodeColumn && columns[StateColumn] == Listening && PortOf(columns[AddressColumn]) == port)
            .Select(columns => $"socket:[{columns[InodeColumn]}]")
            .ToHashSet(StringComparer.Ordinal);
        if (sockets.Count == 0)
        {
            return null;
        }

        foreach (var process in Directory.EnumerateDirectories("/proc"))
        {
            var name = Path.GetFileName(process);
            if (int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out _) && Holds(process, sockets))
            {
                return $"{Lines(Path.Combine(process, "comm")).FirstOrDefault() ?? "unknown"} (process {name})";
            }
        }

        return null;
    }

    private static int? PortOf(string address) =>
        int.TryParse(address.AsSpan(address.LastIndexOf(':') + 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var port) ? port : null;

    private static bool Holds(string process, HashSet<string> sockets)
    {
        try
        {
            return Directory.EnumerateFileSystemEntries(Path.Combine(process, "fd"))
                .Any(handle => new FileInfo(handle).LinkTarget is { } target && sockets.Contains(target));
        }
        catch (Exception unseen) when (unseen is IOException or UnauthorizedAccessException)
        {
            // It has ended meanwhile, or it is another user's.
            return false;
        }
    }

    private static string[] Lines(string file)
    {
        try
        {
            return File.ReadAllLines(file);
        }
        catch (Exception unseen) when (unseen is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
