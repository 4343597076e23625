using System.IO.Compression;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace Quitanda.Platform;

/// <summary>An answer's body that is compressed once there is enough of it, if it is text that may be.</summary>
internal sealed class CompressedBody(HttpContext context, IHttpResponseBodyFeature inner, Coding coding, int fromBytes) : Stream, IHttpResponseBodyFeature
{
    private MemoryStream? _held;
    private Stream? _to;
    private PipeWriter? _writer;
    private bool _finished;

    /// <inheritdoc/>
    public Stream Stream => this;

    /// <inheritdoc/>
    public PipeWriter Writer => _writer ??= PipeWriter.Create(this, new StreamPipeWriterOptions(leaveOpen: true));

    public override bool CanRead => false;
    public override bool CanSeek => false;
    public override bool CanWrite => true;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>What is written from here on goes out as it is.</summary>
    public void LeaveAlone() => _to ??= inner.Stream;

    /// <inheritdoc/>
    public void DisableBuffering()
    {
        LeaveAlone();
        inner.DisableBuffering();
    }

    /// <summary>Sends what was held back: all there is, so its length is known.</summary>
    public async Task Finish()
    {
        if (_finished)
            return;
        _finished = true;
        if (_writer is not null)
            await _writer.CompleteAsync();
        if (_to is BrotliStream or GZipStream)
            await _to.DisposeAsync();
        if (_to is not null || _held is null)
            return;
        _to = inner.Stream;
        if (!context.Response.HasStarted)
            context.Response.ContentLength = _held.Length;
        await _to.WriteAsync(_held.GetBuffer().AsMemory(0, (int)_held.Length), context.RequestAborted);
    }

    /// <inheritdoc/>
    public async Task CompleteAsync()
    {
        await Finish();
        await inner.CompleteAsync();
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken = default) =>
        // The framework starts every answer of JSON before its first byte; which headers it has is only known with enough of them.
        _to is null && IsCompressible(context) ? Task.CompletedTask : inner.StartAsync(cancellationToken);

    /// <inheritdoc/>
    public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default)
    {
        Decide(count ?? 0);
        return _to == inner.Stream ? inner.SendFileAsync(path, offset, count, cancellationToken) : SendFileFallback.SendFileAsync(this, path, offset, count, cancellationToken);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        Decide(buffer.Length);
        if (_to is null)
        {
            Hold(buffer);
            return;
        }

        if (TakeHeld() is { } held)
            _to.Write(held.GetBuffer(), 0, (int)held.Length);
        _to.Write(buffer);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Decide(buffer.Length);
        if (_to is null)
        {
            Hold(buffer.Span);
            return;
        }

        if (TakeHeld() is { } held)
            await _to.WriteAsync(held.GetBuffer().AsMemory(0, (int)held.Length), cancellationToken);
        await _to.WriteAsync(buffer, cancellationToken);
    }

    public override void Flush()
    {
        Decide(0);
        _to?.Flush();
    }

    public override Task FlushAsync(CancellationToken cancellationToken)
    {
        Decide(0);
        return _to?.FlushAsync(cancellationToken) ?? Task.CompletedTask;
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <summary>Decides where the bytes go, as soon as that can be known: nowhere yet, out as they are, or through the compressor.</summary>
    private void Decide(long more)
    {
        if (_to is not null)
            return;
        if (!IsCompressible(context))
        {
            _to = inner.Stream;
            return;
        }

        var response = context.Response;
        var length = response.ContentLength;
        if (length < fromBytes)
            _to = inner.Stream;
        else if (length is not null || (_held?.Length ?? 0) + more >= fromBytes)
        {
            _to = coding == Coding.Brotli ? new BrotliStream(inner.Stream, CompressionLevel.Fastest, leaveOpen: true) : new GZipStream(inner.Stream, CompressionLevel.Fastest, leaveOpen: true);
            response.Headers.ContentEncoding = coding.Name();
            response.Headers.ContentLength = null;
            response.Headers.AcceptRanges = StringValues.Empty;
            response.Headers.ETag = Compression.With(Compression.Suffix(coding), response.Headers.ETag);
        }

        response.Headers.Vary = Varying(response.Headers.Vary);
    }

    private void Hold(ReadOnlySpan<byte> bytes) => (_held ??= new MemoryStream(fromBytes)).Write(bytes);

    private MemoryStream? TakeHeld()
    {
        var held = _held;
        _held = null;
        return held;
    }

    private static StringValues Varying(StringValues vary) =>
        vary.Count == 0 ? "Accept-Encoding" : vary.ToString().Contains("Accept-Encoding", StringComparison.OrdinalIgnoreCase) ? vary : StringValues.Concat(vary, "Accept-Encoding");

    private static bool IsCompressible(HttpContext context)
    {
        var response = context.Response;
        return response.StatusCode is not (StatusCodes.Status204NoContent or StatusCodes.Status206PartialContent or StatusCodes.Status304NotModified)
            && response.Headers.ContentEncoding.Count == 0 && response.Headers.ContentRange.Count == 0
            && IsText(response.ContentType) && context.GetEndpoint()?.Metadata.GetMetadata<AnswersSecretAttribute>() is null;
    }

    /// <summary>Text, and what is written in it. Not a stream of events, each of which must arrive when it happens.</summary>
    private static bool IsText(string? contentType)
    {
        var semicolon = contentType?.IndexOf(';', StringComparison.Ordinal) ?? -1;
        var type = (semicolon < 0 ? contentType : contentType.AsSpan(0, semicolon)).Trim();
        return type.StartsWith("text/", StringComparison.OrdinalIgnoreCase) ? !type.Equals("text/event-stream", StringComparison.OrdinalIgnoreCase)
            : type.EndsWith("json", StringComparison.OrdinalIgnoreCase) || type.EndsWith("xml", StringComparison.OrdinalIgnoreCase) || type.EndsWith("javascript", StringComparison.OrdinalIgnoreCase);
    }
}
