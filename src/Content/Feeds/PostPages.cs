using Microsoft.Extensions.Options;
using Quitanda.Content.Posts;
using Quitanda.Platform;

namespace Quitanda.Content.Feeds;

/// <summary>Published posts, for the site map.</summary>
internal sealed class PostPages(IOptions<ContentSettings> settings) : ISitemapSource
{
    public string Name => "posts";

    public string Tag => Post.Published;

    public string Template => settings.Value.PostUrl;

    public Task<long> Count(Db db, CancellationToken ct) => db.ReadFirst($"select count(*) from content.posts p where {Post.Shown}", row => row.GetInt64(0), ct);

    public async Task<IReadOnlyList<SitemapPage>> Read(Db db, long skip, int take, CancellationToken ct) => await db.Read(
        $"select p.id, p.slug, p.updated_at from content.posts p where {Post.Shown} order by p.id limit {take} offset {skip}",
        row => new SitemapPage(row.GetGuid(0), row.GetString(1), row.GetFieldValue<DateTimeOffset>(2)), ct);
}
