using Quitanda.Platform;

namespace Quitanda.Files;

/// <summary>What other modules may ask of files. Every call joins the caller's transaction; none touches the bytes.</summary>
public interface IFiles
{
    /// <summary>
    /// Has a thing show exactly these images, in place of those it showed before, and gives them in the order asked. While it shows them they cannot be deleted.
    /// A file that can be shown never changes, so what is given here stays true.
    /// </summary>
    /// <param name="kind">What shows them: <c>product</c>.</param>
    /// <param name="usedBy">Which one.</param>
    /// <param name="fileIds">Each once; none where nothing is shown any more.</param>
    /// <param name="ct">Ends the work.</param>
    /// <exception cref="RefusedException"><c>unusable_file</c> (409), whose facts name them: not there, not ready, not public, no image, or not uploaded by staff.</exception>
    Task<IReadOnlyList<ShownImage>> Show(string kind, Guid usedBy, IReadOnlyList<Guid> fileIds, CancellationToken ct);

    /// <summary>The same as <see cref="Show"/> for many things at once, which may share images: those of each by its id.</summary>
    /// <exception cref="RefusedException"><c>unusable_file</c> (409), as there.</exception>
    Task<IReadOnlyDictionary<Guid, IReadOnlyList<ShownImage>>> ShowAll(string kind, IReadOnlyDictionary<Guid, IReadOnlyList<Guid>> fileIds, CancellationToken ct);

    /// <summary>Those of some files that <see cref="Show"/> would take now. Nothing is held, so it may be otherwise a moment later.</summary>
    Task<IReadOnlySet<Guid>> Showable(IReadOnlyCollection<Guid> fileIds, CancellationToken ct);

    /// <summary>
    /// Has a thing that is somebody's, such as an account, show exactly these public images that they sent themselves, in place of those it showed before, and gives them in the
    /// order asked; they cannot be deleted meanwhile. Who shows such images lets go of them when their person is erased: before the files go.
    /// </summary>
    /// <param name="kind">What shows them: <c>avatar</c>, <c>listing</c>.</param>
    /// <param name="usedBy">Which one.</param>
    /// <param name="ownerId">Whose they must be.</param>
    /// <param name="fileIds">Each once; none where nothing is shown any more.</param>
    /// <param name="ct">Ends the work.</param>
    /// <exception cref="RefusedException"><c>unusable_file</c> (409), whose facts name them: not there, not ready, not public, no image, or somebody else's.</exception>
    Task<IReadOnlyList<ShownImage>> ShowOwn(string kind, Guid usedBy, Guid ownerId, IReadOnlyList<Guid> fileIds, CancellationToken ct);

    /// <summary>The same for a thing that shows one image, or none.</summary>
    /// <param name="kind">What shows it: <c>avatar</c>.</param>
    /// <param name="usedBy">Which one.</param>
    /// <param name="ownerId">Whose it must be.</param>
    /// <param name="fileId">The image; null shows none any more.</param>
    /// <param name="ct">Ends the work.</param>
    /// <exception cref="RefusedException"><c>unusable_file</c> (409): not there, not ready, not public, no image, or somebody else's.</exception>
    Task<ShownImage?> ShowOwn(string kind, Guid usedBy, Guid ownerId, Guid? fileId, CancellationToken ct);

    /// <summary>Where anyone gets the bytes of a public file. The same for good.</summary>
    string UrlOf(Guid fileId);
}

/// <summary>An image that is shown.</summary>
/// <param name="Id">The file.</param>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
public sealed record ShownImage(Guid Id, int Width, int Height);
