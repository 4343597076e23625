using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Quitanda.Files.Files;
using Quitanda.Files.Formats;
using Quitanda.Files.Stores;
using Quitanda.Platform;

namespace Quitanda.Files.Uploads;

/// <summary>Brings a file in: onto the disk while it arrives, proved and cleaned there, and into the store. No transaction is open meanwhile.</summary>
internal sealed partial class Intake(IFileStore store, Executor executor, IOptions<FileSettings> options, TimeProvider clock, ILogger<Intake> log) : IDisposable
{
    /// <summary>Files that are proved at once: each reads and writes as fast as the disk lets it.</summary>
    private readonly SemaphoreSlim _proving = new(Math.Max(2, Environment.ProcessorCount));

    public FileSettings Settings { get; } = options.Value;

    /// <summary>A place for bytes on their way.</summary>
    public FileStream Spool() => Uploads.Spool.Create(Path.Combine(Settings.Folder, "spool"));

    /// <summary>Runs what waits for a client's bytes, for as long as it may take.</summary>
    /// <exception cref="RefusedException"><c>request_timeout</c>.</exception>
    public async Task<T> InTime<T>(Func<CancellationToken, Task<T>> receive, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(TimeSpan.FromSeconds(Settings.UploadSeconds));
        try
        {
            return await receive(limit.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            throw new RefusedException("request_timeout", $"The file did not arrive within {Settings.UploadSeconds} s.", 408);
        }
    }

    /// <summary>Proves what was spooled, and makes the copy of it that is kept.</summary>
    public async Task<Arrival> Prove(FileStream raw, CancellationToken ct)
    {
        await raw.FlushAsync(ct);
        var clean = Spool();
        await _proving.WaitAsync(ct);
        try
        {
            var proven = FileFormat.Clean(raw, clean, Settings.Pixels);
            clean.Position = 0;
            return new Arrival(this, clean, proven, await SHA256.HashDataAsync(clean, ct), ObjectKey.New(clock.GetUtcNow()));
        }
        catch
        {
            await clean.DisposeAsync();
            throw;
        }
        finally
        {
            _proving.Release();
        }
    }

    /// <summary>Writes an object, within the time that the store has for it.</summary>
    public async Task Put(ObjectKey key, Stream content, string contentType, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(TimeSpan.FromSeconds(Settings.StoreSeconds));
        try
        {
            await store.Put(key, content, contentType, limit.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new StoreFailedException();
        }
    }

    /// <summary>Writes the row that says a file is on its way, so that whatever is left of it can be found.</summary>
    /// <exception cref="RefusedException"><c>quota_exceeded</c>.</exception>
    public Task Intend(NewFile file, CancellationToken ct) => executor.Run(provider => Intend(provider.GetRequiredService<Db>(), file, ct), ct);

    /// <summary>The same in a transaction that is open already.</summary>
    public async Task Intend(Db db, NewFile file, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var atMost = file.Owner.Is(Roles.Staff) ? long.MaxValue : Settings.UserMegaBytes * 1024L * 1024;
        var inserted = await db.Execute($"""
            insert into files.files (id, owner_id, is_of_staff, state, visibility, content_type, size, name, object_key, is_direct, created_at, updated_at)
            select {file.Id}, {file.Owner.Id}, {file.Owner.Is(Roles.Staff)}, 'uploading', {file.Visibility}, {file.ContentType}, {file.Size}, {file.Name}, {file.Key.ToString()}, {file.IsDirect}, {now}, {now}
            where {file.Size} + (select coalesce(sum(size), 0) from files.files where owner_id = {file.Owner.Id} and state <> 'deleted') <= {atMost}
            """, ct);
        if (inserted == 0)
            throw new RefusedException("quota_exceeded", $"You keep {Settings.UserMegaBytes} MB of files at the most; delete some first.");
    }

    /// <summary>Takes back an object that no file came of. Where that fails, the timer does it.</summary>
    public async Task Discard(ObjectKey key)
    {
        try
        {
            var name = key.ToString();
            var isNamed = await executor.Run(async provider =>
            {
                var db = provider.GetRequiredService<Db>();
                await db.Execute($"delete from files.files where object_key = {name} and state = 'uploading' and not is_direct", CancellationToken.None);
                return await db.ReadFirst($"select 1 from files.files where object_key = {name}", _ => true, CancellationToken.None);
            }, CancellationToken.None);
            if (!isNamed)
                await store.Delete(key, CancellationToken.None);
        }
        catch (Exception error)
        {
            NotDiscarded(log, key, error.Message);
        }
    }

    public void Dispose() => _proving.Dispose();

    [LoggerMessage(122, LogLevel.Warning, "The object {Key} is left for the timer to collect: {Reason}")]
    private static partial void NotDiscarded(ILogger log, ObjectKey key, string reason);
}

/// <summary>A file that is on its way.</summary>
internal sealed record NewFile(Guid Id, Caller Owner, Visibility Visibility, string ContentType, long Size, string Name, ObjectKey Key, bool IsDirect);

/// <summary>The proved copy of a file, and the object it becomes. What no file came of is taken back.</summary>
internal sealed class Arrival(Intake intake, FileStream clean, Proven proven, byte[] sha256, ObjectKey key) : IAsyncDisposable
{
    private bool _isStored;

    public Proven Proven { get; } = proven;

    public byte[] Sha256 { get; } = sha256;

    public ObjectKey Key { get; } = key;

    public long Size { get; } = clean.Length;

    /// <summary>Said by the use case that gave the object to a file.</summary>
    public bool IsKept { get; set; }

    public Task Store(CancellationToken ct)
    {
        _isStored = true;
        return intake.Put(Key, clean, Proven.Format.ContentType, ct);
    }

    public async ValueTask DisposeAsync()
    {
        await clean.DisposeAsync();
        if (_isStored && !IsKept)
            await intake.Discard(Key);
    }
}
