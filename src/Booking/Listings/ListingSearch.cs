using Quitanda.Platform;

namespace Quitanda.Booking.Listings;

/// <summary>Keeps what is searched in the same as the listings it tells of, in the transaction that changes them, and in the round trip that commits it.</summary>
internal static class ListingSearch
{
    /// <summary>A listing reads so from now on. Its row is locked by this unit of work, or is new, and its category is held against a new name.</summary>
    public static void Put(Db db, Listing listing, string category)
    {
        var (title, labels, city) = (SearchWords.OfName(listing.Title), SearchWords.Of(category), listing.CityWords);
        db.Write($"""
            insert into booking.listing_search (listing_id, category, title, labels, city, description)
            values ({listing.Id}, {listing.Category}, {title}, {labels}, {city}, {SearchWords.Of(listing.Description)})
            on conflict (listing_id) do update set
                category = excluded.category, title = excluded.title, labels = excluded.labels, city = excluded.city, description = excluded.description
            """);
        Learn(db, title, labels, city);
    }

    /// <summary>A category has another name, and so have its listings. In the order of their ids, as whoever else changes many.</summary>
    public static void Rename(Db db, string category, string name)
    {
        var labels = SearchWords.Of(name);
        db.Write($"""
            with locked as (
                select listing_id from booking.listing_search where category = {category} and labels <> {labels} order by listing_id for no key update
            )
            update booking.listing_search s set labels = {labels} from locked where s.listing_id = locked.listing_id
            """);
        Learn(db, labels);
    }

    /// <summary>A listing cannot be found any more.</summary>
    public static void Remove(Db db, Guid id) => db.Write($"delete from booking.listing_search where listing_id = {id}");

    private static void Learn(Db db, params string[] texts)
    {
        var words = SearchWords.Learned(texts);
        if (words.Length > 0)
            db.Write($"insert into booking.search_words (word) select word from unnest({words}) as word on conflict do nothing");
    }
}
