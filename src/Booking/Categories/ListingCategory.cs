using System.Collections.Frozen;
using System.Text.Json.Serialization;
using Npgsql;
using Quitanda.Platform;

namespace Quitanda.Booking.Categories;

/// <summary>A kind of what is rented out.</summary>
/// <param name="Slug">Its name in addresses, which it keeps.</param>
/// <param name="Name">As people read it.</param>
/// <param name="Position">Where it stands among the others: the lowest comes first.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="UpdatedAt">When it was changed last.</param>
/// <param name="CommissionPercent">What the house keeps of what is earned, for bookings from now on. Admins only.</param>
internal sealed record ListingCategory(
    string Slug,
    string Name,
    int Position,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] decimal? CommissionPercent = null)
{
    /// <summary>The tag of every answer that shows a category's name.</summary>
    public const string All = "listing-categories";

    /// <summary>Letters of a slug.</summary>
    public const int LongestSlug = 50;

    /// <summary>What a slug looks like.</summary>
    public const string SlugPattern = "^[a-z0-9]+(-[a-z0-9]+)*$";

    public static readonly Sql Columns = Sql.Raw("k.slug, k.name, k.position, k.created_at, k.updated_at, k.commission");

    public static ListingCategory Read(NpgsqlDataReader row, bool forAdmin) => new(
        row.GetString(0), row.GetString(1), row.GetInt32(2), row.GetFieldValue<DateTimeOffset>(3), row.GetFieldValue<DateTimeOffset>(4), forAdmin ? row.GetInt32(5) / 100m : null);

    /// <summary>A percentage in hundredths, as it is stored.</summary>
    /// <exception cref="InvalidException">It has more than two digits behind the point.</exception>
    public static int Hundredths(decimal percent) => percent * 100 is var hundredths && hundredths == decimal.Truncate(hundredths)
        ? (int)hundredths
        : throw new InvalidException("commissionPercent", "takes two digits behind the point at the most.");

    /// <summary>The slug that a name asks for.</summary>
    public static string SlugOf(string name) => Slugs.Of(name, "category", FrozenSet<string>.Empty, LongestSlug);

    /// <summary>Keeps a category from being deleted, or named otherwise, until this unit of work has ended, and gives its name: its listings are found by it.</summary>
    /// <exception cref="InvalidException">There is no such category.</exception>
    public static async Task<string> Hold(Db db, string slug, CancellationToken ct) =>
        await db.ReadFirst($"select name from booking.categories where slug = {slug} for share", row => row.GetString(0), ct) ?? throw new InvalidException("category", "is no category.");
}
