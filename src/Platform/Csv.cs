using System.Globalization;
using System.Reflection;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;

namespace Quitanda.Platform;

/// <summary>Text as CSV (RFC 4180).</summary>
public static class Csv
{
    /// <summary>Adds a row and its end.</summary>
    public static void Append(StringBuilder to, IReadOnlyList<string?> cells)
    {
        for (var at = 0; at < cells.Count; at++)
            to.Append(at > 0 ? "," : "").Append(Cell(cells[at]));
        to.Append("\r\n");
    }

    /// <summary>A number as every reader of files takes it: digits alone, after a minus where it is below zero.</summary>
    public static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>One cell. What a spreadsheet would take for a formula is told apart by an apostrophe before it.</summary>
    public static string Cell(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return "";
        var safe = text[0] is '=' or '+' or '-' or '@' or '\t' or '\r' or '\n' ? $"'{text}" : text;
        return safe.AsSpan().IndexOfAny("\",\r\n") < 0 ? safe : $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}

/// <summary>A table as a file of CSV, small enough to be made at once.</summary>
public sealed class CsvFile(string name, IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string?>> rows) : IResult, IEndpointMetadataProvider, IStatusCodeHttpResult
{
    private const string ContentType = "text/csv";

    int? IStatusCodeHttpResult.StatusCode => StatusCodes.Status200OK;

    static void IEndpointMetadataProvider.PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(Stream), [ContentType]));

    /// <inheritdoc/>
    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.ContentType = $"{ContentType}; charset=utf-8; header=present";
        response.Headers.CacheControl = "no-store";
        response.Headers.ContentDisposition = $"attachment; filename=\"{name}.csv\"";
        StringBuilder text = new();
        Csv.Append(text, columns);
        foreach (var row in rows)
            Csv.Append(text, row);
        return response.WriteAsync(text.ToString(), httpContext.RequestAborted);
    }
}
