using System.Text.Json;
using System.Text.Json.Serialization;
using Npgsql;
using Quitanda.Catalog.Options;
using Quitanda.Files;
using Quitanda.Platform;

namespace Quitanda.Catalog.Products;

/// <summary>The category that a product is in.</summary>
internal sealed record ProductCategory(Guid Id, string Name, string Slug);

/// <summary>A product in a list.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Slug">Made from the name it was given first, and kept.</param>
/// <param name="Name">As people read it.</param>
/// <param name="Description">What it is.</param>
/// <param name="Price">Today's, in the catalog's currency.</param>
/// <param name="Category">Where it is found.</param>
/// <param name="IsAvailable">Whether it can be ordered now: it is on sale, and not sold out.</param>
/// <param name="IsFeatured">Whether the shop puts it forward.</param>
/// <param name="Tags">The shop's own words for it.</param>
/// <param name="Images">What shows it, in the shop's order.</param>
/// <param name="CreatedAt">When it was added.</param>
/// <param name="UpdatedAt">When it was changed last; sales do not count.</param>
/// <param name="Stock">How many are left, null where they are not counted. Staff only.</param>
/// <param name="IsOnSale">Whether it is on sale, sold out or not. Staff only.</param>
internal sealed record ListedProduct(
    Guid Id,
    string Slug,
    string Name,
    string Description,
    Money Price,
    ProductCategory Category,
    bool IsAvailable,
    bool IsFeatured,
    string[] Tags,
    ProductImage[] Images,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    // Absent for the public and null for what is not counted are two things, which only a patch can tell apart.
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] Patch<int?> Stock = default,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] bool? IsOnSale = null)
{
    /// <summary>Of a product <c>p</c> and its category <c>c</c>.</summary>
    public static readonly Sql Columns = Sql.Raw(
        "p.id, p.slug, p.name, p.description, p.price_amount, p.currency, c.id, c.name, c.slug, p.is_available, p.stock, p.is_featured, p.tags, p.created_at, p.updated_at, p.images");

    public static ListedProduct Read(NpgsqlDataReader reader, bool forStaff, IFiles files)
    {
        var isOnSale = reader.GetBoolean(9);
        int? stock = reader.IsDBNull(10) ? null : reader.GetInt32(10);
        return new(
            reader.GetGuid(0), reader.GetString(1), reader.GetString(2), reader.GetString(3), new(reader.GetInt64(4), reader.GetString(5)),
            new(reader.GetGuid(6), reader.GetString(7), reader.GetString(8)), isOnSale && stock is null or > 0, reader.GetBoolean(11), reader.GetFieldValue<string[]>(12), ProductImage.Read(reader.GetString(15), files),
            reader.GetFieldValue<DateTimeOffset>(13), reader.GetFieldValue<DateTimeOffset>(14), forStaff ? new(stock) : default, forStaff ? isOnSale : null);
    }
}

/// <summary>A product, whole.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Slug">Made from the name it was given first, and kept.</param>
/// <param name="Name">As people read it.</param>
/// <param name="Description">What it is.</param>
/// <param name="Price">Today's, in the catalog's currency.</param>
/// <param name="Category">Where it is found.</param>
/// <param name="IsAvailable">Whether it can be ordered now: it is on sale, and not sold out.</param>
/// <param name="IsFeatured">Whether the shop puts it forward.</param>
/// <param name="Tags">The shop's own words for it.</param>
/// <param name="Images">What shows it, in the shop's order.</param>
/// <param name="Nutrition">What a serving holds, where the shop says so.</param>
/// <param name="OptionGroups">What may be chosen with it, such as sizes and extras; none where nothing is.</param>
/// <param name="Metadata">The shop's own notes, returned as given.</param>
/// <param name="CreatedAt">When it was added.</param>
/// <param name="UpdatedAt">When it was changed last; sales do not count.</param>
/// <param name="Stock">How many are left, null where they are not counted. Staff only.</param>
/// <param name="IsOnSale">Whether it is on sale, sold out or not. Staff only.</param>
internal sealed record Product(
    Guid Id,
    string Slug,
    string Name,
    string Description,
    Money Price,
    ProductCategory Category,
    bool IsAvailable,
    bool IsFeatured,
    string[] Tags,
    ProductImage[] Images,
    Nutrition? Nutrition,
    ShownGroup[] OptionGroups,
    IReadOnlyDictionary<string, string> Metadata,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] Patch<int?> Stock = default,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] bool? IsOnSale = null)
{
    /// <summary>The tag of every list of products.</summary>
    public const string All = "products";

    /// <summary>Of a product <c>p</c> and its category <c>c</c>.</summary>
    public static readonly Sql Columns = Sql.Of($"""
        {ListedProduct.Columns}, p.nutrition, p.metadata, p.option_groups,
        case when p.counts_options then (select jsonb_object_agg(s.option_id, s.stock) from catalog.option_stock s where s.product_id = p.id) end
        """);

    /// <summary>The tag of every answer that shows this product alone.</summary>
    public static string Tag(Guid id) => $"product:{id}";

    public static Product Read(NpgsqlDataReader reader, bool forStaff, IFiles files)
    {
        var listed = ListedProduct.Read(reader, forStaff, files);
        var nutrition = reader.IsDBNull(16) ? null : JsonSerializer.Deserialize<Nutrition>(reader.GetString(16), Wire.Json);
        var metadata = reader.GetString(17);
        var groups = ShownGroup.Of(OptionGroup.Read(reader.IsDBNull(18) ? null : reader.GetString(18)), reader.IsDBNull(19) ? null : reader.GetString(19), listed.Price.Currency, forStaff);
        return new(
            listed.Id, listed.Slug, listed.Name, listed.Description, listed.Price, listed.Category, listed.IsAvailable, listed.IsFeatured, listed.Tags, listed.Images,
            nutrition, groups, MetadataAttribute.Read(metadata),
            listed.CreatedAt, listed.UpdatedAt, listed.Stock, listed.IsOnSale);
    }

    /// <summary>Forgets every answer that shows this product, alone or in a list.</summary>
    public static void Evict(Db db, Guid id)
    {
        db.Evict(Tag(id));
        db.Evict(All);
    }
}
