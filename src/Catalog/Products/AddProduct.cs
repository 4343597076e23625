using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Quitanda.Catalog.Categories;
using Quitanda.Catalog.Options;
using Quitanda.Catalog.Search;
using Quitanda.Files;
using Quitanda.Platform;

namespace Quitanda.Catalog.Products;

/// <summary>Adds a product. Its slug is made from the name, accents folded, and kept unique.</summary>
[Refuses("slug_taken"), Refuses("unusable_file")]
internal static class AddProduct
{
    /// <summary>Pieces of a product that can be counted.</summary>
    internal const int StockAtMost = 1_000_000_000;

    internal const int TagsAtMost = 20;

    internal const int ImagesAtMost = 20;

    /// <param name="Name">As people read it.</param>
    /// <param name="Description">What it is.</param>
    /// <param name="Price">In the catalog's currency.</param>
    /// <param name="CategoryId">Where it is found.</param>
    /// <param name="Stock">How many there are; null where they are not counted.</param>
    /// <param name="IsAvailable">Whether it is on sale.</param>
    /// <param name="IsFeatured">Whether the shop puts it forward.</param>
    /// <param name="Tags">The shop's own words for it.</param>
    /// <param name="Nutrition">What a serving holds.</param>
    /// <param name="Metadata">The shop's own notes, returned as given.</param>
    /// <param name="ImageFileIds">Files that show it, in this order: public images uploaded by staff.</param>
    /// <param name="OptionGroups">What may be chosen with it, in this order.</param>
    internal sealed record Request(
        [Required, StringLength(200)] string Name,
        [StringLength(5000)] string Description,
        Money Price,
        Guid CategoryId,
        [Range(0, StockAtMost)] int? Stock = null,
        bool IsAvailable = true,
        bool IsFeatured = false,
        [MaxLength(TagsAtMost), Labels(50)] string[]? Tags = null,
        Nutrition? Nutrition = null,
        [Metadata] IReadOnlyDictionary<string, string>? Metadata = null,
        [MaxLength(ImagesAtMost)] Guid[]? ImageFileIds = null,
        [MaxLength(WrittenGroups.AtMost)] WrittenGroup[]? OptionGroups = null);

    public static async Task<Created<Product>> Handle(Request request, Db db, IFiles files, IOptions<CatalogSettings> settings, TimeProvider clock, CancellationToken ct)
    {
        settings.Value.Require(request.Price, "price");
        var category = await Category.Hold(db, request.CategoryId, ct);

        var now = clock.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        var images = await files.Show(ProductImage.ShownBy, id, request.ImageFileIds ?? [], ct);
        var tags = LabelsAttribute.Kept(request.Tags);
        var metadata = Sql.Json(request.Metadata ?? new Dictionary<string, string>(StringComparer.Ordinal));
        var added = await Slugs.Claim(db, "catalog.products", Slug.Of(request.Name, "product"), slug => db.ReadFirst(
            $"""
            with p as (
                insert into catalog.products (
                    id, slug, name, name_folded, description, price_amount, currency, category_id,
                    stock, is_available, is_featured, tags, nutrition, metadata, images, ordered, created_at, updated_at)
                values (
                    {id}, {slug}, {request.Name}, {Folded.ForSorting(request.Name)}, {request.Description},
                    {request.Price.Amount}, {request.Price.Currency}, {request.CategoryId},
                    {request.Stock}, {request.IsAvailable}, {request.IsFeatured}, {tags}, {Sql.Json(request.Nutrition)}, {metadata}, {ProductImage.Stored(images)}, false, {now}, {now})
                on conflict (slug) where archived_at is null do nothing
                returning *
            )
            select {Product.Columns} from p join catalog.categories c on c.id = p.category_id
            """, reader => Product.Read(reader, new(files, now, ForStaff: true)), ct), ct);
        if (request.OptionGroups is { Length: > 0 } groups)
        {
            await WrittenGroups.Write(db, id, groups, settings.Value, ct);
            added = (await Product.Find(db, id, new(files, now, ForStaff: true), ct))!;
        }

        SearchIndex.Add(db, id, category, request.Name, tags, request.Description);
        Product.Evict(db, id);
        return TypedResults.Created($"/api/v1/products/{id}", added);
    }
}
