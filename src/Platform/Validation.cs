using System.Collections;
using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using System.Linq.Expressions;
using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Quitanda.Platform;

/// <summary>Checks the attributes of a request record, however deep, before its use case runs.</summary>
/// <remarks>
/// Not the framework's AddValidation(): in .NET 10 that silently skips internal types and the elements of arrays.
/// A rule that is silently not applied is a hole. The rules of a type are read once and kept.
/// </remarks>
public static class Validation
{
    private static readonly ConcurrentDictionary<Type, Member[]> Plans = new();

    /// <summary>What is wrong with <paramref name="request"/>, by field as the client wrote it (<c>items[0].quantity</c>); null where nothing is.</summary>
    public static IReadOnlyDictionary<string, string[]>? Errors(object request)
    {
        Dictionary<string, string[]>? errors = null;
        Check(request, "", ref errors);
        return errors;
    }

    /// <summary>Whether values of the type are looked into: our own records and nothing else.</summary>
    internal static bool IsRequest(Type type) =>
        type.IsClass && OwnTypes.Has(type)
        && type != typeof(Caller) && type.GetMethod("<Clone>$", BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance) is not null;

    private static void Check(object value, string path, ref Dictionary<string, string[]>? errors)
    {
        foreach (var member in Plans.GetOrAdd(value.GetType(), Plan))
        {
            var current = member.Get(value);
            if (member.IsPatch)
            {
                var patch = (IPatch)current!;
                if (!patch.IsSet)
                    continue;
                current = patch.Value;
            }

            var field = path + member.Name;
            if (Broken(member, current, value) is { Length: > 0 } broken)
                (errors ??= new(StringComparer.Ordinal))[field] = broken;
            else if (current is not null && member.IsDeep)
                Deeper(current, field, ref errors);
        }
    }

    private static void Deeper(object current, string field, ref Dictionary<string, string[]>? errors)
    {
        if (current is IDictionary)
            return;
        if (current is not IEnumerable items)
        {
            Check(current, field + ".", ref errors);
            return;
        }

        var index = 0;
        foreach (var item in items)
        {
            if (item is null)
                (errors ??= new(StringComparer.Ordinal))[$"{field}[{index}]"] = ["must not be null."];
            else if (IsRequest(item.GetType()))
                Check(item, $"{field}[{index}].", ref errors);
            index++;
        }
    }

    private static string[]? Broken(Member member, object? current, object owner)
    {
        List<string>? broken = null;
        if (current is null && member.RefusesNull)
            (broken ??= []).Add("must not be null.");
        else
            foreach (var rule in member.Rules)
            {
                // A pattern is not tried on what is too long for its field: some take time that grows faster than the text.
                if (broken is not null && rule is RegularExpressionAttribute)
                    continue;
                var context = new ValidationContext(owner) { MemberName = member.Name, DisplayName = member.Name };
                if (rule.GetValidationResult(current, context) is { ErrorMessage: { } message })
                    (broken ??= []).Add(message);
                else if (current is "" && rule is RegularExpressionAttribute pattern && !TakesNothing(pattern))
                    (broken ??= []).Add(rule.FormatErrorMessage(member.Name));
            }

        return broken?.ToArray();
    }

    /// <summary>Whether the pattern itself takes a text of no length. The framework asks it about none, and takes every such text.</summary>
    private static bool TakesNothing(RegularExpressionAttribute pattern) => Regex.IsMatch("", pattern.Pattern, RegexOptions.None, pattern.MatchTimeout);

    private static Member[] Plan(Type type)
    {
        var nullability = new NullabilityInfoContext();
        var parameters = type.GetConstructors(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance)
            .SelectMany(constructor => constructor.GetParameters()).Where(parameter => parameter.Name is not null).ToLookup(parameter => parameter.Name, StringComparer.Ordinal);

        // Only what can be written came from the client. What is worked out from it may not even be there to be read while something is wrong.
        return
        [
            .. from property in type.GetProperties(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance)
               where property is { GetMethod: not null, SetMethod: not null } && property.GetIndexParameters().Length == 0
               let isPatch = property.PropertyType.IsGenericType && property.PropertyType.GetGenericTypeDefinition() == typeof(Patch<>)
               let rules = property.GetCustomAttributes<ValidationAttribute>()
                   .Concat(parameters[property.Name].SelectMany(parameter => parameter.GetCustomAttributes<ValidationAttribute>())).Distinct()
                   // What says how long a text may be comes before what looks at all of it.
                   .OrderBy(rule => rule is RegularExpressionAttribute).ToArray()
               let held = isPatch ? property.PropertyType.GetGenericArguments()[0] : property.PropertyType
               let isDeep = IsDeep(held)
               let refusesNull = isPatch && RefusesNull(nullability.Create(property))
               where rules.Length > 0 || isDeep || refusesNull
               select new Member(JsonNamingPolicy.CamelCase.ConvertName(property.Name), Getter(type, property), rules, isPatch, refusesNull, isDeep),
        ];
    }

    private static bool RefusesNull(NullabilityInfo patch) => patch.GenericTypeArguments[0].ReadState == NullabilityState.NotNull;

    private static bool IsDeep(Type type)
    {
        if (type.IsArray)
            return !type.GetElementType()!.IsPrimitive;
        return IsRequest(type) || (type != typeof(string) && typeof(IEnumerable).IsAssignableFrom(type));
    }

    private static Func<object, object?> Getter(Type type, PropertyInfo property)
    {
        var value = Expression.Parameter(typeof(object));
        return Expression.Lambda<Func<object, object?>>(Expression.Convert(Expression.Property(Expression.Convert(value, type), property), typeof(object)), value).Compile();
    }

    private sealed record Member(string Name, Func<object, object?> Get, ValidationAttribute[] Rules, bool IsPatch, bool RefusesNull, bool IsDeep);
}
