using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace Quitanda.Files.Stores;

/// <summary>Objects as files of a folder. One is written aside, brought to the disk and then given its name, so that under its name it is whole.</summary>
internal sealed partial class DiskStore(string folder, ILogger<DiskStore> log) : IFileStore
{
    private const string Unfinished = ".part";

    private readonly string _objects = Path.Combine(folder, "objects");

    public async Task Put(ObjectKey key, Stream content, string contentType, CancellationToken ct)
    {
        var path = PathOf(key);
        var aside = path + Unfinished;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            content.Position = 0;
            await using (var file = new FileStream(aside, Writing()))
            {
                await content.CopyToAsync(file, ct);
                file.Flush(flushToDisk: true);
            }

            File.Move(aside, path, overwrite: true);
            KeepName(Path.GetDirectoryName(path)!);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            NotWritten(log, error, key);
            File.Delete(aside);
            throw new StoreFailedException();
        }
    }

    public Task<Stream?> Open(ObjectKey key, long? length, CancellationToken ct)
    {
        try
        {
            return Task.FromResult<Stream?>(new FileStream(PathOf(key), new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.Read, Share = FileShare.Read | FileShare.Delete, Options = FileOptions.Asynchronous, BufferSize = 0 }));
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
        {
            return Task.FromResult<Stream?>(null);
        }
    }

    public Task Delete(ObjectKey key, CancellationToken ct)
    {
        var path = PathOf(key);
        if (!Directory.Exists(Path.GetDirectoryName(path)))
            return Task.CompletedTask;
        File.Delete(path);
        File.Delete(path + Unfinished);
        return Task.CompletedTask;
    }

    public async IAsyncEnumerable<ObjectKey> List(DateOnly day, [EnumeratorCancellation] CancellationToken ct)
    {
        var ofDay = Path.Combine(_objects, ObjectKey.FolderOf(day));
        if (!Directory.Exists(ofDay))
            yield break;
        foreach (var path in Directory.EnumerateFiles(ofDay))
        {
            ct.ThrowIfCancellationRequested();
            var name = Path.GetFileName(path);
            if (ObjectKey.TryParse($"{ObjectKey.FolderOf(day)}/{(name.EndsWith(Unfinished, StringComparison.Ordinal) ? name[..^Unfinished.Length] : name)}", out var key))
                yield return key;
        }

        await Task.CompletedTask;
    }

    public Task<Uri?> SignUpload(ObjectKey key, string contentType, long size, TimeSpan lifetime) => Task.FromResult<Uri?>(null);

    public Task<Uri?> SignDownload(ObjectKey key, string contentType, string disposition, TimeSpan lifetime) => Task.FromResult<Uri?>(null);

    private string PathOf(ObjectKey key) => Path.Combine(_objects, key.ToString());

    private static FileStreamOptions Writing()
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Options = FileOptions.Asynchronous, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return options;
    }

    /// <summary>Brings a new name in a folder to the disk, which on Unix is the folder's own content; the framework opens no folders.</summary>
    private static void KeepName(string folder)
    {
        if (OperatingSystem.IsWindows())
            return;
        var descriptor = OpenPath(folder, 0);
        if (descriptor < 0)
            throw new IOException($"The folder of files cannot be opened: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}.");
        var failed = Sync(descriptor) != 0;
        var error = Marshal.GetLastPInvokeError();
        _ = Close(descriptor);
        if (failed)
            throw new IOException($"The folder of files cannot be brought to the disk: {Marshal.GetPInvokeErrorMessage(error)}.");
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int OpenPath([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Sync(int descriptor);

    [DllImport("libc", EntryPoint = "close", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Close(int descriptor);

    [LoggerMessage(120, LogLevel.Error, "The object {Key} could not be written")]
    private static partial void NotWritten(ILogger log, Exception error, ObjectKey key);
}
