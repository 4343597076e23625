using System.Collections;
using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace Quitanda.Platform.AuditLog;

/// <summary>A resource as the log shows it: its JSON and the type that says what of it is personal.</summary>
internal sealed record Snapshot(JsonObject Json, Type Type)
{
    /// <summary>Whose it is, where it says so.</summary>
    public Guid? Person => Personal.Of(Type).PersonOf(Json);

    public static Snapshot? Of(Rendition? rendition) => rendition is null ? null : Of(rendition.Value, rendition.Body);

    public static Snapshot? Of(object? value, byte[] body) => value is not null && JsonNode.Parse(body) is JsonObject json ? new(json, value.GetType()) : null;

    /// <summary>Leaves in both only what differs.</summary>
    public static void KeepChanged(Snapshot before, Snapshot after)
    {
        foreach (var (name, value) in before.Json.ToArray())
            if (after.Json.TryGetPropertyValue(name, out var now) && JsonNode.DeepEquals(value, now))
            {
                before.Json.Remove(name);
                after.Json.Remove(name);
            }
    }
}

/// <summary>What of a type's JSON is personal, by the attributes of its members.</summary>
internal sealed class Personal
{
    private static readonly ConcurrentDictionary<Type, Personal> Known = new();
    private static readonly JsonSerializerOptions Json = Ready();

    private readonly Member[] _members;
    private readonly string? _person;

    private Personal(Type type)
    {
        var members = MembersOf(type).ToArray();
        _person = members.FirstOrDefault(member => member.Attributes.OfType<PersonAttribute>().Any())?.Name;
        _members = [.. members.Where(member => member.IsPersonal || member.Record is not null)];
    }

    /// <summary>The plan of a type.</summary>
    public static Personal Of(Type type) => Known.GetOrAdd(type, key => new(key));

    /// <summary>The members of a type as JSON has them, with what is said of each.</summary>
    public static IEnumerable<Member> MembersOf(Type type) =>
        Json.GetTypeInfo(type) is not { Kind: JsonTypeInfoKind.Object } info ? [] :
        from property in info.Properties
        where property.Get is not null
        select new Member(property.Name, property.PropertyType,
            [.. (property.AttributeProvider as PropertyInfo)?.GetCustomAttributes() ?? [], .. property.AssociatedParameter?.AttributeProvider?.GetCustomAttributes(inherit: true).OfType<Attribute>() ?? []]);

    /// <summary>Whose a representation is, where it says so.</summary>
    public Guid? PersonOf(JsonObject json) => _person is not null && json[_person] is JsonValue value && value.TryGetValue<Guid>(out var person) ? person : null;

    /// <summary>Finds what is to be sealed.</summary>
    /// <param name="json">A value of the type.</param>
    /// <param name="person">Whose it is, unless it says so itself.</param>
    /// <param name="path">Where it stands, which the seal is bound to.</param>
    public IEnumerable<Place> PlacesIn(JsonObject json, Guid person, string path)
    {
        person = PersonOf(json) ?? person;
        foreach (var member in _members)
        {
            if (!json.TryGetPropertyValue(member.Name, out var value) || value is null)
                continue;
            if (member.IsPersonal)
                yield return new(json, member.Name, person, $"{path}.{member.Name}");
            else
                foreach (var place in Inside(value, member, person, $"{path}.{member.Name}"))
                    yield return place;
        }
    }

    /// <summary>The API's JSON, ready to be asked for its members before anything was ever written with it.</summary>
    private static JsonSerializerOptions Ready()
    {
        Wire.Json.MakeReadOnly(populateMissingResolver: true);
        return Wire.Json;
    }

    private static IEnumerable<Place> Inside(JsonNode value, Member member, Guid person, string path) => value switch
    {
        JsonObject json => Of(member.Record!).PlacesIn(json, person, path),
        JsonArray items => items.Select((item, index) => (item, index)).Where(pair => pair.item is JsonObject)
            .SelectMany(pair => Of(member.Record!).PlacesIn((JsonObject)pair.item!, person, $"{path}[{pair.index}]")),
        _ => [],
    };

    /// <summary>A member and what is said of it.</summary>
    internal sealed record Member(string Name, Type Type, Attribute[] Attributes)
    {
        public bool IsPersonal => Attributes.OfType<PersonalAttribute>().Any();

        /// <summary>The record of ours that it holds, alone or many times; null where it holds none.</summary>
        public Type? Record { get; } = RecordOf(Type);

        private static Type? RecordOf(Type type)
        {
            type = Nullable.GetUnderlyingType(type) ?? type;
            if (type != typeof(string) && type.IsAssignableTo(typeof(IEnumerable)))
                return type.IsArray ? RecordOf(type.GetElementType()!) : type.IsGenericType && type.GetGenericArguments() is [var only] ? RecordOf(only) : null;
            return type.IsClass && OwnTypes.Has(type) ? type : null;
        }
    }

    /// <summary>A value that is to be sealed where it stands.</summary>
    internal sealed record Place(JsonObject Holder, string Name, Guid Person, string Path);
}
