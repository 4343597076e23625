using Quitanda.Platform;

namespace Quitanda.Catalog.Search;

/// <summary>Keeps what is searched in the same as what it tells of, in the transaction that changes that, and in the round trip that commits it.</summary>
internal static class SearchIndex
{
    /// <summary>A new product can be found.</summary>
    /// <param name="db">The unit of work, which holds the category against a new name.</param>
    /// <param name="id">The product.</param>
    /// <param name="category">Where it is found.</param>
    /// <param name="name">Its name.</param>
    /// <param name="tags">Its tags.</param>
    /// <param name="description">Its description.</param>
    public static void Add(Db db, Guid id, HeldCategory category, string name, string[] tags, string description)
    {
        var (named, labels, shelf) = (SearchWords.OfName(name), LabelsOf(tags), SearchWords.Of(category.Name));
        db.Write($"""
            insert into catalog.product_search (product_id, category_id, name, labels, category, description)
            values ({id}, {category.Id}, {named}, {labels}, {shelf}, {SearchWords.Of(description)})
            """);
        Learn(db, named, labels, shelf);
    }

    /// <summary>A product reads otherwise. Its row is locked by this unit of work, so whoever changes it next comes after.</summary>
    public static void Change(Db db, Guid id, string name, string[] tags, string description)
    {
        var (named, labels) = (SearchWords.OfName(name), LabelsOf(tags));
        db.Write($"update catalog.product_search set name = {named}, labels = {labels}, description = {SearchWords.Of(description)} where product_id = {id}");
        Learn(db, named, labels);
    }

    /// <summary>A product is in another category, which this unit of work holds against a new name.</summary>
    public static void Move(Db db, Guid id, HeldCategory category) =>
        db.Write($"update catalog.product_search set category_id = {category.Id}, category = {SearchWords.Of(category.Name)} where product_id = {id}");

    /// <summary>A category has another name, and so have its products. In the order of their ids, as whoever else changes many.</summary>
    public static void Rename(Db db, Guid categoryId, string name)
    {
        var shelf = SearchWords.Of(name);
        // By the category's id beside the words: one that is being moved is judged again when the mover has committed.
        db.Write($"""
            with locked as (
                select product_id from catalog.product_search where category_id = {categoryId} and category <> {shelf} order by product_id for no key update
            )
            update catalog.product_search s set category = {shelf} from locked where s.product_id = locked.product_id
            """);
        Learn(db, shelf);
    }

    /// <summary>A product cannot be found any more. One that is deleted takes its row along.</summary>
    public static void Remove(Db db, Guid id) => db.Write($"delete from catalog.product_search where product_id = {id}");

    /// <summary>The tags of a product as they are searched.</summary>
    public static string LabelsOf(string[] tags) => SearchWords.Of(string.Join(' ', tags));

    private static void Learn(Db db, params string[] texts)
    {
        var words = SearchWords.Learned(texts);
        if (words.Length > 0)
            db.Write($"insert into catalog.search_words (word) select word from unnest({words}) as word on conflict do nothing");
    }
}

/// <summary>A category that keeps its name until this unit of work has ended.</summary>
internal sealed record HeldCategory(Guid Id, string Name);
