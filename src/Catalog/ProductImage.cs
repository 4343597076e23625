using System.Text.Json;
using Quitanda.Files;
using Quitanda.Platform;

namespace Quitanda.Catalog;

/// <summary>An image of a product.</summary>
/// <param name="Id">The file.</param>
/// <param name="Url">Where anyone gets it. The same for good.</param>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
public sealed record ProductImage(Guid Id, [Impersonal] string Url, int Width, int Height)
{
    /// <summary>What products are to files.</summary>
    internal const string ShownBy = "product";

    private const string None = "[]";

    /// <summary>How images are kept with their product: without their addresses, which are a setting's.</summary>
    internal static Sql.JsonValue Stored(IReadOnlyList<ShownImage> images) => Sql.Json(images);

    /// <summary>The files alone.</summary>
    internal static Guid[] Ids(string stored) => stored == None ? [] : Array.ConvertAll(JsonSerializer.Deserialize<ShownImage[]>(stored, Wire.Stored)!, image => image.Id);

    internal static ProductImage[] Read(string stored, IFiles files) => stored == None ? [] :
        [.. JsonSerializer.Deserialize<ShownImage[]>(stored, Wire.Stored)!.Select(image => new ProductImage(image.Id, files.UrlOf(image.Id), image.Width, image.Height))];
}
