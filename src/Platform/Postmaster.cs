using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Quitanda.Platform;

/// <summary>
/// A living PostgreSQL server as its <c>postmaster.pid</c> tells of it: process id, folder, start, port, socket folder, address,
/// shared memory, state; one a line, written one after another while it starts.
/// </summary>
internal sealed record Postmaster(int Pid, PostgresEndpoint? Endpoint, bool IsReady)
{
    /// <summary>The living server of the cluster that <paramref name="pidFile"/> lies in; null when none runs.</summary>
    internal static Postmaster? Of(string pidFile)
    {
        var lines = Lines(pidFile);
        return PidOf(lines) is { } pid && IsServer(pid, pidFile) ? new Postmaster(pid, EndpointOf(lines), StateOf(lines) is "ready") : null;
    }

    /// <summary>Whether the file names a living process that is not this cluster's server.</summary>
    internal static bool IsStale(string pidFile) => PidOf(Lines(pidFile)) is { } pid && Lives(pid) && !IsServer(pid, pidFile);

    private static string[] Lines(string pidFile)
    {
        try
        {
            return File.ReadAllLines(pidFile);
        }
        catch (IOException)
        {
            return [];
        }
    }

    // The standalone server writes its own number as a negative one.
    private static int? PidOf(string[] lines) =>
        lines.Length > 0 && int.TryParse(lines[0], CultureInfo.InvariantCulture, out var pid) && pid != 0 ? Math.Abs(pid) : null;

    private static PostgresEndpoint? EndpointOf(string[] lines)
    {
        if (lines.Length < 6 || !int.TryParse(lines[3], CultureInfo.InvariantCulture, out var port))
        {
            return null;
        }

        return lines[4].Length > 0 ? new PostgresEndpoint(lines[4], port)
            : lines[5].Length > 0 ? new PostgresEndpoint("127.0.0.1", port)
            : null;
    }

    private static string? StateOf(string[] lines) => lines.Length < 8 ? null : lines[7].Trim();

    private static bool Lives(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static bool IsServer(int pid, string pidFile)
    {
        if (!OperatingSystem.IsLinux())
        {
            return HasServersName(pid);
        }

        try
        {
            var status = File.ReadAllLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/status"));
            if (!status.Contains("Name:\tpostgres", StringComparer.Ordinal)
                || status.Any(line => line.StartsWith("State:\tZ", StringComparison.Ordinal) || line.StartsWith("State:\tX", StringComparison.Ordinal)))
            {
                return false;
            }
        }
        catch (IOException)
        {
            return false;
        }

        try
        {
            // A server works in its cluster's folder, by whatever path we came there.
            return File.ReadAllLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/cwd/postmaster.pid"))
                .FirstOrDefault() == File.ReadAllLines(pidFile).FirstOrDefault();
        }
        catch (UnauthorizedAccessException)
        {
            // Not every root may look into another user's process. It has the name and the number.
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static bool HasServersName(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            return process.ProcessName.StartsWith("postgres", StringComparison.OrdinalIgnoreCase);
        }
        catch (Exception gone) when (gone is ArgumentException or InvalidOperationException or Win32Exception)
        {
            return false;
        }
    }
}
