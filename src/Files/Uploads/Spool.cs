using System.Buffers;
using System.Security.Cryptography;
using Quitanda.Platform;

namespace Quitanda.Files.Uploads;

/// <summary>A place on the disk for bytes on their way. On Unix it has no name once it is open, so that nothing is left of it however the process ends.</summary>
internal static class Spool
{
    public static FileStream Create(string folder)
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, $"{Guid.CreateVersion7():N}.tmp");
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.Delete, BufferSize = 64 * 1024 };
        if (OperatingSystem.IsWindows())
            return new FileStream(path, new FileStreamOptions { Mode = options.Mode, Access = options.Access, Share = options.Share, BufferSize = options.BufferSize, Options = FileOptions.DeleteOnClose });
        options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var file = new FileStream(path, options);
        File.Delete(path);
        return file;
    }

    /// <summary>Copies <paramref name="source"/> to its end, hashing what goes by.</summary>
    /// <exception cref="RefusedException"><c>payload_too_large</c>: there is more than <paramref name="atMost"/>.</exception>
    public static async Task<byte[]> Fill(FileStream file, Stream source, long atMost, CancellationToken ct)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
        try
        {
            for (var left = atMost; ;)
            {
                var read = await source.ReadAsync(buffer, ct);
                if (read == 0)
                    return hash.GetHashAndReset();
                left -= read;
                if (left < 0)
                    throw TooLarge(atMost);
                hash.AppendData(buffer, 0, read);
                await file.WriteAsync(buffer.AsMemory(0, read), ct);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public static RefusedException TooLarge(long atMost) => new("payload_too_large", $"A file has at most {atMost} bytes.", 413);
}
