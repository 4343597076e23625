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
/// <param name="IsAvailable">Whether it can be ordered now: it is on sale, and neither it nor what must be chosen with it is sold out.</param>
/// <param name="IsFeatured">Whether the shop puts it forward.</param>
/// <param name="Tags">The shop's own words for it.</param>
/// <param name="Images">What shows it, in the shop's order.</param>
/// <param name="AverageRating">Of its reviews, 1.0 to 5.0; null where there are none.</param>
/// <param name="ReviewCount">How many reviews it has.</param>
/// <param name="CreatedAt">When it was added.</param>
/// <param name="UpdatedAt">When it was changed last; sales do not count.</param>
/// <param name="Stock">How many are left, null where they are not counted. Staff only.</param>
/// <param name="IsOnSale">Whether it is on sale, sold out or not. Staff only.</param>
/// <param name="SoldOutUntil">Until when staff said that it is sold out, where they did. Staff only.</param>
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
    decimal? AverageRating,
    int ReviewCount,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    // Absent for the public and null for what is not counted are two things, which only a patch can tell apart.
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] Patch<int?> Stock = default,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] bool? IsOnSale = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] Patch<DateTimeOffset?> SoldOutUntil = default)
{
    /// <summary>Of a product <c>p</c> and its category <c>c</c>.</summary>
    public static readonly Sql Columns = Sql.Raw(
        "p.id, p.slug, p.name, p.description, p.price_amount, p.currency, c.id, c.name, c.slug, p.is_available, p.stock, p.is_featured, p.tags, p.created_at, p.updated_at, p.images, p.rating_sum, p.rating_count, p.sold_out_until, p.is_choosable");

    public static ListedProduct Read(NpgsqlDataReader reader, ProductReading reading)
    {
        var isOnSale = reader.GetBoolean(9);
        int? stock = reader.IsDBNull(10) ? null : reader.GetInt32(10);
        // One that is over is as if it were not there, also in the moment until the job takes it away.
        DateTimeOffset? soldOutUntil = reader.IsDBNull(18) || reader.GetFieldValue<DateTimeOffset>(18) is var until && until <= reading.Now ? null : until;
        return new(
            reader.GetGuid(0), reader.GetString(1), reader.GetString(2), reader.GetString(3), new(reader.GetInt64(4), reader.GetString(5)),
            new(reader.GetGuid(6), reader.GetString(7), reader.GetString(8)), isOnSale && stock is null or > 0 && soldOutUntil is null && reader.GetBoolean(19), reader.GetBoolean(11),
            reader.GetFieldValue<string[]>(12), ProductImage.Read(reader.GetString(15), reading.Files), Rating.Average(reader.GetInt64(16), reader.GetInt32(17)), reader.GetInt32(17),
            reader.GetFieldValue<DateTimeOffset>(13), reader.GetFieldValue<DateTimeOffset>(14),
            reading.ForStaff ? new(stock) : default, reading.ForStaff ? isOnSale : null, reading.ForStaff ? new(soldOutUntil) : default);
    }
}

/// <summary>What is known of those who read products.</summary>
/// <param name="Files">Where images are.</param>
/// <param name="Now">The time, by which some are sold out.</param>
/// <param name="ForStaff">Whether they see what only staff see.</param>
internal readonly record struct ProductReading(IFiles Files, DateTimeOffset Now, bool ForStaff);

/// <summary>A product, whole.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Slug">Made from the name it was given first, and kept.</param>
/// <param name="Name">As people read it.</param>
/// <param name="Description">What it is.</param>
/// <param name="Price">Today's, in the catalog's currency.</param>
/// <param name="Category">Where it is found.</param>
/// <param name="IsAvailable">Whether it can be ordered now: it is on sale, and neither it nor what must be chosen with it is sold out.</param>
/// <param name="IsFeatured">Whether the shop puts it forward.</param>
/// <param name="Tags">The shop's own words for it.</param>
/// <param name="Images">What shows it, in the shop's order.</param>
/// <param name="AverageRating">Of its reviews, 1.0 to 5.0; null where there are none.</param>
/// <param name="ReviewCount">How many reviews it has.</param>
/// <param name="Nutrition">What a serving holds, where the shop says so.</param>
/// <param name="OptionGroups">What may be chosen with it, such as sizes and extras; none where nothing is.</param>
/// <param name="Metadata">The shop's own notes, returned as given.</param>
/// <param name="CreatedAt">When it was added.</param>
/// <param name="UpdatedAt">When it was changed last; sales do not count.</param>
/// <param name="Stock">How many are left, null where they are not counted. Staff only.</param>
/// <param name="IsOnSale">Whether it is on sale, sold out or not. Staff only.</param>
/// <param name="SoldOutUntil">Until when staff said that it is sold out, where they did. Staff only.</param>
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
    decimal? AverageRating,
    int ReviewCount,
    Nutrition? Nutrition,
    ShownGroup[] OptionGroups,
    IReadOnlyDictionary<string, string> Metadata,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] Patch<int?> Stock = default,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] bool? IsOnSale = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] Patch<DateTimeOffset?> SoldOutUntil = default)
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

    public static Product Read(NpgsqlDataReader reader, ProductReading reading)
    {
        var listed = ListedProduct.Read(reader, reading);
        var nutrition = reader.IsDBNull(20) ? null : JsonSerializer.Deserialize<Nutrition>(reader.GetString(20), Wire.Stored);
        var metadata = reader.GetString(21);
        var groups = ShownGroup.Of(OptionGroup.Read(reader.IsDBNull(22) ? null : reader.GetString(22)), reader.IsDBNull(23) ? null : reader.GetString(23), listed.Price.Currency, reading.ForStaff);
        return new(
            listed.Id, listed.Slug, listed.Name, listed.Description, listed.Price, listed.Category, listed.IsAvailable, listed.IsFeatured, listed.Tags, listed.Images,
            listed.AverageRating, listed.ReviewCount, nutrition, groups, MetadataAttribute.Read(metadata),
            listed.CreatedAt, listed.UpdatedAt, listed.Stock, listed.IsOnSale, listed.SoldOutUntil);
    }

    /// <summary>A product as it is in this unit of work; null where there is none.</summary>
    public static Task<Product?> Find(Db db, Guid id, ProductReading reading, CancellationToken ct) => db.ReadFirst(
        $"select {Columns} from catalog.products p join catalog.categories c on c.id = p.category_id where p.id = {id} and p.archived_at is null", reader => Read(reader, reading), ct);

    /// <summary>Forgets every answer that shows this product, alone or in a list.</summary>
    public static void Evict(Db db, Guid id)
    {
        db.Evict(Tag(id));
        db.Evict(All);
    }
}
