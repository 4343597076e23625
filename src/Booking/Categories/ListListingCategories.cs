using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Booking.Categories;

/// <summary>Lists the categories of listings, all of them, in their order.</summary>
internal static class ListListingCategories
{
    internal sealed record Response(IReadOnlyList<ListingCategory> Data);

    public static async Task<Ok<Response>> Handle(Caller? caller, Db db, Shown shown, CancellationToken ct)
    {
        shown.Tag(ListingCategory.All);
        var forAdmin = caller?.Is(Roles.Admin) == true;
        return TypedResults.Ok(new Response(await db.Read(
            $"select {ListingCategory.Columns} from booking.categories k order by k.position, k.slug limit {AddListingCategory.AtMost}", row => ListingCategory.Read(row, forAdmin), ct)));
    }
}
