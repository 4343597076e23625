using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Quitanda.Platform;

namespace Quitanda.Booking.Categories;

/// <summary>Deletes a category that has no listings, archived ones included: their bookings tell of it.</summary>
[Refuses("category_in_use")]
internal static class DeleteListingCategory
{
    public static async Task<Results<NoContent, NotFound>> Handle(string slug, Db db, CancellationToken ct)
    {
        try
        {
            if (await db.Execute($"delete from booking.categories where slug = {slug}", ct) == 0)
                return TypedResults.NotFound();
        }
        catch (PostgresException error) when (error.SqlState is PostgresErrorCodes.ForeignKeyViolation)
        {
            throw new RefusedException("category_in_use", "The category has listings. Move them first.");
        }

        db.Evict(ListingCategory.All);
        return TypedResults.NoContent();
    }
}
