using System.Text;
using CsvHelper;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Platform;

namespace Quitanda.Catalog.Csv;

/// <summary>Reads a file while it arrives and puts its rows aside, some hundreds at a time, each time in a transaction of its own: nobody's slow line holds one open.</summary>
internal sealed class ImportIntake(Executor executor, CatalogSettings settings, TimeProvider clock, Guid callerId)
{
    private const int RowsAtOnce = 500;

    /// <summary>Bytes of a row. The longest that is good has a thousand options with long names; a quote that is never closed makes one row of all that follows.</summary>
    private const int RowBytesAtMost = 512 * 1024;

    private readonly List<ImportedCells> _waiting = new(RowsAtOnce);
    private readonly List<BadRow> _errors = [];
    private int _rows;
    private int _number = 1;
    private int _bad;
    private bool _isBegun;

    /// <summary>The import.</summary>
    public Guid Id { get; } = Guid.CreateVersion7(clock.GetUtcNow());

    /// <summary>Takes the whole file in.</summary>
    /// <exception cref="RefusedException"><c>malformed_csv</c> or <c>too_many_rows</c>.</exception>
    public async Task Take(TextReader text, CancellationToken ct)
    {
        try
        {
            var malformed = new Dictionary<int, CsvMalformedReason>();
            await using var csv = CsvReader.Create(text, CsvReaderOptions.Default with
            {
                HasHeader = false,
                SkipEmptyLines = false,
                MaxRecordSize = RowBytesAtMost,
                OnMalformedRecord = record => malformed[(int)record.RecordNumber] = record.Reason,
            });
            var columns = await csv.ReadAsync(ct) ? HeaderOf(csv) : throw Malformed("it is empty");
            if (malformed.ContainsKey(1))
                throw Malformed("quotes stand where they must not in its header");
            await Begin(columns, ct);
            _isBegun = true;

            var reader = new RowReader(columns, settings);
            for (var number = _number = 2; await csv.ReadAsync(ct); number = ++_number)
            {
                var cells = CellsOf(csv);
                if (Array.TrueForAll(cells, string.IsNullOrWhiteSpace))
                    continue;
                if (++_rows > settings.ImportRows)
                    throw new RefusedException("too_many_rows", $"A file has at most {settings.ImportRows} rows.", StatusCodes.Status413PayloadTooLarge);
                if (malformed.Remove(number))
                    Note([new(number, null, "has a quote where none may be, or one that is never closed.")]);
                else if (reader.Read(number, cells, clock.GetUtcNow()) is { } row)
                    _waiting.Add(row);
                else
                    Note(reader.Errors);
                if (_waiting.Count >= RowsAtOnce)
                    await Flush(ct);
            }

            await Flush(ct);
        }
        catch (DecoderFallbackException)
        {
            throw Malformed("it is not in UTF-8");
        }
        catch (CsvFormatException)
        {
            throw Malformed($"row {_number} is too long, or a quote in it is never closed");
        }
    }

    /// <summary>Takes back what is here and has not been handed on. Where that fails, the timer does it.</summary>
    public async Task Discard()
    {
        if (!_isBegun)
            return;
        try
        {
            await Write(db => db.Write($"delete from catalog.imports where id = {Id} and state = 'receiving'"), CancellationToken.None);
        }
        catch (Npgsql.NpgsqlException)
        {
            // What went wrong before is what there is to say.
        }
    }

    /// <summary>The columns of the file, each of which must be one that there is.</summary>
    private static string[] HeaderOf(CsvReader csv)
    {
        var columns = Array.ConvertAll(CellsOf(csv), column => Array.Find(Cells.Columns, known => known.Equals(column.Trim(), StringComparison.OrdinalIgnoreCase))
            ?? throw Malformed($"'{column[..Math.Min(column.Length, 40)]}' is no column; there are {string.Join(", ", Cells.Columns)}"));
        if (columns.Distinct(StringComparer.Ordinal).Count() < columns.Length)
            throw Malformed("a column is in it twice");
        if (!columns.Any(column => column is Cells.Id or Cells.Slug or Cells.Name))
            throw Malformed("without id, slug or name no row says which product it is");
        if (Cells.Nutrition.Count(column => columns.Contains(column, StringComparer.Ordinal)) is > 0 and var some && some < Cells.Nutrition.Length)
            throw Malformed($"{string.Join(", ", Cells.Nutrition)} come together or not at all");
        return columns;
    }

    private static string[] CellsOf(CsvReader csv)
    {
        var cells = new string[csv.FieldCount];
        for (var at = 0; at < cells.Length; at++)
            cells[at] = csv.GetString(at);
        return cells;
    }

    private void Note(List<BadRow> errors)
    {
        _bad += errors.Count;
        _errors.AddRange(errors.Take(Import.ErrorsAtMost - _errors.Count));
    }

    private Task Begin(string[] columns, CancellationToken ct) => Write(db => db.Write($"""
        insert into catalog.imports (id, state, columns, rows_read, bad_rows, errors, created_by, created_at, updated_at)
        values ({Id}, 'receiving', {columns}, 0, 0, {Sql.Json(Array.Empty<BadRow>())}, {callerId}, {clock.GetUtcNow()}, {clock.GetUtcNow()})
        """), ct);

    private async Task Flush(CancellationToken ct)
    {
        await Write(db =>
        {
            db.Write($"update catalog.imports set rows_read = {_rows}, bad_rows = {_bad}, errors = {Sql.Json(_errors)}, updated_at = {clock.GetUtcNow()} where id = {Id}");
            // Of a file that will be refused no more is kept than what is wrong with it.
            if (_bad == 0 && _waiting.Count > 0)
                db.Write($"insert into catalog.import_rows (import_id, number, cells) select {Id}, (row ->> 'number')::integer, row from jsonb_array_elements({Sql.Json(_waiting)}) as row");
        }, ct);
        _waiting.Clear();
    }

    private Task Write(Action<Db> write, CancellationToken ct) => executor.Run(provider =>
    {
        write(provider.GetRequiredService<Db>());
        return Task.CompletedTask;
    }, ct);

    private static RefusedException Malformed(string why) => new("malformed_csv", $"The file cannot be read: {why}.", StatusCodes.Status400BadRequest);
}
