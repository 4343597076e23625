using System.Globalization;

namespace Quitanda.Platform;

/// <summary>
/// A file of lines that is put aside when it is full or the day (UTC) is over, and of which the newest are kept. Whatever happens to it, writing
/// never throws: a process that cannot log goes on serving.
/// </summary>
/// <remarks>
/// <c>quitanda.log</c> is written to; <c>quitanda.2026-03-04.1.log</c> was put aside. Each write is one system call that ends with a line, so a
/// sudden death leaves whole lines, but for a last one that the disk had no room for; the next start ends that.
/// Several processes may be given one name: the second writes <c>quitanda-2.log</c>, and so on.
/// </remarks>
internal sealed class RotatingFile : IDisposable
{
    private const int ProcessesAtMost = 64;
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;

    /// <summary>After a failure the file is left alone for this long, so that a full disk is not asked with every line.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private static long _lost;

    private readonly TimeProvider _clock;
    private readonly long _bytesAtMost;
    private readonly int _kept;
    private readonly string _path;
    private readonly FileStream _claim;
    private FileStream? _file;
    private DateOnly _day;
    private DateTimeOffset _notBefore;

    private RotatingFile(string path, FileStream claim, long bytesAtMost, int kept, TimeProvider clock) =>
        (_path, _claim, _bytesAtMost, _kept, _clock) = (path, claim, bytesAtMost, kept, clock);

    /// <summary>Writes of this process that failed.</summary>
    public static long Lost => Interlocked.Read(ref _lost);

    /// <summary>The file that is written to.</summary>
    public string Path => _path;

    /// <summary>Opens <paramref name="path"/>, or the first name beside it that no other process writes to.</summary>
    /// <exception cref="SettingException">It cannot be written at all.</exception>
    public static RotatingFile Open(string path, long bytesAtMost, int kept, TimeProvider clock)
    {
        path = System.IO.Path.GetFullPath(path);
        var folder = System.IO.Path.GetDirectoryName(path)!;
        try
        {
            Directory.CreateDirectory(folder);
            for (var process = 1; process <= ProcessesAtMost; process++)
            {
                var mine = process == 1 ? path : $"{Stem(path)}-{process}{System.IO.Path.GetExtension(path)}";
                if (Claim(mine) is not { } claim)
                    continue;
                var file = new RotatingFile(mine, claim, bytesAtMost, kept, clock);
                file.Begin();
                return file;
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new SettingException("Logs:File", $"cannot be written: {error.Message}");
        }

        throw new SettingException("Logs:File", $"is written to by {ProcessesAtMost} processes already.");
    }

    /// <summary>Writes whole lines.</summary>
    public void Write(ReadOnlySpan<byte> lines)
    {
        if (lines.IsEmpty)
            return;
        var now = _clock.GetUtcNow();
        if (now < _notBefore)
        {
            Interlocked.Increment(ref _lost);
            return;
        }

        try
        {
            if (_file is null)
                Begin();
            else if (_file.Length > 0 && (_file.Length + lines.Length > _bytesAtMost || DateOnly.FromDateTime(now.UtcDateTime) > _day))
                PutAside();
            RandomAccess.Write(_file!.SafeFileHandle, lines, _file.Length);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            Interlocked.Increment(ref _lost);
            _notBefore = now + Pause;
            _file?.Dispose();
            _file = null;
        }
    }

    public void Dispose()
    {
        _file?.Dispose();
        _claim.Dispose();
    }

    private static string Stem(string path) => System.IO.Path.Combine(System.IO.Path.GetDirectoryName(path)!, System.IO.Path.GetFileNameWithoutExtension(path));

    /// <summary>The right to write a name, which ends with the process however it ends; null where another has it.</summary>
    // Beside the file and not on it, so that anybody can read the file meanwhile.
    private static FileStream? Claim(string path)
    {
        var name = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(path)!, $".{System.IO.Path.GetFileName(path)}.lock");
        try
        {
            return OpenWith(name, FileShare.None);
        }
        catch (IOException) when (File.Exists(name))
        {
            return null;
        }
    }

    private static FileStream OpenWith(string path, FileShare share)
    {
        // The buffer is the caller's; what is written is written.
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = share, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = Mode;
        return new(path, options);
    }

    private void Begin()
    {
        _file = OpenWith(_path, FileShare.ReadWrite | FileShare.Delete);
        var length = _file.Length;
        _day = DateOnly.FromDateTime((length > 0 ? new DateTimeOffset(File.GetLastWriteTimeUtc(_path), TimeSpan.Zero) : _clock.GetUtcNow()).UtcDateTime);
        Span<byte> last = stackalloc byte[1];
        // Somebody died in the middle of a line.
        if (length > 0 && RandomAccess.Read(_file.SafeFileHandle, last, length - 1) == 1 && last[0] != '\n')
            RandomAccess.Write(_file.SafeFileHandle, "\n"u8, length);
    }

    private void PutAside()
    {
        var aside = Aside();
        // After the last there is, and never in a gap: a number says which is newer.
        var number = aside.Where(file => file.Place.Day == _day).Select(file => file.Place.Number).DefaultIfEmpty().Max() + 1;
        File.Move(_path, string.Create(CultureInfo.InvariantCulture, $"{Stem(_path)}.{_day:yyyy-MM-dd}.{number}{System.IO.Path.GetExtension(_path)}"));
        _file?.Dispose();
        _file = null;
        Begin();
        foreach (var (path, _) in aside.OrderByDescending(file => file.Place).Skip(_kept - 1))
            File.Delete(path);
    }

    /// <summary>The files that were put aside.</summary>
    private List<(string Path, (DateOnly Day, int Number) Place)> Aside()
    {
        var extension = System.IO.Path.GetExtension(_path);
        var prefix = System.IO.Path.GetFileName(Stem(_path)) + ".";
        return
        [
            .. from path in Directory.EnumerateFiles(System.IO.Path.GetDirectoryName(_path)!, $"{prefix}*{extension}")
               let name = System.IO.Path.GetFileName(path)
               where name.Length > prefix.Length + extension.Length
               let place = Place(name[prefix.Length..^extension.Length])
               where place is not null
               select (path, place.Value),
        ];
    }

    private static (DateOnly Day, int Number)? Place(string middle) =>
        middle.Split('.') is [var day, var number] && DateOnly.TryParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) && int.TryParse(number, CultureInfo.InvariantCulture, out var count)
            ? (date, count) : null;
}
