namespace Quitanda.Catalog;

/// <summary>What products look like to whoever lists them beside something of their own. Every call joins the caller's transaction.</summary>
public interface IProductFaces
{
    /// <summary>Where to find products that are there to be seen, sold out or not, and what shows them. One that is not is left out.</summary>
    Task<IReadOnlyDictionary<Guid, ProductFace>> Of(IReadOnlyCollection<Guid> productIds, CancellationToken ct);
}

/// <summary>What a product looks like now.</summary>
/// <param name="Slug">Its name in addresses.</param>
/// <param name="Image">The first of its images; null where it has none.</param>
public sealed record ProductFace(string Slug, ProductImage? Image);
