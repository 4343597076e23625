using System.Buffers.Text;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text;
using System.Text.Json.Serialization;
using Npgsql;

namespace Quitanda.Platform;

/// <summary>The query parameters of every list. A list's own query derives from it.</summary>
public abstract record PageQuery
{
    /// <summary>Rows a page where none are asked for.</summary>
    protected const int DefaultLimit = 20;

    /// <summary>Page by number, from 1. Not together with <see cref="After"/>.</summary>
    [Range(1, 1_000_000)]
    public int? Page { get; init; }

    /// <summary>Rows a page, 1 to 100; 20 without it.</summary>
    [Range(1, 100), DefaultValue(DefaultLimit)]
    public int? Limit { get; init; }

    /// <summary>Page by cursor: <c>meta.next</c> of the page before. Its cost does not grow with depth.</summary>
    [StringLength(1000, MinimumLength = 1)]
    public string? After { get; init; }

    /// <summary>A documented field, with <c>-</c> before it for the other way round.</summary>
    [StringLength(50, MinimumLength = 1)]
    public string? Sort { get; init; }

    internal int Rows => Limit ?? DefaultLimit;
}

/// <summary>One page of a list.</summary>
public sealed record Page<T>(IReadOnlyList<T> Data, PageMeta Meta);

/// <summary>Where a page stands. <c>page</c>, <c>total</c> and <c>totalPages</c> only when it was asked for by number.</summary>
public sealed record PageMeta(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Page,
    int Limit,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? Total,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? TotalPages,
    bool HasNext,
    string? Next);

/// <summary>A field a list can be sorted by.</summary>
/// <param name="Name">As the client says it.</param>
/// <param name="Column">The SQL expression, never null.</param>
/// <param name="Type">Its SQL type, for the cursor's way back.</param>
public sealed record SortField(string Name, string Column, string Type)
{
    /// <summary>A row's value as the cursor carries it and the database reads it again.</summary>
    internal string Text(NpgsqlDataReader reader, int at) => Type switch
    {
        "text" => reader.GetString(at),
        "bigint" => reader.GetInt64(at).ToString(CultureInfo.InvariantCulture),
        "integer" => reader.GetInt32(at).ToString(CultureInfo.InvariantCulture),
        "timestamptz" => reader.GetFieldValue<DateTimeOffset>(at).ToString("O", CultureInfo.InvariantCulture),
        _ => throw new InvalidOperationException($"No cursor can carry a {Type}."),
    };
}

/// <summary>Both kinds of paging over one statement.</summary>
public static class Paging
{
    /// <summary>
    /// Reads one page. Sorted by the chosen field and then by id, so that the order is total and a cursor names one place in it.
    /// </summary>
    /// <param name="db">The unit of work. A list without <paramref name="hasOnePlan"/> is read outside its transaction.</param>
    /// <param name="query">What the client asked for.</param>
    /// <param name="columns">The select list, without <c>select</c>.</param>
    /// <param name="from">The tables and joins, without <c>from</c>.</param>
    /// <param name="where">The condition; <c>true</c> where all rows are meant.</param>
    /// <param name="id">The SQL of the row's id, a uuid.</param>
    /// <param name="sorts">What may be sorted by; the first is the default, descending if its name starts with <c>-</c>.</param>
    /// <param name="row">Reads one row.</param>
    /// <param name="ct">Ends the reading.</param>
    /// <param name="hasOnePlan">Whether one plan is the best whatever the values are: an index gives the order, and no filter is free. Then it is made once and kept.</param>
    /// <param name="counting">The tables and the condition that count the rows, without <c>from</c>, where that is less work than to find them; without it they are those of the rows.</param>
    /// <exception cref="InvalidException">An unknown sort, both kinds of paging at once, or a cursor of another list.</exception>
    public static async Task<Page<T>> List<T>(
        this Db db, PageQuery query, Sql columns, Sql from, Sql where, string id, SortField[] sorts, Func<NpgsqlDataReader, T> row, CancellationToken ct,
        bool hasOnePlan = false, Sql? counting = null)
    {
        if (query.Page is not null && query.After is not null)
            throw new InvalidException("after", "page and after cannot be used together.");

        var asked = query.Sort ?? sorts[0].Name;
        var descending = asked.StartsWith('-');
        var name = descending ? asked[1..] : asked;
        var sort = sorts.FirstOrDefault(field => field.Name.TrimStart('-') == name)
            ?? throw new InvalidException("sort", $"must be one of {string.Join(", ", sorts.Select(field => field.Name.TrimStart('-')))}.");
        var way = Sql.Raw(descending ? "desc" : "asc");
        var column = Sql.Raw(sort.Column);
        var key = Sql.Raw(id);

        var seek = Sql.Nothing;
        if (query.After is not null)
        {
            var (value, last) = Cursor.Read(query.After, asked);
            // The text goes back through the database's own reading of its type, the way it came.
            seek = Sql.Of($" and ({column}, {key}) {Sql.Raw(descending ? "<" : ">")} ({value}::text::{Sql.Raw(sort.Type)}, {last})");
        }

        var byNumber = query.After is null;
        var offset = byNumber ? ((query.Page ?? 1) - 1L) * query.Rows : 0L;
        List<Sql> statements =
        [
            $"select {columns}, {column} as sorted_by, {key} as row_id from {from} where {where}{seek} order by {column} {way}, {key} {way} limit {query.Rows + 1} offset {offset}",
        ];
        if (byNumber)
            statements.Add($"select count(*) from {counting ?? Sql.Of($"{from} where {where}")}");

        List<T> rows = new(query.Rows);
        string? next = null;
        var hasNext = false;
        long total = 0;
        async Task Take(NpgsqlDataReader reader)
        {
            var extra = reader.FieldCount - 2;
            while (await reader.ReadAsync(CancellationToken.None))
            {
                // The one row more only says that there is a next page.
                hasNext = rows.Count == query.Rows;
                if (hasNext)
                    continue;
                rows.Add(row(reader));
                if (rows.Count == query.Rows)
                    next = Cursor.Write(asked, sort.Text(reader, extra), reader.GetGuid(extra + 1));
            }

            if (byNumber && await reader.NextResultAsync(CancellationToken.None) && await reader.ReadAsync(CancellationToken.None))
                total = reader.GetInt64(0);
        }

        try
        {
            await (hasOnePlan ? db.Reading(statements, Take, ct) : db.ReadingPlanned(statements, Take, ct));
        }
        catch (PostgresException error) when (query.After is not null && error.SqlState.StartsWith("22", StringComparison.Ordinal))
        {
            throw new InvalidException("after", "is not a cursor of this list.");
        }

        if (!hasNext)
            next = null;
        var meta = byNumber
            ? new PageMeta(query.Page ?? 1, query.Rows, total, (total + query.Rows - 1) / query.Rows, hasNext, next)
            : new PageMeta(null, query.Rows, null, null, hasNext, next);
        return new(rows, meta);
    }
}

/// <summary>A place in a list: the sort it belongs to, the last row's value and id. Opaque to clients.</summary>
public static class Cursor
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The cursor after a row.</summary>
    // Not JSON, whose escapes would make a name of another alphabet longer than a cursor may be.
    public static string Write(string sort, string value, Guid id) => Base64Url.EncodeToString(Strict.GetBytes($"{sort}\n{id:N}\n{value}"));

    /// <summary>What a cursor says.</summary>
    /// <exception cref="InvalidException">It is not one, or of another order.</exception>
    public static (string Value, Guid Id) Read(string cursor, string sort)
    {
        try
        {
            if (Strict.GetString(Base64Url.DecodeFromChars(cursor)).Split('\n', 3) is [var order, var id, var value] && order == sort && Guid.TryParseExact(id, "N", out var last)
                && !value.Contains('\0', StringComparison.Ordinal))
                return (value, last);
        }
        catch (Exception error) when (error is FormatException or DecoderFallbackException)
        {
            // Said below, in the one way clients know.
        }

        throw new InvalidException("after", "is not a cursor of this list in this order.");
    }
}
