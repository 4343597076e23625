using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Booking.Listings;
using Quitanda.Platform;

namespace Quitanda.Booking.Categories;

/// <summary>Changes a category's name, commission or position. Its slug stays. Bookings that are made keep the commission that they were made with.</summary>
internal static class ChangeListingCategory
{
    internal sealed record Request(
        [Required, StringLength(100)] Patch<string> Name = default,
        [Range(0.0, 100.0)] Patch<decimal> CommissionPercent = default,
        [Range(0, 1_000_000)] Patch<int> Position = default);

    public static async Task<Results<Ok<ListingCategory>, NotFound>> Handle(string slug, Request request, Db db, TimeProvider clock, CancellationToken ct)
    {
        var set = Sql.Of($"updated_at = {clock.GetUtcNow()}");
        if (request.Name.IsSet)
            set = $"{set}, name = {request.Name.Value}";
        if (request.CommissionPercent.IsSet)
            set = $"{set}, commission = {ListingCategory.Hundredths(request.CommissionPercent.Value)}";
        if (request.Position.IsSet)
            set = $"{set}, position = {request.Position.Value}";

        var changed = await db.ReadFirst(
            $"update booking.categories k set {set} where slug = {slug} returning {ListingCategory.Columns}", row => ListingCategory.Read(row, forAdmin: true), ct);
        if (changed is null)
            return TypedResults.NotFound();

        if (request.Name.IsSet)
            ListingSearch.Rename(db, slug, changed.Name);
        db.Evict(ListingCategory.All);
        return TypedResults.Ok(changed);
    }
}
