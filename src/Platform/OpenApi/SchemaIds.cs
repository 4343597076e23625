using System.Reflection;
using System.Text.Json;

namespace Quitanda.Platform.OpenApi;

/// <summary>The names of schemas: use case and type for nested types (<c>PlaceOrderRequest</c>), the plain name for shared ones.</summary>
internal static class SchemaIds
{
    /// <summary>The id of a type that has a schema of its own; null for what is written where it is used.</summary>
    public static string? Of(Type type) => IsNamed(Nullable.GetUnderlyingType(type) ?? type) ? Name(Nullable.GetUnderlyingType(type) ?? type) : null;

    /// <summary>Whether the type is an enum, or a record of ours.</summary>
    public static bool IsNamed(Type type) =>
        type.IsEnum || (!type.IsArray && !IsPatch(type) && OwnTypes.Has(type) && !typeof(System.Collections.IEnumerable).IsAssignableFrom(type));

    public static bool IsPatch(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Patch<>);

    /// <summary>The words of a name: <c>PlaceOrder</c> is <c>Place order</c>.</summary>
    public static string Sentence(string name)
    {
        var words = JsonNamingPolicy.SnakeCaseLower.ConvertName(name).Replace('_', ' ');
        return char.ToUpperInvariant(words[0]) + words[1..];
    }

    private static string Name(Type type)
    {
        if (type.GetCustomAttribute<SchemaIdAttribute>(inherit: false) is { } given)
            return given.Id;
        var own = type.Name.Split('`')[0];
        if (type.IsGenericType)
            return string.Concat(type.GetGenericArguments().Select(argument => Of(argument) ?? argument.Name)) + own;
        return type.DeclaringType is { } outer ? Name(outer) + own : own;
    }
}
