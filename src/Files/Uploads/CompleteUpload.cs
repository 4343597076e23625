using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Files.Files;
using Quitanda.Files.Formats;
using Quitanda.Files.Orphans;
using Quitanda.Files.Stores;
using Quitanda.Platform;

namespace Quitanda.Files.Uploads;

/// <summary>
/// Makes an announced file usable once its bytes are in the store: they are fetched, proved and cleaned like those of any upload, and what was sent is thrown away.
/// Completing again answers the same.
/// </summary>
[Refuses("upload_missing"), Refuses("unsupported_media_type", 415), Refuses("payload_too_large", 413), Refuses("malformed_file", 400), Refuses("image_too_large", 400), Refuses("request_timeout", 408)]
internal static class CompleteUpload
{
    /// <summary>A request for which the bytes are fetched, proved and stored anew before the transaction begins.</summary>
    internal sealed class Request(HttpContext http) : IPrepared, IAsyncDisposable
    {
        /// <summary>What the bytes proved to be; null where there is nothing to complete.</summary>
        public Arrival? Arrival { get; private set; }

        public static ValueTask<Request?> BindAsync(HttpContext context)
        {
            var request = new Request(context);
            context.Response.RegisterForDisposeAsync(request);
            return ValueTask.FromResult<Request?>(request);
        }

        public async Task Prepare(IServiceProvider services, CancellationToken ct)
        {
            if (!Guid.TryParse((string?)http.Request.RouteValues["id"], out var id))
                return;
            var owner = Caller.Of(http)!;
            var file = await services.GetRequiredService<Db>().ReadFirst(
                $"select {StoredFile.Columns} from files.files f where f.id = {id} and f.owner_id = {owner.Id} and f.state = 'uploading' and f.is_direct", StoredFile.Read, ct);
            if (file is null)
                return;

            var intake = services.GetRequiredService<Intake>();
            await using var raw = intake.Spool();
            await intake.InTime(limit => Fetch(services.GetRequiredService<IFileStore>(), file, raw, limit), ct);
            Arrival = await intake.Prove(raw, ct);
            if (Arrival.Proven.Format != FileFormat.Of(file.ContentType))
                throw new RefusedException("unsupported_media_type", $"The file was announced as {file.ContentType} and is {Arrival.Proven.Format.ContentType}.", StatusCodes.Status415UnsupportedMediaType);
            await Arrival.Store(ct);
        }

        public async ValueTask DisposeAsync()
        {
            if (Arrival is not null)
                await Arrival.DisposeAsync();
        }

        private static async Task<bool> Fetch(IFileStore store, StoredFile file, FileStream raw, CancellationToken ct)
        {
            await using var sent = await store.Open(file.Place(), length: null, ct)
                ?? throw new RefusedException("upload_missing", "Nothing has been sent yet.");
            if (sent.Length != file.Size)
                throw new RefusedException("malformed_file", $"The file was announced with {file.Size} bytes and has {sent.Length}.", StatusCodes.Status400BadRequest);
            await Spool.Fill(raw, sent, file.Size, ct);
            return true;
        }
    }

    public static async Task<Results<Ok<FileDetails>, NotFound>> Handle(Guid id, Request request, Caller owner, Db db, FileLinks links, TimeProvider clock, CancellationToken ct)
    {
        // Locked, so that of two that complete at once the second finds the file ready, and its own copy is taken back.
        var before = await db.ReadFirst($"select {StoredFile.Columns} from files.files f where f.id = {id} and f.owner_id = {owner.Id} and f.state <> 'deleted' for update", StoredFile.Read, ct);
        if (before is null)
            return TypedResults.NotFound();
        if (before.State == FileState.Ready)
            return TypedResults.Ok(FileDetails.Of(before, links));
        if (request.Arrival is not { } arrival)
            throw new RefusedException("upload_missing", "Nothing has been sent yet.");

        var now = clock.GetUtcNow();
        var file = await db.ReadFirst(
            $"""
            update files.files f set state = 'ready', object_key = {arrival.Key.ToString()}, size = {arrival.Size}, width = {arrival.Proven.Width}, height = {arrival.Proven.Height},
                sha256 = {arrival.Sha256}, updated_at = {now}
            where f.id = {id} returning {StoredFile.Columns}
            """, StoredFile.Read, ct);
        arrival.IsKept = true;
        db.Schedule(DeleteObject.Kind, new DeleteObject.Message(before.ObjectKey), now);
        return TypedResults.Ok(FileDetails.Of(file!, links));
    }
}
