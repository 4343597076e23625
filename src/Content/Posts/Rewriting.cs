using Quitanda.Content.Markup;
using Quitanda.Platform;

namespace Quitanda.Content.Posts;

/// <summary>Gives a post another text, and keeps the one before.</summary>
internal static class Rewriting
{
    /// <summary>
    /// One statement: the row is locked, its text goes among the revisions with who wrote it and when, and the new one takes its place. The same text again changes nothing. The oldest revisions
    /// go where there are more than are kept.
    /// </summary>
    /// <param name="db">The unit of work.</param>
    /// <param name="id">The post.</param>
    /// <param name="caller">Who writes; null is answered as if it were not there where they may not.</param>
    /// <param name="text">What of it is new.</param>
    /// <param name="kept">Revisions that are kept.</param>
    /// <param name="now">The time.</param>
    /// <param name="ct">Ends the work.</param>
    /// <returns>Whether there is such a post of the caller's, and where it stands.</returns>
    public static async Task<PostStatus?> Write(Db db, Guid id, Caller caller, NewText text, int kept, DateTimeOffset now, CancellationToken ct)
    {
        // Evaluated for the locked row, so that what was written in between is compared and kept.
        var (title, excerpt, content) = (
            text.Title is { } newTitle ? Sql.Of($"{newTitle}") : Sql.Raw("p.title"), text.Excerpt.IsSet ? Sql.Of($"{text.Excerpt.Value}") : Sql.Raw("p.excerpt"),
            text.Content is { } newContent ? Sql.Of($"{newContent}") : Sql.Raw("p.content"));
        var made = text.Rendered is { } rendered ? Sql.Of($"lead = {rendered.Lead}, html = {rendered.Html}, rendered_by = {Rendered.Version}, ") : Sql.Nothing;
        PostStatus? status = null;
        await db.ReadFirst(
            $"""
            with found as (
                select p.id, p.status, p.revision, p.title, p.excerpt, p.content, p.written_by, p.written_at,
                    (p.title, p.excerpt, p.content) is distinct from ({title}, {excerpt}, {content}) as is_new
                from content.posts p where p.id = {id} and {Post.IsOf(caller)} for no key update
            ), kept as (
                insert into content.revisions (post_id, number, title, excerpt, content, written_by, written_at, id)
                select f.id, f.revision, f.title, f.excerpt, f.content, f.written_by, f.written_at, {Guid.CreateVersion7(now)} from found f where f.is_new
            ), gone as (
                delete from content.revisions r using found f where f.is_new and r.post_id = f.id and r.number <= f.revision - {kept}
            ), written as (
                update content.posts p set {made}title = {title}, excerpt = {excerpt}, content = {content}, revision = p.revision + 1, written_by = {caller.Id}, written_at = {now}, updated_at = {now}
                from found f where p.id = f.id and f.is_new
            )
            select f.status from found f
            """,
            row =>
            {
                status = Wire.Parse<PostStatus>(row.GetString(0));
                return true;
            }, ct);
        return status;
    }

    /// <summary>Has a changed text be found, and what shows the post be forgotten.</summary>
    public static void Index(Db db, Post changed, NewText text)
    {
        if (text.Rendered is { } rendered)
            PostIndex.Put(db, changed.Id, changed.Title, rendered);
        else if (text.Title is not null)
            PostIndex.Retitle(db, changed.Id, changed.Title);
        // What nobody else sees is in no answer that is kept.
        if (changed.Status != PostStatus.Published)
            return;
        if (text.Title is not null)
            PostIndex.Learn(db, SearchWords.OfName(changed.Title));
        Post.Evict(db, changed.Id);
    }
}

/// <summary>What of a post's text is new.</summary>
/// <param name="Title">Null where it stays.</param>
/// <param name="Excerpt">Null where the beginning is to stand for it.</param>
/// <param name="Content">Null where it stays.</param>
/// <param name="Rendered">What is made of that; there with it.</param>
internal sealed record NewText(string? Title, Patch<string?> Excerpt, string? Content, Rendered? Rendered)
{
    public bool IsSet => Title is not null || Excerpt.IsSet || Content is not null;
}
