using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Catalog.Categories;

/// <summary>Adds a category, after the others unless a position is given. Its slug is made from the name and kept unique.</summary>
[Refuses("slug_taken")]
internal static class AddCategory
{
    internal sealed record Request(
        [Required, StringLength(100)] string Name,
        [StringLength(1000)] string? Description = null,
        [Range(0, 1_000_000)] int? Position = null);

    public static async Task<Created<Category>> Handle(Request request, Db db, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var added = await Slugs.Claim(db, "catalog.categories", Slug.Of(request.Name, "category"), slug => db.ReadFirst(
            $"""
            insert into catalog.categories as k (id, name, slug, description, position, created_at, updated_at)
            values ({Guid.CreateVersion7(now)}, {request.Name}, {slug}, {request.Description},
                coalesce({request.Position}, (select least(coalesce(max(position) + 1, 0), 1000000) from catalog.categories)), {now}, {now})
            on conflict (slug) do nothing
            returning {Category.Columns}
            """, Category.Read, ct), ct);
        db.Evict(Category.All);
        return TypedResults.Created($"/api/v1/categories/{added.Id}", added);
    }
}
