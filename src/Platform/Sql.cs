using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Npgsql;
using NpgsqlTypes;

namespace Quitanda.Platform;

/// <summary>
/// A statement written as an interpolated string: every hole becomes a typed parameter, never text, so nothing a caller sent
/// can become SQL. A hole that is itself <see cref="Sql"/> is spliced in with its own parameters.
/// </summary>
[InterpolatedStringHandler]
public sealed class Sql
{
    private readonly List<object> _pieces;

    /// <summary>Called by the compiler.</summary>
    public Sql(int literalLength, int formattedCount)
    {
        _ = literalLength;
        _pieces = new(2 * formattedCount + 1);
    }

    /// <summary>No text at all: the condition that is not there.</summary>
    public static Sql Nothing { get; } = new(0, 0);

    /// <summary>A piece of SQL of our own making, such as a column name. Never text that came from outside.</summary>
    public static Sql Raw(string text)
    {
        var sql = new Sql(0, 0);
        sql._pieces.Add(text);
        return sql;
    }

    /// <summary>The statement itself, where a <see cref="Sql"/> is wanted but no parameter takes one: <c>Sql.Of($"...")</c>.</summary>
    public static Sql Of(Sql sql) => sql;

    /// <summary>A value stored as <c>jsonb</c>, or null.</summary>
    public static JsonValue Json<T>(T? value) => new(value is null ? null : JsonSerializer.Serialize(value, Wire.Json));

    /// <summary>JSON text on its way into a <c>jsonb</c> column.</summary>
    public readonly record struct JsonValue(string? Text);

    /// <summary>Called by the compiler for the text between holes.</summary>
    public void AppendLiteral(string text) => _pieces.Add(text);

    /// <summary>Splices another statement in.</summary>
    public void AppendFormatted(Sql sql) => _pieces.AddRange(sql._pieces);

    /// <summary>A <c>jsonb</c> parameter.</summary>
    public void AppendFormatted(JsonValue json) => _pieces.Add(new NpgsqlParameter<string?> { TypedValue = json.Text, NpgsqlDbType = NpgsqlDbType.Jsonb });

    /// <summary>A parameter of the value's own type; enums go by their stored name.</summary>
    public void AppendFormatted<T>(T value)
    {
        _pieces.Add(Enums<T>.Names is { } names ? new NpgsqlParameter<string?> { TypedValue = value is null ? null : names[value] } : new NpgsqlParameter<T> { TypedValue = value });
    }

    /// <summary>The stored names of an enum's values; null for every other type.</summary>
    private static class Enums<T>
    {
        public static readonly Dictionary<object, string>? Names = (Nullable.GetUnderlyingType(typeof(T)) ?? typeof(T)) is { IsEnum: true } type
            ? Enum.GetValues(type).Cast<object>().ToDictionary(value => value, value => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()!))
            : null;
    }

    /// <summary>The text, for logs and debuggers; values are not in it.</summary>
    public override string ToString() => ToCommand().CommandText;

    internal NpgsqlBatchCommand ToCommand()
    {
        var command = new NpgsqlBatchCommand();
        if (_pieces is [string only])
        {
            command.CommandText = only;
            return command;
        }

        var text = new StringBuilder(512);
        foreach (var piece in _pieces)
        {
            if (piece is string literal)
            {
                text.Append(literal);
                continue;
            }

            // A fragment spliced in twice brings the same parameter object twice; a command wants each its own.
            var parameter = (NpgsqlParameter)piece;
            command.Parameters.Add(parameter.Collection is null ? parameter : parameter.Clone());
            text.Append('$').Append(command.Parameters.Count);
        }

        command.CommandText = text.ToString();
        return command;
    }
}
