using Quitanda.Content.Markup;
using Quitanda.Platform;

namespace Quitanda.Content.Posts;

/// <summary>Keeps what is searched in, and what tags show, the same as the posts they tell of, in the transaction that changes these.</summary>
internal static class PostIndex
{
    /// <summary>What is made of a name of a tag, for a search.</summary>
    private static readonly Sql Labels = Sql.Raw("coalesce((select string_agg(t.words, ' ' order by x.position, t.id) from content.post_tags x join content.tags t on t.id = x.tag_id where x.post_id = s.post_id), '')");

    /// <summary>A post reads so from now on. Its row is locked by this unit of work, or is new.</summary>
    public static void Put(Db db, Guid id, string title, Rendered rendered) => db.Write($"""
        insert into content.post_search (post_id, is_published, title, labels, text) values ({id}, false, {SearchWords.OfName(title)}, '', {SearchWords.Of(rendered.Text, Post.LongestContent)})
        on conflict (post_id) do update set title = excluded.title, text = excluded.text
        """);

    /// <summary>A post has another title alone.</summary>
    public static void Retitle(Db db, Guid id, string title) => db.Write($"update content.post_search set title = {SearchWords.OfName(title)} where post_id = {id}");

    /// <summary>A post has other tags, or they other names.</summary>
    public static void Label(Db db, Guid id) => db.Write($"update content.post_search s set labels = {Labels} where s.post_id = {id}");

    /// <summary>A tag's posts carry another name. In the order of their ids, as whoever else changes many.</summary>
    public static void LabelAll(Db db, Guid tagId) => db.Write($"""
        with locked as (
            select s.post_id from content.post_search s where s.post_id in (select post_id from content.post_tags where tag_id = {tagId}) order by s.post_id for no key update
        )
        update content.post_search s set labels = {Labels} from locked where s.post_id = locked.post_id
        """);

    /// <summary>A post is for everybody, or is not any more: it is found by its words and by its tags as long as it is. What shows it, in whatever list, is forgotten.</summary>
    public static void Place(Db db, Post post)
    {
        DateTimeOffset? publishedAt = post.Status == PostStatus.Published ? post.PublishedAt : null;
        db.Write($"update content.post_tags set published_at = {publishedAt} where post_id = {post.Id}");
        db.Write($"update content.post_search set is_published = {publishedAt is not null} where post_id = {post.Id}");
        if (publishedAt is not null)
            Learn(db, [SearchWords.OfName(post.Title), .. post.Tags.Select(tag => SearchWords.OfName(tag.Name))]);
        Post.Evict(db, post.Id);
    }

    /// <summary>Words that others may have meant. They stay, so only what is published is learned: of a draft, nobody else is to know a word.</summary>
    public static void Learn(Db db, params string[] texts)
    {
        var words = SearchWords.Learned(texts);
        if (words.Length > 0)
            db.Write($"insert into content.search_words (word) select word from unnest({words}) as word on conflict do nothing");
    }
}
