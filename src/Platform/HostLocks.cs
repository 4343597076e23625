using System.Diagnostics;

namespace Quitanda.Platform;

/// <summary>
/// The two locks that hosts on one data folder share. They are locks of the operating system on open files, so those of a killed
/// host vanish with it.
/// </summary>
internal static class HostLocks
{
    private static readonly TimeSpan TurnLimit = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);
    private const int AloneAttempts = 3;

    // How the system says that another has the lock: EAGAIN of either Unix, and ERROR_SHARING_VIOLATION.
    private const int WouldBlockOnLinux = 11;
    private const int WouldBlockOnMac = 35;
    private const int SharingViolation = unchecked((int)0x80070020);

    /// <summary>Waits until no other host is starting or leaving, up to 120 s.</summary>
    internal static async Task<FileStream> TakeTurn(PostgresHome home, CancellationToken ct)
    {
        var waited = Stopwatch.StartNew();
        while (true)
        {
            if (TryOpen(home.TurnLock, FileShare.None) is { } turn)
            {
                return turn;
            }

            if (waited.Elapsed > TurnLimit)
            {
                throw new PostgresFailedException($"Another host has been starting or leaving for {TurnLimit.TotalSeconds} s: it holds {home.TurnLock}.");
            }

            await Task.Delay(Poll, ct);
        }
    }

    /// <summary>Shows that a host is here, until the answer is disposed. Only while holding the turn.</summary>
    internal static FileStream Join(PostgresHome home) =>
        TryOpen(home.HostsLock, FileShare.Read)
        ?? throw new PostgresFailedException($"{home.HostsLock} is held by something that is not a host of this folder.");

    /// <summary>Succeeds when no host is here. Only while holding the turn.</summary>
    internal static async Task<FileStream?> TryBeAlone(PostgresHome home)
    {
        for (var attempt = 0; attempt < AloneAttempts; attempt++)
        {
            // A program being started anywhere in this process holds a copy of our own handle for a moment.
            if (attempt > 0)
            {
                await Task.Delay(Poll);
            }

            if (TryOpen(home.HostsLock, FileShare.None) is { } alone)
            {
                return alone;
            }
        }

        return null;
    }

    private static FileStream? TryOpen(string path, FileShare share)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.Read, Share = share, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        try
        {
            return new FileStream(path, options);
        }
        catch (IOException busy) when (busy.HResult is WouldBlockOnLinux or WouldBlockOnMac or SharingViolation)
        {
            return null;
        }
    }
}
