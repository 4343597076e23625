using Npgsql;
using Quitanda.Platform;

namespace Loyalty.Points;

/// <summary>Why somebody's points changed.</summary>
[SchemaId("LoyaltyEntryKind")]
internal enum EntryKind
{
    /// <summary>An order was delivered and paid.</summary>
    Earned,

    /// <summary>An order's money went back.</summary>
    TakenBack,

    /// <summary>An admin gave or took some.</summary>
    Adjusted,

    /// <summary>They were not used in time.</summary>
    Expired,
}

/// <summary>A change of somebody's points.</summary>
/// <param name="Id">The entry.</param>
/// <param name="Kind">Why.</param>
/// <param name="Points">How many; less than nothing where they went.</param>
/// <param name="OrderId">The order that they were given for, or taken back with.</param>
/// <param name="Reason">What an admin said.</param>
/// <param name="CreatedAt">When.</param>
[SchemaId("LoyaltyEntry")]
internal sealed record Entry(Guid Id, EntryKind Kind, long Points, Guid? OrderId, string? Reason, DateTimeOffset CreatedAt)
{
    public static readonly Sql Columns = Sql.Raw("e.id, e.kind, e.points, e.order_id, e.reason, e.created_at");

    public static Entry Read(NpgsqlDataReader row) => new(
        row.GetGuid(0), Wire.Parse<EntryKind>(row.GetString(1)), row.GetInt64(2), row.IsDBNull(3) ? null : row.GetGuid(3), row.IsDBNull(4) ? null : row.GetString(4), row.GetFieldValue<DateTimeOffset>(5));
}
