using System.Text.Json;
using Npgsql;
using Quitanda.Platform;

namespace Quitanda.Catalog.Csv;

/// <summary>A file of products on its way into the shop, in a list.</summary>
/// <param name="Id">Its id.</param>
/// <param name="State">How far it has come.</param>
/// <param name="RowsRead">Rows of the file, without its header and blank ones.</param>
/// <param name="RowsAdded">Products that were added; null until it is done.</param>
/// <param name="RowsChanged">Products that were changed; null until it is done.</param>
/// <param name="RowsUnchanged">Rows that were so already; null until it is done.</param>
/// <param name="BadRows">How many things are wrong with it.</param>
/// <param name="CreatedAt">When its file began to arrive.</param>
/// <param name="FinishedAt">When it was done or refused.</param>
internal sealed record ListedImport(
    Guid Id, ImportState State, int RowsRead, int? RowsAdded, int? RowsChanged, int? RowsUnchanged, int BadRows, DateTimeOffset CreatedAt, DateTimeOffset? FinishedAt)
{
    public static readonly Sql Columns = Sql.Raw("i.id, i.state, i.rows_read, i.rows_added, i.rows_changed, i.rows_unchanged, i.bad_rows, i.created_at, i.finished_at");

    public static ListedImport Read(NpgsqlDataReader reader) => new(
        reader.GetGuid(0), Wire.Parse<ImportState>(reader.GetString(1)), reader.GetInt32(2), reader.IsDBNull(3) ? null : reader.GetInt32(3), reader.IsDBNull(4) ? null : reader.GetInt32(4),
        reader.IsDBNull(5) ? null : reader.GetInt32(5), reader.GetInt32(6), reader.GetFieldValue<DateTimeOffset>(7), reader.IsDBNull(8) ? null : reader.GetFieldValue<DateTimeOffset>(8));
}

/// <summary>A file of products on its way into the shop: all of it, or nothing.</summary>
/// <param name="Id">Its id.</param>
/// <param name="State">How far it has come.</param>
/// <param name="RowsRead">Rows of the file, without its header and blank ones.</param>
/// <param name="RowsAdded">Products that were added; null until it is done.</param>
/// <param name="RowsChanged">Products that were changed; null until it is done.</param>
/// <param name="RowsUnchanged">Rows that were so already; null until it is done.</param>
/// <param name="BadRows">How many things are wrong with it.</param>
/// <param name="Errors">The first 100 of them.</param>
/// <param name="CreatedAt">When its file began to arrive.</param>
/// <param name="FinishedAt">When it was done or refused.</param>
internal sealed record Import(
    Guid Id, ImportState State, int RowsRead, int? RowsAdded, int? RowsChanged, int? RowsUnchanged, int BadRows, BadRow[] Errors, DateTimeOffset CreatedAt, DateTimeOffset? FinishedAt)
{
    /// <summary>Errors that are kept of one file.</summary>
    public const int ErrorsAtMost = 100;

    public static readonly Sql Columns = Sql.Of($"{ListedImport.Columns}, i.errors");

    public static Import Read(NpgsqlDataReader reader)
    {
        var listed = ListedImport.Read(reader);
        return new(
            listed.Id, listed.State, listed.RowsRead, listed.RowsAdded, listed.RowsChanged, listed.RowsUnchanged, listed.BadRows,
            JsonSerializer.Deserialize<BadRow[]>(reader.GetString(9), Wire.Stored)!, listed.CreatedAt, listed.FinishedAt);
    }
}
