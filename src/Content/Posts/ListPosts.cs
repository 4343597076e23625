using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Files;
using Quitanda.Platform;

namespace Quitanda.Content.Posts;

/// <summary>Lists published posts, the latest first. Sorts by publishedAt or viewCount. Moderators list those of any status, the newest first, with <c>status</c>.</summary>
[Refuses("forbidden", StatusCodes.Status403Forbidden)]
internal static class ListPosts
{
    /// <summary>What posts of any status are sorted by.</summary>
    internal static readonly SortField[] OfAnyStatus = [new("-createdAt", "p.created_at", "timestamptz")];

    private const int FewAtMost = 1000;

    internal sealed record Query : PostFilter
    {
        /// <summary>Words that stand in the title, the tags or the text, whatever their accents and case; the last may be only begun.</summary>
        [StringLength(WantedWords.LongestQuery, MinimumLength = 1)]
        public string? Search { get; init; }

        /// <summary><c>draft</c>, <c>scheduled</c>, <c>published</c>, <c>archived</c>. Moderators only.</summary>
        [StringLength(20, MinimumLength = 1)]
        public string? Status { get; init; }
    }

    public static async Task<Ok<Page<ListedPost>>> Handle([AsParameters] Query query, Caller? caller, Db db, IFiles files, Authors authors, Shown shown, CancellationToken ct)
    {
        if (query.Status is not null)
            return TypedResults.Ok(await OfStatus(query, Wire.Asked<PostStatus>(query.Status, "status"), caller, db, files, authors, ct));
        shown.Tag(Post.All);
        // There is no end to what people search for, so an answer to it would push others out.
        if (query.Search is not null)
            shown.KeepNothing();
        var way = PostWay.Of(query);
        var page = await db.List(query, ListedPost.Columns, way.From, Where(query, way, await Few(query, db, ct)), way.Id, way.Sorts, row => ListedPost.Read(row, files), ct, hasOnePlan: query.Search is null);
        return TypedResults.Ok(await authors.Sign(page, ct));
    }

    /// <summary>
    /// The posts that fit a search, where they are few; null where they are many, or none is searched for. Few are looked up and sorted. Among many the list's own order is walked until a page is full: the
    /// database guesses badly how many there are for a word that is only begun.
    /// </summary>
    internal static async Task<Guid[]?> Few(Query query, Db db, CancellationToken ct)
    {
        if (Searched(query) is not { } searched)
            return null;
        var found = await db.Read($"select s.post_id from {searched} limit {FewAtMost + 1}", row => row.GetGuid(0), ct);
        return found.Count > FewAtMost ? null : [.. found];
    }

    /// <summary>The condition of a list, with what is searched for.</summary>
    internal static Sql Where(Query query, PostWay way, Guid[]? few)
    {
        if (few is not null)
            return Sql.Of($"{way.Where} and p.id = any({few})");
        // Among many each post on the way is asked for itself: written as a join, the planner would weigh other ways, and one of them reads all there is.
        return Searched(query) is { } searched ? Sql.Of($"{way.Where} and (select exists (select from {searched} and s.post_id = p.id))") : way.Where;
    }

    /// <summary>The posts that fit a search, as <c>s</c>; null where there is none. What has no word in it is in no post, unless it is blank.</summary>
    private static Sql? Searched(Query query) => string.IsNullOrWhiteSpace(query.Search) ? null
        : WantedWords.Of(query.Search, "content") is { } wanted ? Sql.Of($"content.post_search s where s.is_published and s.terms @@ {wanted.Everywhere()}")
        : Sql.Raw("content.post_search s where false");

    private static async Task<Page<ListedPost>> OfStatus(Query query, PostStatus status, Caller? caller, Db db, IFiles files, Authors authors, CancellationToken ct)
    {
        if (caller?.Is(Roles.Moderator) != true)
            throw new RefusedException("forbidden", "Only moderators ask for posts by status.", StatusCodes.Status403Forbidden);
        if (query.Search is not null || query.Tag is not null)
            throw new InvalidException("status", "goes with author alone: a search and a tag find published posts.");
        var where = Sql.Of($"p.status = {status}");
        if (query.Author is { } author)
            where = $"{where} and p.author_id = {author}";
        return await authors.Sign(await db.List(query, ListedPost.Columns, Sql.Raw("content.posts p"), where, "p.id", OfAnyStatus, row => ListedPost.Read(row, files), ct), ct);
    }
}
