using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Files.Files;
using Quitanda.Platform;

namespace Quitanda.Files.Uploads;

/// <summary>
/// Takes a file: JPEG, PNG, WebP, GIF or PDF, told by its bytes and by nothing else. An image is kept without its comments, places and times, and without whatever
/// stands behind its end. The answer comes when the file is stored for good.
/// </summary>
[Refuses("malformed_multipart", 400), Refuses("malformed_file", 400), Refuses("image_too_large", 400), Refuses("request_timeout", 408), Refuses("quota_exceeded")]
internal static class UploadFile
{
    /// <param name="File">The file.</param>
    /// <param name="Visibility">Who may fetch it. For good: a file does not change.</param>
    internal sealed record Form(Stream File, Visibility Visibility = Visibility.Private);

    /// <summary>A request whose body is read, proved and stored before the transaction begins.</summary>
    internal sealed class Request(HttpContext http) : IPrepared, IAsyncDisposable
    {
        private Arrival? _arrival;

        /// <summary>The file that the intention was written for.</summary>
        public Guid Id { get; private set; }

        public Arrival Arrival => _arrival!;

        public static ValueTask<Request?> BindAsync(HttpContext context)
        {
            var request = new Request(context);
            context.Response.RegisterForDisposeAsync(request);
            return ValueTask.FromResult<Request?>(request);
        }

        public async Task Prepare(IServiceProvider services, CancellationToken ct)
        {
            var intake = services.GetRequiredService<Intake>();
            await using var raw = intake.Spool();
            var form = await intake.InTime(limit => UploadForm.Read(http.Request, raw, intake.Settings.MaxBytes, limit), ct);
            http.Features.Set(new BodyHash(SHA256.HashData([.. form.Sha256, .. Encoding.UTF8.GetBytes($"{form.Visibility.Name()}\n{form.SentName}")])));

            _arrival = await intake.Prove(raw, ct);
            Id = _arrival.Key.Id;
            var name = FileName.Clean(form.SentName, _arrival.Proven.Format);
            await intake.Intend(new NewFile(Id, Caller.Of(http)!, form.Visibility, _arrival.Proven.Format.ContentType, _arrival.Size, name, _arrival.Key, IsDirect: false), ct);
            await _arrival.Store(ct);
        }

        public async ValueTask DisposeAsync()
        {
            if (_arrival is not null)
                await _arrival.DisposeAsync();
        }
    }

    public static async Task<Created<FileDetails>> Handle(Request request, Db db, FileLinks links, TimeProvider clock, CancellationToken ct)
    {
        var arrival = request.Arrival;
        var file = await db.ReadFirst(
            $"""
            update files.files f set state = 'ready', width = {arrival.Proven.Width}, height = {arrival.Proven.Height}, sha256 = {arrival.Sha256}, updated_at = {clock.GetUtcNow()}
            where f.id = {request.Id} and f.state = 'uploading' returning {StoredFile.Columns}
            """, StoredFile.Read, ct)
            // Whoever took longer than an hour finds the intention collected.
            ?? throw new RefusedException("request_timeout", "The upload took too long.", StatusCodes.Status408RequestTimeout);
        arrival.IsKept = true;
        return TypedResults.Created(FileDetails.PathOf(file.Id), FileDetails.Of(file, links));
    }
}
