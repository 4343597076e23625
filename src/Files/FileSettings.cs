using System.ComponentModel.DataAnnotations;

namespace Quitanda.Files;

/// <summary>Settings of files. Section <c>Files</c>.</summary>
public sealed record FileSettings
{
    /// <summary>
    /// The folder of files, and of uploads on their way. Empty is <c>files</c> in the data folder. Several processes on one database share it, or use S3.
    /// </summary>
    public string Folder { get; init; } = "";

    /// <summary>Bytes of a file at the most; above, 413.</summary>
    [Range(1024, 100 * 1024 * 1024)]
    public int MaxBytes { get; init; } = 5 * 1024 * 1024;

    /// <summary>Pixels of an image at the most, width times height: small files can unpack to huge images.</summary>
    [Range(1, 1_000_000_000)]
    public int MaxPixels { get; init; } = 50_000_000;

    /// <summary>Megabytes that somebody who is not staff may keep.</summary>
    [Range(1, 1_000_000)]
    public int UserMegaBytes { get; init; } = 200;

    /// <summary>Seconds that an upload may take to arrive; then 408.</summary>
    [Range(1, 3600)]
    public int UploadSeconds { get; init; } = 300;

    /// <summary>Seconds that the store may take for a file; then 503.</summary>
    [Range(1, 20)]
    public int StoreSeconds { get; init; } = 10;

    /// <summary>Minutes that a signed link is good for, either way.</summary>
    [Range(1, 60)]
    public int LinkMinutes { get; init; } = 15;

    /// <summary>What stands before <c>/api/v1/files</c> in the addresses of files, such as that of a network that keeps copies. Empty is the host that is asked.</summary>
    [RegularExpression("^(https?://[^\\s?#]+[^\\s?#/])?$")]
    public string BaseUrl { get; init; } = "";

    internal Formats.PixelLimit Pixels => new(MaxPixels);
}

/// <summary>Settings of the S3-compatible store that is used instead of the folder once a bucket is named. Section <c>S3</c>.</summary>
public sealed record S3Settings
{
    /// <summary>The bucket, which is there already. Empty keeps files in the folder.</summary>
    [StringLength(255)]
    public string Bucket { get; init; } = "";

    /// <summary>Where the store answers, such as <c>https://s3.example.com</c>. Empty is AWS's own address in the region.</summary>
    [RegularExpression("^(https?://[^\\s?#]+)?$")]
    public string Endpoint { get; init; } = "";

    /// <summary>The region that requests are signed for.</summary>
    [Required, StringLength(100)]
    public string Region { get; init; } = "us-east-1";

    /// <summary>The access key.</summary>
    public string AccessKey { get; init; } = "";

    /// <summary>The secret key.</summary>
    public string SecretKey { get; init; } = "";

    /// <summary>Whether the bucket stands in the path rather than in the host's name, as most stores of one's own want it.</summary>
    public bool PathStyle { get; init; } = true;

    /// <summary>What stands before every key in the bucket, such as <c>shop/</c>.</summary>
    [RegularExpression("^([a-z0-9-]+/)*$"), StringLength(200)]
    public string Prefix { get; init; } = "";

    /// <summary>Whether downloads are sent on to the store by a signed address, rather than passed through.</summary>
    public bool Redirects { get; init; }

    /// <summary>Seconds to wait for a connection to the store.</summary>
    [Range(1, 20)]
    public int ConnectSeconds { get; init; } = 2;

    /// <summary>Which settings there are, and nothing of their values.</summary>
    public override string ToString() => nameof(S3Settings);
}
