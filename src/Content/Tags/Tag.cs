using Npgsql;
using Quitanda.Platform;

namespace Quitanda.Content.Tags;

/// <summary>What posts are about.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">As it was first written, or renamed.</param>
/// <param name="Slug">By which posts are asked for: <c>GET /posts?tag=</c>.</param>
/// <param name="PostCount">Published posts with it.</param>
/// <param name="CreatedAt">When it was first written on a post.</param>
/// <param name="UpdatedAt">When it was renamed last.</param>
internal sealed record Tag(Guid Id, [Impersonal] string Name, [Impersonal] string Slug, long PostCount, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    /// <summary>The published posts of a tag <c>t</c>.</summary>
    public const string Counted = "(select count(*) from content.post_tags x where x.tag_id = t.id and x.published_at is not null)";

    /// <summary>Of a tag <c>t</c>.</summary>
    public static readonly Sql Columns = Sql.Raw($"t.id, t.name, t.slug, {Counted}, t.created_at, t.updated_at");

    public static Tag Read(NpgsqlDataReader row) =>
        new(row.GetGuid(0), row.GetString(1), row.GetString(2), row.GetInt64(3), row.GetFieldValue<DateTimeOffset>(4), row.GetFieldValue<DateTimeOffset>(5));

    /// <summary>A tag as it is in this unit of work; null where there is none.</summary>
    public static Task<Tag?> Find(Db db, Guid id, CancellationToken ct) => db.ReadFirst($"select {Columns} from content.tags t where t.id = {id}", Read, ct);
}
