using Quitanda.Platform;

namespace Quitanda.Files.Stores;

/// <summary>
/// Where the bytes of files are. Objects are written whole or not at all, under keys of our own making, and never changed; every call goes outside, so none
/// is made inside a transaction.
/// </summary>
internal interface IFileStore
{
    /// <summary>Writes all of <paramref name="content"/> as one object. Only when it has returned is the object there, and then it stays through a power cut.</summary>
    Task Put(ObjectKey key, Stream content, string contentType, CancellationToken ct);

    /// <summary>An object's bytes, which can be sought in; null where there is none.</summary>
    /// <param name="key">The object.</param>
    /// <param name="length">Its length, where it is known; else it is asked for.</param>
    /// <param name="ct">Ends the waiting.</param>
    Task<Stream?> Open(ObjectKey key, long? length, CancellationToken ct);

    /// <summary>Deletes an object, whether it is there or not.</summary>
    Task Delete(ObjectKey key, CancellationToken ct);

    /// <summary>The keys of objects that were begun on a day, finished or not.</summary>
    IAsyncEnumerable<ObjectKey> List(DateOnly day, CancellationToken ct);

    /// <summary>Where a client may send exactly these bytes itself; null where that is a route of our own.</summary>
    Task<Uri?> SignUpload(ObjectKey key, string contentType, long size, TimeSpan lifetime);

    /// <summary>Where a client may fetch the object itself; null where it is to be passed through.</summary>
    Task<Uri?> SignDownload(ObjectKey key, string contentType, string disposition, TimeSpan lifetime);
}

/// <summary>The store could not do what it was asked for. 503: nothing of the file is kept.</summary>
internal sealed class StoreFailedException() : RefusedException("unavailable", "The store of files does not answer.", 503);

/// <summary>The name of an object: the day it was begun and an id of its own, so that nothing a client sent is part of a path and a day's objects lie together.</summary>
[System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Auto)]
internal readonly record struct ObjectKey
{
    private ObjectKey(Guid id, DateTimeOffset begunAt) => (Id, BegunAt) = (id, begunAt);

    public Guid Id { get; }

    /// <summary>As the id itself says, to the millisecond.</summary>
    public DateTimeOffset BegunAt { get; }

    public static ObjectKey New(DateTimeOffset now) => Of(Guid.CreateVersion7(now));

    /// <summary>The key that <see cref="ToString"/> wrote.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static ObjectKey Parse(string text) => TryParse(text, out var key) ? key : throw new FormatException($"'{text}' is no key of an object.");

    public static bool TryParse(string text, out ObjectKey key)
    {
        key = Guid.TryParseExact(text[(text.LastIndexOf('/') + 1)..], "N", out var id) ? Of(id) : default;
        return key.Id != Guid.Empty && key.ToString() == text;
    }

    /// <summary>The folder of a day.</summary>
    public static string FolderOf(DateOnly day) => day.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);

    public override string ToString() => $"{FolderOf(DateOnly.FromDateTime(BegunAt.UtcDateTime))}/{Id:N}";

    private static ObjectKey Of(Guid id)
    {
        // The first 48 bits of version 7 are milliseconds (RFC 9562, 5.7).
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        var milliseconds = System.Buffers.Binary.BinaryPrimitives.ReadInt64BigEndian(bytes) >>> 16;
        return new(id, milliseconds <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds() ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) : DateTimeOffset.UnixEpoch);
    }
}
