using System.Buffers.Text;
using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Quitanda.Platform.AuditLog;

/// <summary>
/// Turns what happened into rows of the audit log, and rows back into what happened. A personal value is kept as <c>{"$sealed": "PERSON.BYTES"}</c>, bound to
/// its row and its place in it.
/// </summary>
public sealed class AuditTrail
{
    /// <summary>What is read where somebody's key is gone.</summary>
    public const string Erased = "[erased]";

    private const string SealedMember = "$sealed";
    private const int LongestAgent = 200;

    private readonly PersonKeys _keys;
    private readonly TimeProvider _clock;

    internal AuditTrail(PersonKeys keys, TimeProvider clock) => (_keys, _clock) = (keys, clock);

    /// <summary>The statements that write the rows, in the unit of work of what happened.</summary>
    internal async Task<IReadOnlyList<Sql>> Rows(Db db, IReadOnlyList<AuditEvent> happened, HttpContext? http, CancellationToken ct)
    {
        var caller = http is null ? null : Caller.Of(http);
        var now = _clock.GetUtcNow();
        // What happened at one moment is listed in the order in which it was said.
        var ids = happened.Select(_ => Guid.CreateVersion7(now)).Order();
        var rows = happened.Zip(ids, (one, id) => new Row(id, one, caller, http, now)).ToList();
        var held = await _keys.FindOrMake(db, rows.SelectMany(row => row.Places).Select(place => place.Person).ToHashSet(), ct);
        return [.. rows.Select(row => row.Sealed(held).Insert())];
    }

    /// <summary>The statement that writes a row for each of many resources, with nothing in it that is about anybody.</summary>
    internal static Sql Each(string action, Guid actorId, string resourceType, IReadOnlyCollection<(Guid ResourceId, IReadOnlyDictionary<string, string> Facts)> happened, DateTimeOffset now)
    {
        var ids = happened.Select(_ => Guid.CreateVersion7(now)).Order().ToArray();
        var (resources, details) = (happened.Select(one => one.ResourceId).ToArray(), happened.Select(one => JsonSerializer.Serialize(one.Facts, Wire.Json)).ToArray());
        return $"""
            insert into platform.audit_log (id, at, action, actor_id, actor_roles, resource_type, resource_id, trace_id, origin, details)
            select id, {now}, {action}, {actorId}, array[]::text[], {resourceType}, resource::text, {Activity.Current?.TraceId.ToHexString()}, jsonb_build_object(), details::jsonb
            from unnest({ids}, {resources}, {details}) as one (id, resource, details)
            """;
    }

    /// <summary>What is sealed in a row, opened with the keys at hand.</summary>
    internal static JsonObject? Open(JsonObject? json, Guid row, string path, IReadOnlyDictionary<Guid, byte[]?> held)
    {
        if (json is null)
            return null;
        foreach (var (name, value) in json.ToArray())
            json[name] = OpenNode(value, row, $"{path}.{name}", held);
        return json;
    }

    /// <summary>The people whose keys a row's JSON asks for.</summary>
    internal static IEnumerable<Guid> PeopleIn(JsonNode? node) => node switch
    {
        JsonObject json when SealOf(json) is { } closed => PersonOf(closed) is { } person ? [person] : [],
        JsonObject json => json.SelectMany(member => PeopleIn(member.Value)),
        JsonArray items => items.SelectMany(PeopleIn),
        _ => [],
    };

    private static JsonNode? OpenNode(JsonNode? node, Guid row, string path, IReadOnlyDictionary<Guid, byte[]?> held)
    {
        switch (node)
        {
            case JsonObject json when SealOf(json) is { } closed:
                return OpenText(closed, row, path, held) is { } text ? JsonNode.Parse(text) : json.DeepClone();
            case JsonObject json:
                return Open((JsonObject)json.DeepClone(), row, path, held);
            case JsonArray items:
                return new JsonArray([.. items.Select((item, index) => OpenNode(item, row, $"{path}[{index}]", held))]);
            default:
                return node?.DeepClone();
        }
    }

    /// <summary>The JSON text that was sealed; that of <see cref="Erased"/> where the key is gone; null for what only looks sealed, as a client's own words may.</summary>
    private static string? OpenText(string closed, Guid row, string path, IReadOnlyDictionary<Guid, byte[]?> held)
    {
        if (PersonOf(closed) is not { } person)
            return null;
        if (held.GetValueOrDefault(person) is not { } key)
            return $"\"{Erased}\"";
        try
        {
            return Encoding.UTF8.GetString(Seals.Open(key, Base64Url.DecodeFromChars(closed.AsSpan(closed.IndexOf('.', StringComparison.Ordinal) + 1)), PlaceIn(row, path)));
        }
        catch (Exception error) when (error is CryptographicException or FormatException)
        {
            return null;
        }
    }

    private static string? SealOf(JsonObject json) => json.Count == 1 && json[SealedMember] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static Guid? PersonOf(string closed) => closed.Split('.') is [var person, _] && Guid.TryParseExact(person, "N", out var id) ? id : null;

    private static byte[] PlaceIn(Guid row, string path) => Encoding.UTF8.GetBytes($"{row:N}{path}");

    /// <summary>One row on its way in.</summary>
    private sealed class Row
    {
        private readonly AuditEvent _event;
        private readonly Caller? _caller;
        private readonly HttpContext? _http;
        private readonly DateTimeOffset _at;
        private readonly Guid _id;
        private readonly Guid? _actor;
        private readonly JsonObject? _details;
        private readonly JsonObject _origin = [];

        public Row(Guid id, AuditEvent happened, Caller? caller, HttpContext? http, DateTimeOffset at)
        {
            (_event, _caller, _http, _at, _id, _actor) = (happened, caller, http, at, id, happened.ActorId ?? caller?.Id);
            var about = happened.PersonId ?? _actor ?? PersonKeys.Nobody;
            _details = DetailsOf(happened);
            if (AddressOf(http?.Connection.RemoteIpAddress) is { } address)
                _origin["address"] = address;
            if (AgentOf(http) is { Length: > 0 } agent)
                _origin["userAgent"] = agent;

            Places =
            [
                .. In(happened.Before, about, "before"),
                .. In(happened.After, about, "after"),
                .. (happened.PersonalFacts ?? new Dictionary<string, string>(StringComparer.Ordinal)).Keys.Select(name => new Personal.Place(_details!, name, about, $"details.{name}")),
                // Where somebody came from says something about who came; where nobody is known, about whom it was tried on.
                .. _origin.Select(member => member.Key).Select(name => new Personal.Place(_origin, name, _actor ?? about, $"origin.{name}")),
            ];
        }

        public List<Personal.Place> Places { get; }

        public Row Sealed(Dictionary<Guid, byte[]?> held)
        {
            foreach (var (holder, name, person, path) in Places)
            {
                var text = Encoding.UTF8.GetBytes(holder[name]!.ToJsonString(Wire.Json));
                // Whoever was erased stays so: what is learnt of them later is not kept at all.
                var closed = held[person] is { } key ? Base64Url.EncodeToString(Seals.Seal(key, text, PlaceIn(_id, path))) : "";
                holder[name] = new JsonObject { [SealedMember] = $"{person:N}.{closed}" };
            }

            return this;
        }

        public Sql Insert() =>
            $"""
            insert into platform.audit_log (
                id, at, action, actor_id, actor_roles, session_id, person_id, resource_type, resource_id, request_id, trace_id, origin, before, after, details)
            values (
                {_id}, {_at}, {_event.Action}, {_actor}, {RolesOf(_caller)}, {_caller?.SessionId}, {_event.PersonId}, {_event.ResourceType}, {_event.ResourceId},
                {_http?.TraceIdentifier}, {Activity.Current?.TraceId.ToHexString()}, {Sql.Json(_origin)}, {Sql.Json(_event.Before?.Json)}, {Sql.Json(_event.After?.Json)}, {Sql.Json(_details)})
            """;

        private static List<Personal.Place> In(Snapshot? snapshot, Guid person, string path) =>
            snapshot is null ? [] : Personal.Of(snapshot.Type).PlacesIn(snapshot.Json, person, path).ToList();

        private static JsonObject? DetailsOf(AuditEvent happened)
        {
            if (happened.Facts is null && happened.PersonalFacts is null)
                return null;
            var details = new JsonObject();
            foreach (var (name, value) in (happened.Facts ?? new Dictionary<string, string>(StringComparer.Ordinal)).Concat(happened.PersonalFacts ?? new Dictionary<string, string>(StringComparer.Ordinal)))
                details[name] = value;
            return details;
        }

        private static string[] RolesOf(Caller? caller) =>
            caller is null ? [] : [.. Enum.GetValues<Roles>().Where(role => role != Roles.None && caller.Roles.HasFlag(role)).Select(role => role.Name())];

        private static string? AddressOf(IPAddress? address) => address switch
        {
            null => null,
            { IsIPv4MappedToIPv6: true } => address.MapToIPv4().ToString(),
            _ => new IPAddress(address.GetAddressBytes()).ToString(),
        };

        private static string? AgentOf(HttpContext? http)
        {
            var agent = http?.Request.Headers.UserAgent.ToString();
            if (agent is null || agent.Length <= LongestAgent)
                return agent;
            // Half of a surrogate pair is no text that could be stored.
            return char.IsHighSurrogate(agent[LongestAgent - 1]) ? agent[..(LongestAgent - 1)] : agent[..LongestAgent];
        }
    }
}
