using Npgsql;
using Quitanda.Catalog.Search;
using Quitanda.Platform;

namespace Quitanda.Catalog.Categories;

/// <summary>A shelf of the shop.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">As people read it.</param>
/// <param name="Slug">Made from the name it was given first, and kept.</param>
/// <param name="Description">What is found in it.</param>
/// <param name="Position">Where it stands among the others: the lowest comes first.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="UpdatedAt">When it was changed last.</param>
internal sealed record Category(Guid Id, string Name, string Slug, string? Description, int Position, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    /// <summary>The tag of every list of categories.</summary>
    public const string All = "categories";

    public static readonly Sql Columns = Sql.Raw("k.id, k.name, k.slug, k.description, k.position, k.created_at, k.updated_at");

    public static Category Read(NpgsqlDataReader reader) => new(
        reader.GetGuid(0), reader.GetString(1), reader.GetString(2), reader.IsDBNull(3) ? null : reader.GetString(3), reader.GetInt32(4),
        reader.GetFieldValue<DateTimeOffset>(5), reader.GetFieldValue<DateTimeOffset>(6));

    /// <summary>The tag of every answer that shows this category's name.</summary>
    public static string Tag(Guid id) => $"category:{id}";

    /// <summary>Keeps a category from being deleted, or named otherwise, until this unit of work has ended: its products are found by its name.</summary>
    /// <exception cref="InvalidException">There is no such category.</exception>
    public static async Task<HeldCategory> Hold(Db db, Guid id, CancellationToken ct) =>
        await db.ReadFirst($"select name from catalog.categories where id = {id} for share", reader => new HeldCategory(id, reader.GetString(0)), ct)
            ?? throw new InvalidException("categoryId", "is no category.");
}
