using System.Globalization;
using Npgsql;
using Quitanda.Platform;

namespace Quitanda.Booking.Listings;

/// <summary>An order that a search can answer in.</summary>
/// <param name="Name">As the client says it.</param>
/// <param name="Key">What is sorted by, of a listing <c>l</c>; an index's own expression where there is one.</param>
/// <param name="Type">Its SQL type, for the cursor's way back.</param>
/// <param name="IsDescending">Whether the largest comes first.</param>
internal sealed record ListingOrder(string Name, Sql Key, string Type, bool IsDescending)
{
    /// <summary>What may be asked for.</summary>
    private const string Names = "price, -price, rating, distance, newest, relevance";

    private static readonly ListingOrder Newest = new("newest", Sql.Raw("l.created_at"), "timestamptz", IsDescending: true);
    private static readonly ListingOrder Cheapest = new("price", Sql.Raw("l.price"), "bigint", IsDescending: false);
    private static readonly ListingOrder Dearest = new("-price", Sql.Raw("l.price"), "bigint", IsDescending: true);
    private static readonly ListingOrder BestRated = new("rating", Sql.Raw("booking.rating(l.rating_sum, l.rating_count)"), "bigint", IsDescending: true);
    private static readonly ListingOrder MostRelevant = new("relevance", Sql.Raw("l.score"), "bigint", IsDescending: true);

    public Sql Way => Sql.Raw(IsDescending ? "desc" : "asc");

    /// <summary>The order that is asked for; without one, words are answered by relevance, places by distance, and all else the newest first.</summary>
    /// <exception cref="InvalidException">There is no such order, or not for this search.</exception>
    public static ListingOrder Of(string? sort, bool hasWords, Surroundings? near) => (sort ?? (hasWords ? "relevance" : near is null ? "newest" : "distance")) switch
    {
        "newest" => Newest,
        "price" => Cheapest,
        "-price" => Dearest,
        "rating" => BestRated,
        "relevance" => hasWords ? MostRelevant : throw new InvalidException("sort", "is by relevance only with search."),
        "distance" => near is { } here ? new("distance", here.Metres, "bigint", IsDescending: false) : throw new InvalidException("sort", "is by distance only with near."),
        _ => throw new InvalidException("sort", $"must be one of {Names}."),
    };

    /// <summary>The condition that a row comes after the one a cursor names.</summary>
    /// <exception cref="InvalidException">It is no cursor of this list in this order.</exception>
    public Sql Seek(string? after)
    {
        if (after is null)
            return Sql.Nothing;
        var (value, id) = Cursor.Read(after, Name);
        var isValue = Type == "bigint"
            ? long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out _)
            : DateTimeOffset.TryParseExact(value, "O", CultureInfo.InvariantCulture, DateTimeStyles.None, out _);
        if (!isValue)
            throw new InvalidException("after", "is not a cursor of this list.");
        return Sql.Of($"and ({Key}, l.id) {Sql.Raw(IsDescending ? "<" : ">")} ({value}::text::{Sql.Raw(Type)}, {id})");
    }

    /// <summary>The cursor after a row.</summary>
    public string CursorOf(NpgsqlDataReader row, int key, Guid id) => Cursor.Write(
        Name,
        Type == "bigint" ? row.GetInt64(key).ToString(CultureInfo.InvariantCulture) : row.GetFieldValue<DateTimeOffset>(key).ToString("O", CultureInfo.InvariantCulture),
        id);
}
