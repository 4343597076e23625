using System.Text;

namespace Quitanda.MovingIn.Sources;

/// <summary>A layout as it was found in one database: the statement that reads it, everything as text.</summary>
internal sealed class SourceQuery
{
    private static readonly string[] Created = ["created_at", "createdat", "created", "date_created", "inserted_at", "criado_em"];

    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);
    private readonly List<(Field Field, SourceColumn Column, string Alias)> _found = [];
    private readonly List<string> _missing = [];
    private readonly List<string> _sides = [];
    private readonly string _from;
    private readonly string _order;

    private SourceQuery(SourceTable table, Layout layout, Func<string[], SourceTable?> find)
    {
        Table = table;
        var sides = new Dictionary<string, (SourceTable Table, string Alias)>(StringComparer.Ordinal);
        var from = new StringBuilder($"{table.Quoted} t");
        foreach (var side in layout.Sides)
            if (find(side.Tables) is { } beside && Join(table, side, beside, $"s{sides.Count + 1}") is { } join)
            {
                sides.Add(side.Name, (beside, $"s{sides.Count + 1}"));
                _sides.Add(beside.Shown);
                from.Append(join);
            }

        foreach (var field in layout.Fields)
            if (Place(field, table, sides) is { } place)
            {
                _places.Add(field.Name, _found.Count);
                _found.Add((field, place.Column, place.Alias));
            }
            else
                _missing.Add(field.Name);
        _from = from.ToString();
        var key = Column("id") is { } id ? $"t.{SourceTable.Quote(id.Name)}" : "1";
        _order = table.Find(Created) is { } created ? $"t.{SourceTable.Quote(created.Name)}, {key}" : key;
    }

    /// <summary>The table that it reads.</summary>
    public SourceTable Table { get; }

    /// <summary>The tables that it reads beside, as people name them.</summary>
    public IReadOnlyList<string> Beside => _sides;

    /// <summary>What of the layout is not there.</summary>
    public IReadOnlyList<string> Missing => _missing;

    /// <summary>Which columns are read as what.</summary>
    public IReadOnlyDictionary<string, string> Read => _found.ToDictionary(found => found.Field.Name, found => $"{(found.Alias == "t" ? "" : "beside: ")}{found.Column.Name} ({found.Column.Type})", StringComparer.Ordinal);

    /// <summary>Columns of a row.</summary>
    public int Width => _found.Count;

    /// <summary>The statement: the first that came, first.</summary>
    public string Everything => $"select {Columns} from {_from} order by {_order}";

    /// <summary>How many rows there are.</summary>
    public string Count => $"select count(*)::text from {Table.Quoted}";

    /// <summary>What its columns are read as, in their order.</summary>
    public IEnumerable<string> Names => _found.Select(found => found.Field.Name);

    private string Columns => string.Join(", ", _found.Select(found => found.Column.AsText(found.Alias)));

    /// <summary>Finds a layout; null where its table, or the column that names its rows, is not there.</summary>
    public static SourceQuery? Of(Layout layout, Func<string[], SourceTable?> find, string key = "id") =>
        find(layout.Tables) is { } table && new SourceQuery(table, layout, find) is var query && query.Column(key) is not null ? query : null;

    /// <summary>All rows that belong to others by a field, in the order of those, each with the place of the row that it belongs to and that row's key.</summary>
    public string Belonging(string field, SourceQuery parents)
    {
        var key = parents.Column("id")!;
        var name = SourceTable.Quote(key.Name);
        // Of two rows with one key only the first comes, so what belongs to them is the first one's.
        return $"""
            select {Columns}, parents.source_place::text, parents.{name}::text
            from {_from} join (
                select every.{name}, min(every.source_place) as source_place
                from (select t.{name}, row_number() over (order by {parents._order}) as source_place from {parents.Table.Quoted} t) every group by every.{name}
            ) parents on {Same("parents", key, "t", Column(field)!)}
            order by parents.source_place, {_order}
            """;
    }

    /// <summary>The rows that name, in a field, what is not there: their keys and that name, so many at the most.</summary>
    public string Orphans(string field, SourceQuery parents, int most)
    {
        var (mine, theirs) = (Column(field)!, parents.Column("id")!);
        var key = Column("id") is { } id ? $"t.{SourceTable.Quote(id.Name)}::text" : "null::text";
        return $"""
            select {key}, t.{SourceTable.Quote(mine.Name)}::text from {Table.Quoted} t
            where not exists (select from {parents.Table.Quoted} p where {Same("p", theirs, "t", mine)}) order by 2, 1 limit {most}
            """;
    }

    /// <summary>The column that a field is read from.</summary>
    public SourceColumn? Column(string field) => _places.TryGetValue(field, out var place) ? _found[place].Column : null;

    /// <summary>Where a field stands in a row; less than nothing where it is not read.</summary>
    public int PlaceOf(string field) => _places.GetValueOrDefault(field, -1);

    private static (SourceColumn Column, string Alias)? Place(Field field, SourceTable table, Dictionary<string, (SourceTable Table, string Alias)> sides)
    {
        foreach (var name in field.Columns)
            if (name.Split('.') is [var side, var column])
            {
                if (sides.TryGetValue(side, out var beside) && beside.Table.Find([column]) is { } found)
                    return (found, beside.Alias);
            }
            else if (table.Find([name]) is { } found)
                return (found, "t");
        return null;
    }

    private static string? Join(SourceTable table, Side side, SourceTable beside, string alias)
    {
        List<(SourceColumn Beside, SourceColumn Main)> on = [];
        foreach (var (theirs, ours) in side.On)
            if (beside.Find(theirs) is { } one && table.Find(ours) is { } other)
                on.Add((one, other));
            else
                return null;
        var keys = string.Join(", ", on.Select(pair => SourceTable.Quote(pair.Beside.Name)));
        var newest = beside.Find(Created) is { } created ? $", {SourceTable.Quote(created.Name)} desc nulls last" : "";
        return $" left join (select distinct on ({keys}) * from {beside.Quoted} order by {keys}{newest}) {alias} on {string.Join(" and ", on.Select(pair => Same(alias, pair.Beside, "t", pair.Main)))}";
    }

    /// <summary>That two columns are the same, compared as texts where their types are not the same.</summary>
    private static string Same(string alias, SourceColumn one, string other, SourceColumn two)
    {
        var cast = one.Type == two.Type || (one.IsWhole && two.IsWhole) ? "" : "::text";
        return $"{alias}.{SourceTable.Quote(one.Name)}{cast} = {other}.{SourceTable.Quote(two.Name)}{cast}";
    }
}
