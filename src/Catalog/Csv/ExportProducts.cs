using System.Globalization;
using System.Reflection;
using System.Text.Json;
using CsvHelper;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Net.Http.Headers;
using Npgsql;
using Quitanda.Catalog.Options;
using Quitanda.Catalog.Products;
using Quitanda.Platform;

namespace Quitanda.Catalog.Csv;

/// <summary>Gives out every product as CSV in UTF-8, one a row, for a spreadsheet or for another shop. Imported again it changes nothing.</summary>
internal static class ExportProducts
{
    /// <summary>Rows that are read at once. Between them no connection is held, so whoever reads slowly holds none.</summary>
    private const int RowsAtOnce = 1000;

    private static readonly string[] NoNutrition = [.. Enumerable.Repeat("", Cells.Nutrition.Length)];

    public static File Handle(Db db) => new(db);

    /// <summary>A file on its way out, which is never whole anywhere. What is changed meanwhile is in it as it was when its row was read.</summary>
    internal sealed class File(Db db) : IResult, IEndpointMetadataProvider
    {
        public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
            builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(Stream), ["text/csv"]));

        public async Task ExecuteAsync(HttpContext httpContext)
        {
            var ct = httpContext.RequestAborted;
            // Before the first byte, so that a database that is away is answered as such.
            var rows = await Read(Guid.Empty, ct);
            var response = httpContext.Response;
            response.ContentType = "text/csv; charset=utf-8";
            response.Headers.CacheControl = "no-store";
            response.Headers[HeaderNames.ContentDisposition] = "attachment; filename=\"products.csv\"";

            // With its mark, without which spreadsheets take UTF-8 for something else.
            await using var csv = CsvWriter.Create(response.Body, CsvWriterOptions.Default with { WriteByteOrderMark = true }, leaveOpen: true);
            await csv.WriteRecordAsync(Cells.Columns, ct);
            while (rows.Count > 0)
            {
                foreach (var (_, cells) in rows)
                    await csv.WriteRecordAsync(cells, ct);
                await csv.FlushAsync(ct);
                rows = rows.Count < RowsAtOnce ? [] : await Read(rows[^1].Id, ct);
            }

            await csv.FlushAsync(ct);
        }

        private Task<List<(Guid Id, string[] Cells)>> Read(Guid after, CancellationToken ct) => db.Read(
            $"""
            select p.id, p.slug, p.name, p.description, p.price_amount, p.currency, c.slug, p.stock, p.is_available, p.is_featured, p.tags, p.metadata, p.images, p.option_groups,
                case when p.counts_options then (select jsonb_object_agg(s.option_id, s.stock) from catalog.option_stock s where s.product_id = p.id) end, p.nutrition
            from catalog.products p join catalog.categories c on c.id = p.category_id
            where p.archived_at is null and p.id > {after} order by p.id limit {RowsAtOnce}
            """, row => (row.GetGuid(0), CellsOf(row)), ct);

        private static string[] CellsOf(NpgsqlDataReader row) =>
        [
            row.GetGuid(0).ToString(), row.GetString(1), Cells.Text(row.GetString(2)), Cells.Text(row.GetString(3)), Platform.Csv.Number(row.GetInt64(4)), row.GetString(5), row.GetString(6),
            row.IsDBNull(7) ? "" : Platform.Csv.Number(row.GetInt32(7)), Cells.Flag(row.GetBoolean(8)), Cells.Flag(row.GetBoolean(9)),
            Cells.Text(Cells.Labels(row.GetFieldValue<string[]>(10))), row.GetString(11) is "{}" ? "" : row.GetString(11),
            string.Join('|', ProductImage.Ids(row.GetString(12))), row.IsDBNull(13) ? "" : OptionsOf(row.GetString(13), row.IsDBNull(14) ? null : row.GetString(14)),
            .. row.IsDBNull(15) ? NoNutrition : NutritionOf(JsonSerializer.Deserialize<Nutrition>(row.GetString(15), Wire.Stored)!),
        ];

        private static string OptionsOf(string groups, string? stock) =>
            Cells.Text(OptionCells.Write(OptionGroup.Read(groups), stock is null ? [] : JsonSerializer.Deserialize<Dictionary<Guid, int>>(stock, Wire.Stored)!));

        private static string[] NutritionOf(Nutrition nutrition) =>
        [
            Cells.Text(nutrition.ServingSize), .. ((decimal[])[nutrition.Calories, nutrition.Protein, nutrition.Carbohydrates, nutrition.Fat, nutrition.Sodium]).Select(number => number.ToString(CultureInfo.InvariantCulture)),
            Cells.Text(Cells.Labels(nutrition.Allergens)),
        ];
    }
}
