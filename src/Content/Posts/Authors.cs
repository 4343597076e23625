using Quitanda.Accounts;
using Quitanda.Platform;

namespace Quitanda.Content.Posts;

/// <summary>Puts names to what people wrote: those of now, since people change them.</summary>
internal sealed class Authors(IAccounts accounts, Shown shown)
{
    /// <summary>A post with its author's name.</summary>
    public async Task<Post> Sign(Post post, CancellationToken ct) => post with { Author = (await Names([post.AuthorId], ct)).GetValueOrDefault(post.AuthorId ?? Guid.Empty) };

    /// <summary>Posts with their authors' names.</summary>
    public async Task<Page<ListedPost>> Sign(Page<ListedPost> page, CancellationToken ct) => new(await Sign(page.Data, ct), page.Meta);

    /// <inheritdoc cref="Sign(Page{ListedPost}, CancellationToken)"/>
    public async Task<IReadOnlyList<ListedPost>> Sign(IReadOnlyList<ListedPost> posts, CancellationToken ct)
    {
        var names = await Names(posts.Select(post => post.AuthorId), ct);
        return [.. posts.Select(post => post with { Author = names.GetValueOrDefault(post.AuthorId ?? Guid.Empty) })];
    }

    /// <summary>The names of people, for an answer that is forgotten with any of them.</summary>
    public async Task<IReadOnlyDictionary<Guid, string>> Names(IEnumerable<Guid?> people, CancellationToken ct)
    {
        var ids = people.OfType<Guid>().Distinct().ToArray();
        foreach (var id in ids)
            shown.Tag(PublicName.Tag(id));
        return ids.Length == 0 ? new Dictionary<Guid, string>() : await accounts.PublicNames(ids, ct);
    }
}
