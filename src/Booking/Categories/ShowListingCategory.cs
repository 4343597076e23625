using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Booking.Categories;

/// <summary>Shows one category of listings.</summary>
internal static class ShowListingCategory
{
    public static async Task<Results<Ok<ListingCategory>, NotFound>> Handle(string slug, Caller? caller, Db db, Shown shown, CancellationToken ct)
    {
        shown.Tag(ListingCategory.All);
        var forAdmin = caller?.Is(Roles.Admin) == true;
        var category = await db.ReadFirst($"select {ListingCategory.Columns} from booking.categories k where k.slug = {slug}", row => ListingCategory.Read(row, forAdmin), ct);
        return category is null ? TypedResults.NotFound() : TypedResults.Ok(category);
    }
}
