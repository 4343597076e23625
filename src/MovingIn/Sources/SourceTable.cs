namespace Quitanda.MovingIn.Sources;

/// <summary>A table, or a view, of another system's database.</summary>
/// <param name="Schema">Its schema.</param>
/// <param name="Name">Its name, as it is written there.</param>
/// <param name="Columns">Its columns.</param>
internal sealed record SourceTable(string Schema, string Name, IReadOnlyList<SourceColumn> Columns)
{
    /// <summary>How it is named in a statement.</summary>
    public string Quoted => $"{Quote(Schema)}.{Quote(Name)}";

    /// <summary>How people name it.</summary>
    public string Shown => Schema == "public" ? Name : $"{Schema}.{Name}";

    /// <summary>The first of some columns that is there.</summary>
    public SourceColumn? Find(IEnumerable<string> names) => names.Select(name => Columns.FirstOrDefault(column => Spelled(column.Name) == Spelled(name))).FirstOrDefault(column => column is not null);

    /// <summary>A name as names are compared: <c>createdAt</c>, <c>created_at</c> and <c>CreatedAt</c> are one.</summary>
    public static string Spelled(string name) => name.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal).ToLowerInvariant();

    /// <summary>The name of a table as such names are compared: one of a thing and one of many are one.</summary>
    public static string Singular(string name) => Spelled(name) switch
    {
        [.. var stem, 'i', 'e', 's'] => $"{stem}y",
        [.. var stem, 's', 's', 'e', 's'] => $"{stem}ss",
        [.. _, 's', 's'] word => word,
        [.. var stem, 's'] => stem,
        var word => word,
    };

    /// <summary>A name as a statement takes it, whatever is in it.</summary>
    public static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}

/// <summary>A column of it.</summary>
/// <param name="Name">As it is written there.</param>
/// <param name="Type">PostgreSQL's name of its type.</param>
/// <param name="IsArray">Whether it holds arrays.</param>
internal sealed record SourceColumn(string Name, string Type, bool IsArray)
{
    /// <summary>Whether it holds whole numbers.</summary>
    public bool IsWhole => Type is "smallint" or "integer" or "bigint";

    /// <summary>What a statement selects to have it as text, whatever it is.</summary>
    public string AsText(string alias)
    {
        var column = $"{alias}.{SourceTable.Quote(Name)}";
        return IsArray ? $"to_jsonb({column})::text" : Type == "money" ? $"{column}::numeric::text" : $"{column}::text";
    }
}
