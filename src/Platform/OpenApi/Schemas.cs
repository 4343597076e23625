using System.Collections;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.OpenApi;

namespace Quitanda.Platform.OpenApi;

/// <summary>Which way a value goes: what may be left out and what is refused differ.</summary>
internal enum Way
{
    Request,
    Response,
}

/// <summary>
/// Schemas as the serializer and <see cref="Validation"/> really behave. The framework's generator does not see attributes on the
/// parameters of a record, knows no <see cref="Patch{T}"/>, and has one schema for a type whichever way it goes.
/// </summary>
internal sealed class Schemas(OpenApiDocument document, JsonSerializerOptions json, XmlComments comments)
{
    private readonly NullabilityInfoContext _nullability = new();
    private readonly Dictionary<string, Type> _owners = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _shared = new(StringComparer.Ordinal);
    private readonly HashSet<Type> _sent = [];
    private readonly HashSet<Type> _received = [];
    private readonly Dictionary<Type, bool> _differs = [];

    /// <summary>Every schema made so far, by id.</summary>
    public SortedDictionary<string, IOpenApiSchema> ById { get; } = new(StringComparer.Ordinal);

    /// <summary>Every id is one type's alone.</summary>
    /// <exception cref="InvalidOperationException">Two types share one, and a client would take one for the other.</exception>
    public void RequireUniqueIds()
    {
        if (_shared.Count > 0)
            throw new InvalidOperationException($"{string.Join(' ', _shared)} Rename one of them, or give it a {nameof(SchemaIdAttribute)}.");
    }

    /// <summary>Says which types are used, before the first schema is made: a type that goes both ways may need two.</summary>
    public void Use(Type type, Way way)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (Element(type) is { } element)
            Use(element, way);
        else if (SchemaIds.IsPatch(type))
            Use(type.GetGenericArguments()[0], way);
        else if (SchemaIds.IsNamed(type) && (way == Way.Request ? _received : _sent).Add(type) && !type.IsEnum)
            foreach (var member in Members(type, way))
                Use(member.PropertyType, way);
    }

    /// <summary>The schema of a type, by reference where it has one of its own.</summary>
    public IOpenApiSchema Of(Type type, Way way)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (!SchemaIds.IsNamed(type))
            return Inline(type, way);

        var isVariant = way == Way.Request && _sent.Contains(type) && Differs(type);
        var id = SchemaIds.Of(type)! + (isVariant ? "Input" : "");
        if (_owners.TryGetValue(id, out var owner))
        {
            if (owner != type)
                _shared.Add($"{owner} and {type} would both be the schema {id}.");
        }
        else
        {
            _owners[id] = type;
            ById[id] = type.IsEnum ? EnumOf(type) : ObjectOf(type, way);
        }

        return new OpenApiSchemaReference(id, document);
    }

    /// <summary>A schema that also takes null.</summary>
    public static IOpenApiSchema OrNull(IOpenApiSchema schema)
    {
        if (schema is not OpenApiSchema { Type: { } type } plain)
            return schema is OpenApiSchema ? schema : new OpenApiSchema { OneOf = [schema, new OpenApiSchema { Type = JsonSchemaType.Null }], Description = null };
        plain.Type = type | JsonSchemaType.Null;
        // An enum lists every value it takes, and null is one of them now.
        plain.Enum?.Add(JsonNullSentinel.JsonNull);
        return plain;
    }

    /// <summary>Adds what a parameter's or member's attributes say.</summary>
    public static void Bound(OpenApiSchema schema, IEnumerable<Attribute> attributes)
    {
        foreach (var attribute in attributes)
            Bound(schema, attribute);
    }

    private static void Bound(OpenApiSchema schema, Attribute attribute)
    {
        switch (attribute)
        {
            case RangeAttribute range:
                (schema.Minimum, schema.Maximum) = (Number(range.Minimum), Number(range.Maximum));
                break;
            case LengthAttribute length:
                AtLeast(schema, length.MinimumLength);
                AtMost(schema, length.MaximumLength);
                break;
            case StringLengthAttribute length:
                AtLeast(schema, length.MinimumLength);
                AtMost(schema, length.MaximumLength);
                break;
            case MinLengthAttribute length:
                AtLeast(schema, length.Length);
                break;
            case MaxLengthAttribute length:
                AtMost(schema, length.Length);
                break;
            case RequiredAttribute { AllowEmptyStrings: false } when schema.Type?.HasFlag(JsonSchemaType.String) == true && schema.MinLength is null:
                schema.MinLength = 1;
                break;
            case RegularExpressionAttribute pattern:
                // The attribute wants the whole text to match, the schema any part of it.
                schema.Pattern = pattern.Pattern.StartsWith('^') && pattern.Pattern.EndsWith('$') ? pattern.Pattern : $"^(?:{pattern.Pattern})$";
                break;
            case EmailAddressAttribute:
                schema.Format = "email";
                break;
            case UrlAttribute:
                schema.Format = "uri";
                break;
            case CurrencyAttribute:
                schema.Pattern = "^[A-Z]{3}$";
                break;
            case MetadataAttribute when schema.AdditionalProperties is OpenApiSchema value:
                (schema.MaxProperties, value.MaxLength) = (MetadataAttribute.MostPairs, MetadataAttribute.LongestValue);
                schema.PropertyNames = new OpenApiSchema { Type = JsonSchemaType.String, MinLength = 1, MaxLength = MetadataAttribute.LongestKey };
                break;
            case AllowedValuesAttribute allowed:
                schema.Enum = [.. allowed.Values.OfType<string>().Select(value => (JsonNode)value)];
                break;
            case DefaultValueAttribute { Value: { } value }:
                schema.Default = JsonSerializer.SerializeToNode(value, value.GetType(), Wire.Json);
                break;
        }
    }

    private IOpenApiSchema Inline(Type type, Way way)
    {
        if (SchemaIds.IsPatch(type))
            return Of(type.GetGenericArguments()[0], way);
        if (type == typeof(string) || type == typeof(char))
            return new OpenApiSchema { Type = JsonSchemaType.String };
        if (type == typeof(bool))
            return new OpenApiSchema { Type = JsonSchemaType.Boolean };
        if (type == typeof(int) || type == typeof(short) || type == typeof(byte))
            return new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int32" };
        if (type == typeof(long))
            return new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int64" };
        if (type == typeof(double) || type == typeof(float) || type == typeof(decimal))
            return new OpenApiSchema { Type = JsonSchemaType.Number, Format = type == typeof(decimal) ? null : "double" };
        if (type == typeof(Guid))
            return Text("uuid");
        if (type == typeof(DateTimeOffset) || type == typeof(DateTime))
            return Text("date-time");
        if (type == typeof(DateOnly))
            return Text("date");
        if (type == typeof(TimeOnly))
            return new OpenApiSchema { Type = JsonSchemaType.String, Pattern = "^([01]\\d|2[0-3]):[0-5]\\d(:[0-5]\\d(\\.\\d{1,7})?)?$" };
        if (type == typeof(Uri))
            return Text("uri");
        if (type == typeof(byte[]))
            return new OpenApiSchema { Type = JsonSchemaType.String, ContentEncoding = "base64" };
        if (typeof(Stream).IsAssignableFrom(type))
            return new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary" };
        if (IsDictionary(type) && Element(type) is { } value)
            return new OpenApiSchema { Type = JsonSchemaType.Object, AdditionalProperties = Of(value, way) };
        if (Element(type) is { } element)
            return new OpenApiSchema { Type = JsonSchemaType.Array, Items = Of(element, way) };
        // Any JSON at all.
        return new OpenApiSchema();
    }

    private static OpenApiSchema Text(string format) => new() { Type = JsonSchemaType.String, Format = format };

    private OpenApiSchema EnumOf(Type type) => new()
    {
        Type = JsonSchemaType.String,
        Description = comments.Of(type),
        Enum = [.. Enum.GetNames(type).Select(name => (JsonNode)JsonNamingPolicy.SnakeCaseLower.ConvertName(name))],
    };

    private OpenApiSchema ObjectOf(Type type, Way way)
    {
        var isReceived = _received.Contains(type) && (way == Way.Request || !Differs(type));
        var schema = new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            // A use case's own summary describes its operation; that of a request says nothing of its use case's.
            Description = comments.Of(type),
            Properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal),
            Required = new SortedSet<string>(StringComparer.Ordinal),
            AdditionalPropertiesAllowed = !isReceived || json.GetTypeInfo(type).UnmappedMemberHandling == JsonUnmappedMemberHandling.Skip,
        };
        foreach (var member in Members(type, way))
        {
            schema.Properties[member.Name] = MemberOf(member, way);
            if (IsRequired(member, way))
                schema.Required.Add(member.Name);
        }

        return schema;
    }

    private IOpenApiSchema MemberOf(JsonPropertyInfo member, Way way)
    {
        var property = (PropertyInfo)member.AttributeProvider!;
        var attributes = Attributes(member).ToArray();
        var schema = Of(member.PropertyType, way);
        if (schema is OpenApiSchema own)
        {
            if (own.Items is OpenApiSchema items && ElementIsNullable(property))
                own.Items = OrNull(items);
            Bound(own, attributes);
            if (TakesNull(property))
                OrNull(own);
            own.Description = comments.Of(property);
            return own;
        }

        var described = comments.Of(property);
        if (TakesNull(property))
            return new OpenApiSchema { OneOf = [schema, new OpenApiSchema { Type = JsonSchemaType.Null }], Description = described };
        if (schema is OpenApiSchemaReference reference && described is not null)
            reference.Description = described;
        return schema;
    }

    private static IEnumerable<Attribute> Attributes(JsonPropertyInfo member) =>
        ((PropertyInfo)member.AttributeProvider!).GetCustomAttributes().Concat(member.AssociatedParameter?.AttributeProvider?.GetCustomAttributes(inherit: true).OfType<Attribute>() ?? []);

    /// <summary>The members that go this way: what cannot be set is not asked for, what cannot be read is not answered.</summary>
    private IEnumerable<JsonPropertyInfo> Members(Type type, Way way) =>
        json.GetTypeInfo(type).Properties.Where(member => member.AttributeProvider is PropertyInfo && !member.IsExtensionData
            && (way == Way.Response ? member.Get is not null : member.AssociatedParameter is not null || member.Set is not null));

    private static bool IsRequired(JsonPropertyInfo member, Way way)
    {
        var property = (PropertyInfo)member.AttributeProvider!;
        if (way == Way.Response)
            return !IsLeftOutWhenNull(property);
        return !SchemaIds.IsPatch(member.PropertyType) && (member.IsRequired || member.AssociatedParameter is { HasDefaultValue: false, IsMemberInitializer: false });
    }

    /// <summary>Whether a type's two ways cannot share one schema, for its own sake or for that of something in it.</summary>
    private bool Differs(Type type)
    {
        if (type.IsEnum)
            return false;
        if (_differs.TryGetValue(type, out var known))
            return known;
        // While it is being found out, a type within itself decides nothing.
        _differs[type] = false;
        var asked = Members(type, Way.Request).Where(member => IsRequired(member, Way.Request)).Select(member => member.Name);
        var sent = Members(type, Way.Response).Where(member => IsRequired(member, Way.Response)).Select(member => member.Name);
        return _differs[type] = !Members(type, Way.Request).Select(member => member.Name).ToHashSet(StringComparer.Ordinal).SetEquals(Members(type, Way.Response).Select(member => member.Name))
            || !asked.ToHashSet(StringComparer.Ordinal).SetEquals(sent)
            || Members(type, Way.Request).Any(member => Named(member.PropertyType) is { } inner && Differs(inner));
    }

    private static Type? Named(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (SchemaIds.IsPatch(type))
            return Named(type.GetGenericArguments()[0]);
        return Element(type) is { } element ? Named(element) : SchemaIds.IsNamed(type) ? type : null;
    }

    private bool IsNullable(PropertyInfo property)
    {
        if (!SchemaIds.IsPatch(property.PropertyType))
            return Nullable.GetUnderlyingType(property.PropertyType) is not null || (!property.PropertyType.IsValueType && _nullability.Create(property).ReadState == NullabilityState.Nullable);
        var held = property.PropertyType.GetGenericArguments()[0];
        return Nullable.GetUnderlyingType(held) is not null || (!held.IsValueType && _nullability.Create(property).GenericTypeArguments[0].ReadState == NullabilityState.Nullable);
    }

    private bool ElementIsNullable(PropertyInfo property)
    {
        var state = _nullability.Create(property);
        return (state.ElementType ?? (state.GenericTypeArguments is [var only] && !SchemaIds.IsPatch(property.PropertyType) ? only : null)) is { ReadState: NullabilityState.Nullable };
    }

    /// <summary>A patch that is left out when it is not set still says null when it is set to that.</summary>
    private bool TakesNull(PropertyInfo property) => IsNullable(property) && (SchemaIds.IsPatch(property.PropertyType) || !IsLeftOutWhenNull(property));

    private static bool IsLeftOutWhenNull(PropertyInfo property) =>
        property.GetCustomAttribute<JsonIgnoreAttribute>() is { Condition: JsonIgnoreCondition.WhenWritingNull or JsonIgnoreCondition.WhenWritingDefault };

    private static bool IsDictionary(Type type) => Dictionary(type) is not null;

    private static Type? Dictionary(Type type) => type.GetInterfaces().Prepend(type).FirstOrDefault(contract =>
        contract.IsGenericType && (contract.GetGenericTypeDefinition() == typeof(IDictionary<,>) || contract.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>)));

    private static Type? Element(Type type)
    {
        if (type == typeof(string) || type == typeof(byte[]) || !typeof(IEnumerable).IsAssignableFrom(type) || typeof(JsonNode).IsAssignableFrom(type))
            return null;
        if (Dictionary(type) is { } dictionary)
            return dictionary.GetGenericArguments()[1];
        return type.IsArray
            ? type.GetElementType()
            : type.GetInterfaces().Prepend(type).FirstOrDefault(contract => contract.IsGenericType && contract.GetGenericTypeDefinition() == typeof(IEnumerable<>))?.GetGenericArguments()[0];
    }

    private static void AtLeast(OpenApiSchema schema, int length)
    {
        if (length <= 0)
            return;
        if (schema.Type?.HasFlag(JsonSchemaType.Array) == true)
            schema.MinItems = length;
        else if (schema.Type?.HasFlag(JsonSchemaType.Object) == true)
            schema.MinProperties = length;
        else
            schema.MinLength = length;
    }

    private static void AtMost(OpenApiSchema schema, int length)
    {
        if (length < 0)
            return;
        if (schema.Type?.HasFlag(JsonSchemaType.Array) == true)
            schema.MaxItems = length;
        else if (schema.Type?.HasFlag(JsonSchemaType.Object) == true)
            schema.MaxProperties = length;
        else
            schema.MaxLength = length;
    }

    private static string Number(object bound) => Convert.ToString(bound, CultureInfo.InvariantCulture)!;
}
