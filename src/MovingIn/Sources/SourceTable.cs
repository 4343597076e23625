namespace Quitanda.MovingIn.Sources;

/// <summary>A table, or a view, of another system's database.</summary>
/// <param name="Schema">Its schema.</param>
/// <param name="Name">Its name, as it is written there.</param>
/// <param name="Columns">Its columns.</param>
/// <param name="IsView">Whether it only shows what is in others, or lies elsewhere.</param>
internal sealed record SourceTable(string Schema, string Name, IReadOnlyList<SourceColumn> Columns, bool IsView)
{
    /// <summary>How it is named in a statement.</summary>
    public string Quoted => $"{Quote(Schema)}.{Quote(Name)}";

    /// <summary>How people name it.</summary>
    public string Shown => Schema == "public" ? Name : $"{Schema}.{Name}";

    /// <summary>The first of some columns that is there.</summary>
    public SourceColumn? Find(IEnumerable<string> names) => names.Select(name => Columns.FirstOrDefault(column => !column.IsBytes && Spelled(column.Name) == Spelled(name))).FirstOrDefault(column => column is not null);

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
    private const int LongestText = 100_000;

    /// <summary>Whether it holds whole numbers.</summary>
    public bool IsWhole => Type is "smallint" or "integer" or "bigint";

    /// <summary>Whether it holds bytes, which are no text of anything.</summary>
    public bool IsBytes => Type is "bytea" or "bytea[]";

    /// <summary>What a statement selects to have it as text, whatever it is, so many characters at the most: more than anything here takes, so that who takes it says what was cut.</summary>
    public string AsText(string alias)
    {
        var column = $"{alias}.{SourceTable.Quote(Name)}";
        return $"left({(IsArray ? $"to_jsonb({column})::text" : Type == "money" ? $"{column}::numeric::text" : $"{column}::text")}, {LongestText})";
    }
}
