using Quitanda.Platform;

namespace Quitanda.Files.Files;

/// <summary>A file, without its bytes.</summary>
/// <param name="Id">Its id.</param>
/// <param name="OwnerId">Who sent it; null once they have been erased.</param>
/// <param name="IsReady">Whether its bytes are stored and proved; before that there is nothing to fetch.</param>
/// <param name="Visibility">Who may fetch the bytes.</param>
/// <param name="ContentType">What its bytes prove it to be; before they have arrived, what was announced.</param>
/// <param name="Size">Bytes as they are served; before they have arrived, what was announced.</param>
/// <param name="Width">Pixels as it is shown; null where it is no image, or not here yet.</param>
/// <param name="Height">Pixels as it is shown; null where it is no image, or not here yet.</param>
/// <param name="Name">What it is called when it is saved: the name it was sent with, cleaned, with the ending of what it is.</param>
/// <param name="Url">Where the bytes are, for good: of a public file for anyone, of a private one for its owner and staff. Null until it is ready.</param>
/// <param name="Sha256">Of the bytes as they are served, in hexadecimal; null until it is ready.</param>
/// <param name="CreatedAt">When it was announced.</param>
/// <param name="UpdatedAt">When it became ready.</param>
internal sealed record FileDetails(
    Guid Id,
    [Person] Guid? OwnerId,
    bool IsReady,
    Visibility Visibility,
    [Impersonal] string ContentType,
    long Size,
    int? Width,
    int? Height,
    [Personal] string Name,
    [Impersonal] string? Url,
    [Impersonal] string? Sha256,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt)
{
    public static FileDetails Of(StoredFile file, FileLinks links)
    {
        var isReady = file.State == FileState.Ready;
        return new(
            file.Id, file.OwnerId, isReady, file.Visibility, file.ContentType, file.Size, file.Width, file.Height, file.Name, isReady ? links.ContentOf(file.Id) : null,
            file.Sha256 is { } hash ? Convert.ToHexStringLower(hash) : null, file.CreatedAt, file.UpdatedAt);
    }

    /// <summary>The path of a file.</summary>
    public static string PathOf(Guid id) => $"/api/v1/files/{id}";
}
