using Microsoft.AspNetCore.Http.Metadata;

namespace Quitanda.Platform;

/// <summary>Metadata of a route that reads its body itself, while it arrives: how long it may be, and what the API's document says of it.</summary>
/// <param name="bytesAtMost">Bytes of the body at the most; the server ends a longer one with 413.</param>
/// <param name="form">The record whose members are the fields of a form; null where the body is the bytes of a file.</param>
/// <param name="contentTypes">What it takes.</param>
public sealed class StreamedBody(long bytesAtMost, Type? form, params string[] contentTypes) : IRequestSizeLimitMetadata
{
    /// <summary>The fields of a form; null where the body is the bytes of a file.</summary>
    public Type? Form { get; } = form;

    /// <summary>What the route takes.</summary>
    public IReadOnlyList<string> ContentTypes { get; } = contentTypes;

    /// <inheritdoc/>
    public long? MaxRequestBodySize { get; } = bytesAtMost;
}

/// <summary>
/// Stands for a body that was streamed and is gone, so that the same <c>Idempotency-Key</c> with other content is found out. Whoever reads
/// the body puts it among the request's features, before the transaction begins.
/// </summary>
/// <param name="Sha256">Of everything in the body that matters.</param>
public sealed record BodyHash(byte[] Sha256);
