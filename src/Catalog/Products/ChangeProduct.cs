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

/// <summary>Changes a product. What is not in the request stays; a null clears. The slug stays, so that addresses keep working.</summary>
[Refuses("unusable_file")]
internal static class ChangeProduct
{
    /// <param name="Name">As people read it.</param>
    /// <param name="Description">What it is.</param>
    /// <param name="Price">In the catalog's currency.</param>
    /// <param name="CategoryId">Where it is found.</param>
    /// <param name="Stock">How many there are now; null where they are not counted any more.</param>
    /// <param name="IsAvailable">Whether it is on sale.</param>
    /// <param name="IsFeatured">Whether the shop puts it forward.</param>
    /// <param name="Tags">The shop's own words for it, all of them.</param>
    /// <param name="Nutrition">What a serving holds.</param>
    /// <param name="Metadata">The shop's own notes, all of them; null clears them.</param>
    /// <param name="ImageFileIds">Files that show it, all of them in this order; null or none takes them away.</param>
    /// <param name="OptionGroups">What may be chosen with it, all of it in this order; null or none takes it away. Groups and options that are sent with their ids stay what they are.</param>
    internal sealed record Request(
        [Required, StringLength(200)] Patch<string> Name = default,
        [StringLength(5000)] Patch<string> Description = default,
        Patch<Money> Price = default,
        Patch<Guid> CategoryId = default,
        [Range(0, AddProduct.StockAtMost)] Patch<int?> Stock = default,
        Patch<bool> IsAvailable = default,
        Patch<bool> IsFeatured = default,
        [MaxLength(AddProduct.TagsAtMost), Labels(50)] Patch<string[]?> Tags = default,
        Patch<Nutrition?> Nutrition = default,
        [Metadata] Patch<IReadOnlyDictionary<string, string>?> Metadata = default,
        [MaxLength(AddProduct.ImagesAtMost)] Patch<Guid[]?> ImageFileIds = default,
        [MaxLength(WrittenGroups.AtMost)] Patch<WrittenGroup[]?> OptionGroups = default);

    public static async Task<Results<Ok<Product>, NotFound>> Handle(
        Guid id, Request request, Db db, IFiles files, IOptions<CatalogSettings> settings, TimeProvider clock, CancellationToken ct)
    {
        if (request.Price.IsSet)
            settings.Value.Require(request.Price.Value, "price");
        var category = request.CategoryId.IsSet ? await Category.Hold(db, request.CategoryId.Value, ct) : null;
        var now = clock.GetUtcNow();
        if (!await Change(id, request, db, now, ct))
            return TypedResults.NotFound();
        if (request.ImageFileIds.IsSet)
        {
            var images = await files.Show(ProductImage.ShownBy, id, request.ImageFileIds.Value ?? [], ct);
            await db.Execute($"update catalog.products set images = {ProductImage.Stored(images)} where id = {id}", ct);
        }

        if (request.OptionGroups.IsSet)
            await WrittenGroups.Write(db, id, request.OptionGroups.Value ?? [], settings.Value, ct);

        Product.Evict(db, id);
        var changed = await Product.Find(db, id, new(files, now, ForStaff: true), ct);
        // One of these may have stayed, and only the row, locked now, knows how it reads.
        if (request.Name.IsSet || request.Description.IsSet || request.Tags.IsSet)
            SearchIndex.Change(db, id, changed!.Name, changed.Tags, changed.Description);
        if (category is not null)
            SearchIndex.Move(db, id, category);
        return TypedResults.Ok(changed);
    }

    private static async Task<bool> Change(Guid id, Request request, Db db, DateTimeOffset now, CancellationToken ct)
    {
        var set = Sql.Of($"updated_at = {now}");
        if (request.Name.IsSet)
            set = $"{set}, name = {request.Name.Value}, name_folded = {Folded.ForSorting(request.Name.Value)}";
        if (request.Description.IsSet)
            set = $"{set}, description = {request.Description.Value}";
        if (request.Price.IsSet)
            set = $"{set}, price_amount = {request.Price.Value.Amount}, currency = {request.Price.Value.Currency}";
        if (request.CategoryId.IsSet)
            set = $"{set}, category_id = {request.CategoryId.Value}";
        if (request.Stock.IsSet)
            set = $"{set}, stock = {request.Stock.Value}";
        if (request.IsAvailable.IsSet)
            set = $"{set}, is_available = {request.IsAvailable.Value}";
        if (request.IsFeatured.IsSet)
            set = $"{set}, is_featured = {request.IsFeatured.Value}";
        if (request.Tags.IsSet)
            set = $"{set}, tags = {LabelsAttribute.Kept(request.Tags.Value)}";
        if (request.Nutrition.IsSet)
            set = $"{set}, nutrition = {Sql.Json(request.Nutrition.Value)}";
        if (request.Metadata.IsSet)
            set = $"{set}, metadata = {Sql.Json(request.Metadata.Value ?? new Dictionary<string, string>(StringComparer.Ordinal))}";

        return await db.Execute($"update catalog.products set {set} where id = {id} and archived_at is null", ct) > 0;
    }
}
