using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Quitanda.Platform;

namespace Quitanda.Catalog.Csv;

/// <summary>
/// Takes a CSV file of products, as the body or as the field <c>file</c> of a form. Each row changes the product of its id or its slug, or adds one. It is read while it
/// arrives, and a job takes it over: all of it in one transaction, or nothing where one row is bad. The answer says where to ask how far that has come.
/// </summary>
[Refuses("malformed_csv", 400), Refuses("malformed_multipart", 400), Refuses("too_many_rows", 413), Refuses("request_timeout", 408)]
internal static class ImportProducts
{
    /// <param name="File">The CSV file.</param>
    internal sealed record Form(Stream File);

    /// <summary>A request whose rows are read and put aside before the transaction begins.</summary>
    internal sealed class Request(HttpContext http) : IPrepared, IAsyncDisposable
    {
        private ImportIntake? _intake;

        public Guid Id => _intake!.Id;

        /// <summary>Whether the import is on its way to its job.</summary>
        public bool IsKept { get; set; }

        public static ValueTask<Request?> BindAsync(HttpContext context)
        {
            var request = new Request(context);
            context.Response.RegisterForDisposeAsync(request);
            return ValueTask.FromResult<Request?>(request);
        }

        public async Task Prepare(IServiceProvider services, CancellationToken ct)
        {
            var settings = services.GetRequiredService<IOptions<CatalogSettings>>().Value;
            _intake = new ImportIntake(services.GetRequiredService<Executor>(), settings, services.GetRequiredService<TimeProvider>(), Caller.Of(http)!.Id);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
            limit.CancelAfter(TimeSpan.FromSeconds(settings.ImportSeconds));
            using var hash = SHA256.Create();
            try
            {
                var file = await FileOf(http.Request, limit.Token);
                await using var hashed = new CryptoStream(file, hash, CryptoStreamMode.Read, leaveOpen: true);
                using var text = new StreamReader(hashed, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true, throwOnInvalidBytes: true), detectEncodingFromByteOrderMarks: false, bufferSize: 64 * 1024);
                await _intake.Take(text, limit.Token);
            }
            catch (OperationCanceledException) when (limit.IsCancellationRequested && !ct.IsCancellationRequested)
            {
                throw new RefusedException("request_timeout", $"The file did not arrive within {settings.ImportSeconds} s.", StatusCodes.Status408RequestTimeout);
            }
            catch (Exception error) when (error is InvalidDataException || (error is IOException && error is not BadHttpRequestException && !ct.IsCancellationRequested))
            {
                throw Malformed("it does not end, or a part of it has no proper beginning");
            }

            http.Features.Set(new BodyHash(hash.Hash ?? SHA256.HashData([])));
        }

        /// <summary>Takes back what nothing came of: a file that is none, or one that came a second time with its key.</summary>
        public async ValueTask DisposeAsync()
        {
            if (_intake is not null && !IsKept)
                await _intake.Discard();
        }
    }

    public static async Task<Accepted<Import>> Handle(Request request, Db db, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var import = await db.ReadFirst(
            $"""
            update catalog.imports i set state = case when bad_rows > 0 then 'refused' else 'waiting' end, updated_at = {now}, finished_at = case when bad_rows > 0 then {now} end
            where id = {request.Id} and state = 'receiving' returning {Import.Columns}
            """, Import.Read, ct)
            // Whoever took longer than an hour finds it collected.
            ?? throw new RefusedException("request_timeout", "The file took too long.", StatusCodes.Status408RequestTimeout);
        if (import.State == ImportState.Waiting)
            db.Schedule(ApplyImport.Kind, new ApplyImport.Message(import.Id), now);
        else
            await db.Execute($"delete from catalog.import_rows where import_id = {import.Id}", ct);
        request.IsKept = true;
        return TypedResults.Accepted($"/api/v1/products/imports/{import.Id}", import);
    }

    private static async Task<Stream> FileOf(HttpRequest request, CancellationToken ct)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type))
            throw Unsupported();
        if (type.MediaType.Equals("text/csv", StringComparison.OrdinalIgnoreCase))
            return request.Body;
        if (!type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase))
            throw Unsupported();
        if (HeaderUtilities.RemoveQuotes(type.Boundary).Value is not { Length: > 0 and <= 70 } boundary)
            throw Malformed("it has no proper boundary");

        var part = await new MultipartReader(boundary, request.Body) { HeadersCountLimit = 8, HeadersLengthLimit = 4096 }.ReadNextSectionAsync(ct) ?? throw new InvalidException("file", "is required.");
        if (!ContentDispositionHeaderValue.TryParse(part.ContentDisposition, out var disposition) || !disposition.DispositionType.Equals("form-data", StringComparison.OrdinalIgnoreCase))
            throw Malformed("a part does not say which field it is");
        var field = HeaderUtilities.RemoveQuotes(disposition.Name).Value ?? "";
        return field == "file" ? part.Body : throw new RefusedException("unknown_field", $"'{field[..Math.Min(field.Length, 40)]}' is not a field of this form.", StatusCodes.Status400BadRequest);
    }

    private static RefusedException Malformed(string why) => new("malformed_multipart", $"The body is not a form: {why}.", StatusCodes.Status400BadRequest);

    private static RefusedException Unsupported() => new("unsupported_media_type", "The body must be text/csv or multipart/form-data.", StatusCodes.Status415UnsupportedMediaType);
}
