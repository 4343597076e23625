using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Booking.Categories;

/// <summary>Adds a category of listings, after the others unless a position is given. Without a slug it is made from the name.</summary>
[Refuses("slug_taken"), Refuses("too_many_categories")]
internal static class AddListingCategory
{
    /// <summary>Categories, at the most: they are listed all at once.</summary>
    internal const int AtMost = 200;

    /// <param name="Name">As people read it.</param>
    /// <param name="CommissionPercent">What the house keeps of what is earned, with two digits behind the point at the most.</param>
    /// <param name="Slug">Its name in addresses: small letters, digits and hyphens.</param>
    /// <param name="Position">Where it stands among the others.</param>
    internal sealed record Request(
        [Required, StringLength(100)] string Name,
        [Range(0.0, 100.0)] decimal CommissionPercent,
        [StringLength(ListingCategory.LongestSlug, MinimumLength = 1), RegularExpression(ListingCategory.SlugPattern)] string? Slug = null,
        [Range(0, 1_000_000)] int? Position = null);

    public static async Task<Created<ListingCategory>> Handle(Request request, Db db, TimeProvider clock, CancellationToken ct)
    {
        var (slug, commission, now) = (request.Slug ?? ListingCategory.SlugOf(request.Name), ListingCategory.Hundredths(request.CommissionPercent), clock.GetUtcNow());
        // One after the other, so that they are counted right.
        await db.Execute($"select pg_advisory_xact_lock(hashtextextended('booking.categories', 0))", ct);
        if (await db.ReadFirst($"select count(*) from booking.categories", row => row.GetInt64(0), ct) >= AtMost)
            throw new RefusedException("too_many_categories", $"There are {AtMost} categories at the most.");
        var added = await db.ReadFirst(
            $"""
            insert into booking.categories as k (slug, name, commission, position, created_at, updated_at)
            values ({slug}, {request.Name}, {commission}, coalesce({request.Position}, (select least(coalesce(max(position) + 1, 0), 1000000) from booking.categories)), {now}, {now})
            on conflict (slug) do nothing
            returning {ListingCategory.Columns}
            """, row => ListingCategory.Read(row, forAdmin: true), ct)
            ?? throw new RefusedException("slug_taken", "There is a category of this slug.");
        db.Evict(ListingCategory.All);
        return TypedResults.Created($"/api/v1/listing-categories/{added.Slug}", added);
    }
}
