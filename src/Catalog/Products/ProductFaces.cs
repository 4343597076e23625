using Quitanda.Files;
using Quitanda.Platform;

namespace Quitanda.Catalog.Products;

/// <summary>Looks products up by their ids, in one statement.</summary>
internal sealed class ProductFaces(Db db, IFiles files) : IProductFaces
{
    public async Task<IReadOnlyDictionary<Guid, ProductFace>> Of(IReadOnlyCollection<Guid> productIds, CancellationToken ct) => productIds.Count == 0
        ? new Dictionary<Guid, ProductFace>()
        : (await db.Read(
            $"select id, slug, images from catalog.products where id = any({productIds.ToArray()}) and archived_at is null",
            row => (row.GetGuid(0), new ProductFace(row.GetString(1), ProductImage.Read(row.GetString(2), files) is [var first, ..] ? first : null)), ct)).ToDictionary();
}
