using System.Text.Json.Nodes;
using Quitanda.Platform;

namespace Quitanda.Payments.Simulator;

/// <summary>What one simulated provider knows: things by kind and id, in a transaction of its own. What is looked up is locked until that ends.</summary>
internal sealed class SimulatedWorld(string provider, Db db, TimeProvider clock)
{
    private readonly List<SimulatedEvent> _emitted = [];

    public DateTimeOffset Now => clock.GetUtcNow();

    /// <summary>What the provider tells us of what happened in this transaction, in its order.</summary>
    public IReadOnlyList<SimulatedEvent> Emitted => _emitted;

    /// <summary>Whether the next refund is to fail, as an account without funds has it; asked once for each.</summary>
    public bool RefundFails { get; init; }

    /// <summary>A thing, locked; null where there is none.</summary>
    public async Task<JsonObject?> Find(string kind, string id, CancellationToken ct) => Parse(await db.ReadFirst(
        $"select body from payments.simulated_things where provider = {provider} and kind = {kind} and id = {id} for update", row => row.GetString(0), ct));

    /// <summary>The things of a parent, the first first, locked.</summary>
    public async Task<List<JsonObject>> Children(string kind, string parent, CancellationToken ct) => (await db.Read(
        $"select body from payments.simulated_things where provider = {provider} and kind = {kind} and parent = {parent} order by created_at, id for update", row => row.GetString(0), ct)).ConvertAll(body => Parse(body)!);

    /// <summary>Things that were made in a time, the first first, after one of them; not locked.</summary>
    public async Task<List<(string Id, JsonObject Body)>> Made(string kind, DateTimeOffset from, DateTimeOffset until, int limit, int skip, CancellationToken ct) => (await db.Read(
        $"""
        select id, body from payments.simulated_things
        where provider = {provider} and kind = {kind} and created_at >= {from} and created_at < {until} order by created_at, id limit {limit} offset {skip}
        """, row => (row.GetString(0), Parse(row.GetString(1))!), ct));

    /// <summary>Keeps a thing, new or changed.</summary>
    public Task Put(string kind, string id, JsonObject body, CancellationToken ct, string? parent = null) => db.Execute(
        $"""
        insert into payments.simulated_things (provider, kind, id, parent, body, created_at)
        values ({provider}, {kind}, {id}, {parent}, {new Sql.JsonValue(body.ToJsonString())}, {Now})
        on conflict (provider, kind, id) do update set body = excluded.body, parent = coalesce(excluded.parent, simulated_things.parent)
        """, ct);

    /// <summary>Tells us of it, once this has committed.</summary>
    public void Emit(SimulatedEvent happened) => _emitted.Add(happened);

    /// <summary>An id in a provider's shape: a prefix and random letters and digits.</summary>
    public static string NewId(string prefix, int length = 24) => prefix + System.Security.Cryptography.RandomNumberGenerator.GetString("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", length);

    /// <summary>An id in a provider's shape: digits alone, rising with time.</summary>
    public long NewNumber() => Now.ToUnixTimeMilliseconds() * 1000 + System.Security.Cryptography.RandomNumberGenerator.GetInt32(1000);

    private static JsonObject? Parse(string? body) => body is null ? null : JsonNode.Parse(body)!.AsObject();
}
