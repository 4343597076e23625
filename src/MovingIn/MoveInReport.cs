using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using Quitanda.MovingIn.Sources;
using Quitanda.Platform;

namespace Quitanda.MovingIn;

/// <summary>What became of a row.</summary>
internal enum Fate
{
    /// <summary>It came.</summary>
    Taken,

    /// <summary>It is the same as what was here.</summary>
    Joined,

    /// <summary>It came before and is as it was.</summary>
    Unchanged,

    /// <summary>It came before and is another there since; here it stays as it is.</summary>
    Changed,

    /// <summary>It could not come.</summary>
    Refused,
}

/// <summary>A row, what became of it and what is said of it.</summary>
internal sealed record Outcome(string Kind, string OldId, Fate Fate, IReadOnlyList<Remark> Remarks, Remark? Refusal = null, Guid? NewId = null);

/// <summary>A table that nothing was read from.</summary>
/// <param name="Table">As people name it.</param>
/// <param name="Rows">How many rows it has; null where they cannot be counted.</param>
/// <param name="IsEstimate">Whether that is what the server estimates, as there are too many to be counted.</param>
/// <param name="Why">Why nothing was read.</param>
internal sealed record LeftTable(string Table, long? Rows, bool IsEstimate, string Why);

/// <summary>What came of an import: numbers by kind, and each remark as it is made, in a file that grows with it.</summary>
public sealed class MoveInReport : IDisposable
{
    private static readonly JsonWriterOptions Readable = new() { Indented = true, Encoder = JavaScriptEncoder.Create(UnicodeRanges.All) };

    private readonly Dictionary<string, Sums> _kinds = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Kind, string Code, bool IsRefusal), long> _codes = [];
    private readonly List<string> _order = [];
    private readonly string? _path;
    private Utf8JsonWriter? _writer;
    private FileStream? _file;

    internal MoveInReport(string? path) => _path = path;

    /// <summary>Whether all of the other system was gone through.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Rows that are in the other system.</summary>
    public long Read => _kinds.Values.Sum(sums => sums.Of.Sum());

    /// <summary>Rows of a kind, such as <c>users</c>, that came: new, or joined with what was here.</summary>
    public long Taken(string kind) => Of(kind, Fate.Taken) + Of(kind, Fate.Joined);

    /// <summary>Rows of a kind that had come before and are as they were.</summary>
    public long Unchanged(string kind) => Of(kind, Fate.Unchanged);

    /// <summary>Rows of a kind that had come before and are others since.</summary>
    public long Changed(string kind) => Of(kind, Fate.Changed);

    /// <summary>Rows of a kind that could not come.</summary>
    public long Refused(string kind) => Of(kind, Fate.Refused);

    /// <summary>How often something was said, such as <c>email_invalid</c>.</summary>
    public long Said(string code) => _codes.Where(one => one.Key.Code == code).Sum(one => one.Value);

    /// <summary>Begins, or begins anew.</summary>
    internal void Begin(Reading reading, MoveInOptions options)
    {
        _kinds.Clear();
        _codes.Clear();
        _order.Clear();
        _writer?.Dispose();
        _file?.Dispose();
        if (_path is null)
            return;
        _file = new(_path, FileMode.Create, FileAccess.Write, FileShare.Read);
        _writer = new(_file, Readable);
        _writer.WriteStartObject();
        _writer.WriteString("from", options.From);
        _writer.WriteString("name", reading.Name);
        _writer.WriteBoolean("dryRun", options.IsDryRun);
        _writer.WriteString("startedAt", reading.Now);
        _writer.WriteString("currency", reading.Currency);
        _writer.WriteString("timeZoneOfTimesWithoutOne", reading.Zone.Id);
        _writer.WriteStartArray("remarks");
    }

    /// <summary>Names a kind, so that it is in the report though no row of it is there.</summary>
    internal void Name(string kind)
    {
        if (_kinds.TryAdd(kind, new()))
            _order.Add(kind);
    }

    /// <summary>Adds what became of rows.</summary>
    internal void Add(IEnumerable<Outcome> outcomes)
    {
        foreach (var outcome in outcomes)
        {
            Name(outcome.Kind);
            _kinds[outcome.Kind].Of[(int)outcome.Fate]++;
            if (outcome.Fate == Fate.Changed)
                Say(outcome, new("changed_since", "It was changed there since it came; here it stays as it is."), isRefusal: false);
            if (outcome.Refusal is { } refusal)
                Say(outcome, refusal, isRefusal: true);
            foreach (var remark in outcome.Remarks.DistinctBy(remark => (remark.Code, remark.Text)))
                Say(outcome, remark, isRefusal: false);
        }

        _writer?.Flush();
    }

    /// <summary>Adds rows that all stay where they are, for one reason.</summary>
    internal void Leave(string kind, long rows, Remark why)
    {
        Name(kind);
        _kinds[kind].Of[(int)Fate.Refused] += rows;
        if (rows > 0)
            Say(new(kind, "*", Fate.Refused, []), why, isRefusal: true, rows);
        _writer?.Flush();
    }

    /// <summary>Ends the file.</summary>
    /// <param name="isComplete">Whether all was gone through.</param>
    /// <param name="tables">How each table was read.</param>
    /// <param name="left">Tables that nothing was read from, how many rows they have, and why.</param>
    internal void End(bool isComplete, IReadOnlyList<(string Kind, SourceQuery? Query, string Amounts)> tables, IReadOnlyList<LeftTable> left)
    {
        IsComplete = isComplete;
        if (_writer is null)
            return;
        _writer.WriteEndArray();
        _writer.WriteBoolean("complete", isComplete);
        _writer.WriteStartObject("kinds");
        foreach (var kind in _order)
        {
            _writer.WriteStartObject(kind);
            foreach (var fate in Enum.GetValues<Fate>())
                _writer.WriteNumber(JsonNamingPolicy.CamelCase.ConvertName(fate.ToString()), Of(kind, fate));
            _writer.WriteEndObject();
        }

        _writer.WriteEndObject();
        _writer.WriteStartArray("counts");
        foreach (var ((kind, code, isRefusal), count) in Codes)
        {
            _writer.WriteStartObject();
            _writer.WriteString("kind", kind);
            _writer.WriteString("code", code);
            _writer.WriteBoolean("refused", isRefusal);
            _writer.WriteNumber("rows", count);
            _writer.WriteEndObject();
        }

        _writer.WriteEndArray();
        WriteTables(tables, left);
        _writer.WriteEndObject();
        Dispose();
    }

    /// <summary>The numbers for people, a line for each kind and one for each thing that was said.</summary>
    public IEnumerable<string> Lines()
    {
        yield return $"{"",-12}{"taken",10}{"joined",10}{"unchanged",11}{"changed",10}{"refused",10}";
        foreach (var kind in _order)
            yield return string.Create(CultureInfo.InvariantCulture, $"{kind,-12}{Of(kind, Fate.Taken),10}{Of(kind, Fate.Joined),10}{Of(kind, Fate.Unchanged),11}{Of(kind, Fate.Changed),10}{Of(kind, Fate.Refused),10}");
        foreach (var ((kind, code, isRefusal), count) in Codes)
            yield return string.Create(CultureInfo.InvariantCulture, $"  {kind} {code}{(isRefusal ? " (refused)" : "")}: {count}");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _writer?.Dispose();
        _file?.Dispose();
        (_writer, _file) = (null, null);
    }

    private IEnumerable<KeyValuePair<(string Kind, string Code, bool IsRefusal), long>> Codes =>
        _codes.OrderBy(one => _order.IndexOf(one.Key.Kind)).ThenByDescending(one => one.Key.IsRefusal).ThenBy(one => one.Key.Code, StringComparer.Ordinal);

    private long Of(string kind, Fate fate) => _kinds.TryGetValue(kind, out var sums) ? sums.Of[(int)fate] : 0;

    private void Say(Outcome outcome, Remark remark, bool isRefusal, long rows = 1)
    {
        var key = (outcome.Kind, remark.Code, isRefusal);
        _codes[key] = _codes.GetValueOrDefault(key) + rows;
        if (_writer is null)
            return;
        _writer.WriteStartObject();
        _writer.WriteString("kind", outcome.Kind);
        _writer.WriteString("id", outcome.OldId);
        if (outcome.NewId is { } id)
            _writer.WriteString("newId", id);
        _writer.WriteBoolean("refused", isRefusal);
        _writer.WriteString("code", remark.Code);
        _writer.WriteString("text", remark.Text);
        _writer.WriteEndObject();
    }

    private void WriteTables(IReadOnlyList<(string Kind, SourceQuery? Query, string Amounts)> tables, IReadOnlyList<LeftTable> left)
    {
        _writer!.WriteStartArray("tables");
        foreach (var (kind, query, amounts) in tables)
        {
            _writer.WriteStartObject();
            _writer.WriteString("kind", kind);
            _writer.WriteString("table", query?.Table.Shown);
            if (query is not null)
            {
                _writer.WriteStartObject("read");
                foreach (var (field, column) in query.Read)
                    _writer.WriteString(field, column);
                _writer.WriteEndObject();
                _writer.WriteString("amounts", amounts);
                _writer.WriteStartArray("notThere");
                foreach (var field in query.Missing)
                    _writer.WriteStringValue(field);
                _writer.WriteEndArray();
            }

            _writer.WriteEndObject();
        }

        _writer.WriteEndArray();
        _writer.WriteStartArray("left");
        foreach (var (table, rows, isEstimate, why) in left)
        {
            _writer.WriteStartObject();
            _writer.WriteString("table", table);
            if (rows is { } number)
                _writer.WriteNumber("rows", number);
            else
                _writer.WriteNull("rows");
            _writer.WriteBoolean("isEstimate", isEstimate);
            _writer.WriteString("why", why);
            _writer.WriteEndObject();
        }

        _writer.WriteEndArray();
    }

    private sealed class Sums
    {
        public long[] Of { get; } = new long[Enum.GetValues<Fate>().Length];
    }
}
