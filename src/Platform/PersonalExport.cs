using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Quitanda.Platform;

/// <summary>Gives somebody everything that the modules hold about them.</summary>
public sealed class PersonalExport
{
    private readonly IPersonalData[] _held;
    private readonly Db _db;
    private readonly TimeProvider _clock;

    internal PersonalExport(IEnumerable<IPersonalData> held, Db db, TimeProvider clock) => (_held, _db, _clock) = ([.. held], db, clock);

    /// <summary>What is held about a person, read when it is sent.</summary>
    public File Of(Guid personId) => new(this, personId);

    private async Task Write(Stream to, Guid personId, CancellationToken ct)
    {
        await using var json = new Utf8JsonWriter(to, new JsonWriterOptions { Encoder = Wire.Json.Encoder });
        json.WriteStartObject();
        json.WriteString("personId"u8, personId);
        json.WritePropertyName("exportedAt"u8);
        JsonSerializer.Serialize(json, _clock.GetUtcNow(), Wire.Json);
        json.WriteStartObject("stays"u8);
        foreach (var held in _held)
            if (held.Stays is { } sentence)
                json.WriteString(held.Name, sentence);
        json.WriteEndObject();
        json.WriteStartObject("data"u8);
        foreach (var held in _held)
        {
            json.WriteStartArray(held.Name);
            await foreach (var one in held.Export(_db, personId, ct))
            {
                JsonSerializer.Serialize(json, one, one.GetType(), Wire.Json);
                await json.FlushAsync(ct);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>An export as its document shows it.</summary>
    /// <param name="PersonId">Whom it is about.</param>
    /// <param name="ExportedAt">When it was read.</param>
    /// <param name="Stays">What of a kind stays, and why, if its person is erased; a kind that is not here goes whole.</param>
    /// <param name="Data">Every kind of thing that is held, by name, and all of it that is about the person, as the API shows it.</param>
    [SchemaId("PersonalExport")]
    internal sealed record Contents(Guid PersonId, DateTimeOffset ExportedAt, IReadOnlyDictionary<string, string> Stays, IReadOnlyDictionary<string, IReadOnlyList<object>> Data);

    /// <summary>
    /// An export on its way out. It is whole before the first byte is sent, in memory while it is small and on the disk while it is not: a failure half-way is answered
    /// as one, and who reads slowly holds no connection to the database.
    /// </summary>
    public sealed class File : IResult, IEndpointMetadataProvider
    {
        private const int BytesInMemory = 1024 * 1024;

        private readonly PersonalExport _export;
        private readonly Guid _personId;

        internal File(PersonalExport export, Guid personId) => (_export, _personId) = (export, personId);

        /// <inheritdoc/>
        public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
            builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(Contents), ["application/json"]));

        /// <inheritdoc/>
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            await using var buffer = new FileBufferingWriteStream(BytesInMemory);
            await _export.Write(buffer, _personId, httpContext.RequestAborted);

            var response = httpContext.Response;
            response.ContentType = "application/json; charset=utf-8";
            response.ContentLength = buffer.Length;
            response.Headers.CacheControl = "no-store";
            response.Headers[HeaderNames.ContentDisposition] = "attachment; filename=\"export.json\"";
            await buffer.DrainBufferAsync(response.Body, httpContext.RequestAborted);
        }
    }
}
