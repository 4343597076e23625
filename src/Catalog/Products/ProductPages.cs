using Microsoft.Extensions.Options;
using Quitanda.Platform;

namespace Quitanda.Catalog.Products;

/// <summary>Products, for the site map.</summary>
internal sealed class ProductPages(IOptions<CatalogSettings> settings) : ISitemapSource
{
    public string Name => "products";

    public string Tag => Product.All;

    public string Template => settings.Value.ProductUrl;

    public Task<long> Count(Db db, CancellationToken ct) => db.ReadFirst($"select count(*) from catalog.products where archived_at is null", row => row.GetInt64(0), ct);

    public async Task<IReadOnlyList<SitemapPage>> Read(Db db, long skip, int take, CancellationToken ct) => await db.Read(
        $"select id, slug, updated_at from catalog.products where archived_at is null order by id limit {take} offset {skip}",
        row => new SitemapPage(row.GetGuid(0), row.GetString(1), row.GetFieldValue<DateTimeOffset>(2)), ct);
}
