using System.Net;
using System.Runtime.CompilerServices;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Microsoft.Extensions.Logging;

namespace Quitanda.Files.Stores;

/// <summary>Objects of a bucket, at AWS or at whoever speaks its protocol.</summary>
internal sealed partial class S3Store : IFileStore, IDisposable
{
    private readonly S3Settings _settings;
    private readonly ILogger<S3Store> _log;
    private readonly AmazonS3Client _client;
    private readonly Protocol _protocol;

    public S3Store(S3Settings settings, FileSettings files, ILogger<S3Store> log)
    {
        (_settings, _log) = (settings, log);
        var config = new AmazonS3Config
        {
            AuthenticationRegion = settings.Region,
            ForcePathStyle = settings.PathStyle,
            ConnectTimeout = TimeSpan.FromSeconds(settings.ConnectSeconds),
            Timeout = TimeSpan.FromSeconds(files.StoreSeconds),
            MaxErrorRetry = 1,
            // Left alone the SDK adds checksums of its own in a trailer, which servers that do not know them refuse; the body is signed anyway.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        };
        if (settings.Endpoint.Length > 0)
            config.ServiceURL = settings.Endpoint;
        else
            config.RegionEndpoint = Amazon.RegionEndpoint.GetBySystemName(settings.Region);
        _protocol = settings.Endpoint.StartsWith("http://", StringComparison.OrdinalIgnoreCase) ? Protocol.HTTP : Protocol.HTTPS;
        _client = new AmazonS3Client(new BasicAWSCredentials(settings.AccessKey, settings.SecretKey), config);
    }

    public Task Put(ObjectKey key, Stream content, string contentType, CancellationToken ct) => Ask("put", key, async () =>
    {
        content.Position = 0;
        await _client.PutObjectAsync(new PutObjectRequest
        {
            BucketName = _settings.Bucket,
            Key = Named(key),
            InputStream = content,
            ContentType = contentType,
            AutoCloseStream = false,
            // The hash of the whole body in its header, which every server understands, rather than pieces signed one by one.
            UseChunkEncoding = false,
        }, ct);
        return true;
    }, ct);

    public async Task<Stream?> Open(ObjectKey key, long? length, CancellationToken ct)
    {
        if (length is { } known)
            return new S3Stream(this, key, known);
        var found = await Ask("find", key, () => _client.GetObjectMetadataAsync(new GetObjectMetadataRequest { BucketName = _settings.Bucket, Key = Named(key) }, ct), ct);
        return found is null ? null : new S3Stream(this, key, found.ContentLength);
    }

    public Task Delete(ObjectKey key, CancellationToken ct) =>
        Ask("delete", key, () => _client.DeleteObjectAsync(new DeleteObjectRequest { BucketName = _settings.Bucket, Key = Named(key) }, ct), ct);

    public async IAsyncEnumerable<ObjectKey> List(DateOnly day, [EnumeratorCancellation] CancellationToken ct)
    {
        var request = new ListObjectsV2Request { BucketName = _settings.Bucket, Prefix = $"{_settings.Prefix}{ObjectKey.FolderOf(day)}/" };
        ListObjectsV2Response? page;
        do
        {
            page = await Ask("list", default, () => _client.ListObjectsV2Async(request, ct), ct);
            foreach (var found in page?.S3Objects ?? [])
                if (ObjectKey.TryParse(found.Key[_settings.Prefix.Length..], out var key))
                    yield return key;
            request.ContinuationToken = page?.NextContinuationToken;
        }
        while (page?.IsTruncated == true);
    }

    public async Task<Uri?> SignUpload(ObjectKey key, string contentType, long size, TimeSpan lifetime)
    {
        var request = new GetPreSignedUrlRequest { BucketName = _settings.Bucket, Key = Named(key), Verb = HttpVerb.PUT, Protocol = _protocol, ContentType = contentType, Expires = EndOf(lifetime) };
        // Signed as well, so that the store takes this many bytes and no others.
        request.Headers["Content-Length"] = size.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return new(await _client.GetPreSignedURLAsync(request));
    }

    public async Task<Uri?> SignDownload(ObjectKey key, string contentType, string disposition, TimeSpan lifetime) => !_settings.Redirects ? null :
        new(await _client.GetPreSignedURLAsync(new GetPreSignedUrlRequest
        {
            BucketName = _settings.Bucket,
            Key = Named(key),
            Verb = HttpVerb.GET,
            Protocol = _protocol,
            Expires = EndOf(lifetime),
            ResponseHeaderOverrides = new ResponseHeaderOverrides { ContentType = contentType, ContentDisposition = disposition },
        }));

    public void Dispose() => _client.Dispose();

    internal async Task<GetObjectResponse> Get(ObjectKey key, long from, long to, CancellationToken ct) =>
        await Ask("get", key, () => _client.GetObjectAsync(new GetObjectRequest { BucketName = _settings.Bucket, Key = Named(key), ByteRange = new ByteRange(from, to) }, ct), ct)
        ?? throw new FileNotFoundException("The store has lost an object that a file names.", Named(key));

    /// <summary>The SDK signs with the time of day, whatever time our own clock has.</summary>
    private static DateTime EndOf(TimeSpan lifetime) => (TimeProvider.System.GetUtcNow() + lifetime).UtcDateTime;

    private string Named(ObjectKey key) => _settings.Prefix + key;

    /// <summary>Asks the store; null where it has no such object.</summary>
    private async Task<T?> Ask<T>(string what, ObjectKey key, Func<Task<T>> ask, CancellationToken ct)
    {
        try
        {
            return await ask();
        }
        catch (AmazonS3Exception missing) when (missing.StatusCode == HttpStatusCode.NotFound && missing.ErrorCode is not "NoSuchBucket")
        {
            return default;
        }
        catch (Exception error) when (error is AmazonServiceException or AmazonClientException or HttpRequestException or IOException or TimeoutException
            || (error is OperationCanceledException && !ct.IsCancellationRequested))
        {
            Failed(_log, error, what, key);
            throw new StoreFailedException();
        }
    }

    [LoggerMessage(121, LogLevel.Error, "The store did not {What} {Key}")]
    private static partial void Failed(ILogger log, Exception error, string what, ObjectKey key);
}

/// <summary>An object of a bucket that can be sought in: asked for from where the first read is, and only then.</summary>
internal sealed class S3Stream(S3Store store, ObjectKey key, long length) : Stream
{
    private Amazon.S3.Model.GetObjectResponse? _answer;
    private long _position;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position
    {
        get => _position;
        set
        {
            if (value == _position)
                return;
            _answer?.Dispose();
            _answer = null;
            _position = value;
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_position >= length || buffer.Length == 0)
            return 0;
        _answer ??= await store.Get(key, _position, length - 1, cancellationToken);
        var read = await _answer.ResponseStream.ReadAsync(buffer, cancellationToken);
        if (read == 0)
            throw new EndOfStreamException("The store ended an object before its end.");
        _position += read;
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => _position + offset,
        _ => length + offset,
    };

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("An object is read asynchronously.");

    public override void Flush() { }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _answer?.Dispose();
        base.Dispose(disposing);
    }
}
