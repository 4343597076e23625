using Quitanda.Content.Comments;
using Quitanda.Content.Posts;
using Quitanda.Platform;

namespace Quitanda.Content.Markup;

/// <summary>Makes anew what an earlier version made of Markdown, a hundred at a time, and comes again at once while there is more.</summary>
internal sealed class RenderAnew(Db db, PostText texts, TimeProvider clock) : IHandle<Tick>, IHandle<RenderAnew.Message>
{
    public const string Kind = "content.look-for-old-renderings";

    public const string More = "content.render-anew";

    private const int AtOnce = 100;

    public static readonly TimeSpan Period = TimeSpan.FromHours(1);

    /// <param name="Version">What was current when it was asked for.</param>
    internal sealed record Message(int Version);

    public Task Handle(Tick message, CancellationToken ct) => Handle(new Message(Rendered.Version), ct);

    public async Task Handle(Message message, CancellationToken ct)
    {
        var done = 0;
        foreach (var (id, content) in await Old("posts"))
        {
            var rendered = Render(content, texts.Render);
            await db.Execute($"update content.posts set html = {rendered?.Html ?? ""}, lead = {rendered?.Lead ?? ""}, rendered_by = {Rendered.Version} where id = {id}", ct);
            Post.Evict(db, id);
            done++;
        }

        foreach (var (id, content) in await Old("comments"))
        {
            var html = content.Length == 0 ? null : Render(content, text => CommentText.Render(text).Rendered)?.Html ?? "";
            var post = await db.ReadFirst($"update content.comments set html = {html}, rendered_by = {Rendered.Version} where id = {id} returning post_id", row => row.GetGuid(0), ct);
            Comment.Evict(db, post);
            done++;
        }

        if (done > 0)
            db.Schedule(More, message, clock.GetUtcNow());

        Task<List<(Guid Id, string Content)>> Old(string table) => db.Read(
            $"select id, coalesce(content, '') from content.{Sql.Raw(table)} where rendered_by < {Rendered.Version} order by id limit {AtOnce} for no key update skip locked",
            row => (row.GetGuid(0), row.GetString(1)), ct);
    }

    /// <summary>Null for what this version does not take any more: better nothing than what an earlier one let through.</summary>
    private static Rendered? Render(string content, Func<string, Rendered> render)
    {
        try
        {
            return render(content);
        }
        catch (InvalidException)
        {
            return null;
        }
    }
}
