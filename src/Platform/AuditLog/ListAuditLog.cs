using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace Quitanda.Platform.AuditLog;

/// <summary>
/// Lists what was done by a role, and what concerns the safety of accounts, the newest first. Nothing in it was ever changed or deleted. What was personal
/// about somebody who has been erased reads <c>[erased]</c>.
/// </summary>
internal static class ListAuditLog
{
    private static readonly SortField[] Sorts = [new("-at", "l.at", "timestamptz")];

    internal sealed record Query : PageQuery
    {
        /// <summary>Only what this user did.</summary>
        public Guid? Actor { get; init; }

        /// <summary>Only what is about this user, whoever did it.</summary>
        public Guid? Person { get; init; }

        /// <summary>Only this action: a use case such as <c>ChangeProduct</c>, or an event such as <c>SignInFailed</c>.</summary>
        [StringLength(100, MinimumLength = 1)]
        public string? Action { get; init; }

        /// <summary>Only what happened to these, as in their path: <c>orders</c>, or one of them as <c>orders/ID</c>.</summary>
        [StringLength(250, MinimumLength = 1)]
        public string? Resource { get; init; }

        /// <summary>Only from this moment on.</summary>
        public DateTimeOffset? From { get; init; }

        /// <summary>Only before this moment.</summary>
        public DateTimeOffset? To { get; init; }
    }

    /// <summary>One thing that happened.</summary>
    /// <param name="Id">Its id.</param>
    /// <param name="At">When.</param>
    /// <param name="Action">The use case, or the event.</param>
    /// <param name="Actor">Who did it; null for a guest and for the house itself.</param>
    /// <param name="PersonId">Whom it is about.</param>
    /// <param name="Resource">What it happened to.</param>
    /// <param name="Origin">Where it was done from.</param>
    /// <param name="Before">What the resource was, as far as it changed; whole where it was deleted.</param>
    /// <param name="After">What it is since, as far as it changed; whole where it was made.</param>
    /// <param name="Details">What else is known of it.</param>
    internal sealed record Entry(
        Guid Id, DateTimeOffset At, string Action, Actor? Actor, Guid? PersonId, Target? Resource, Origin Origin, JsonObject? Before, JsonObject? After, JsonObject? Details);

    /// <summary>Who did it.</summary>
    /// <param name="Id">The user.</param>
    /// <param name="Roles">What they were then.</param>
    /// <param name="SessionId">The sign-in, or the API key, it was done with.</param>
    internal sealed record Actor(Guid Id, string[] Roles, Guid? SessionId);

    /// <summary>What it happened to.</summary>
    /// <param name="Type">The collection, as in its path.</param>
    /// <param name="Id">Which of them; null for what there is one of.</param>
    internal sealed record Target(string Type, string? Id);

    /// <summary>Where it was done from.</summary>
    /// <param name="Address">The network address.</param>
    /// <param name="UserAgent">What the client calls itself.</param>
    /// <param name="RequestId">The request, as in the logs.</param>
    /// <param name="TraceId">Its trace.</param>
    internal sealed record Origin(string? Address, string? UserAgent, string? RequestId, string? TraceId);

    public static async Task<Ok<Page<Entry>>> Handle([AsParameters] Query query, Db db, PersonKeys keys, CancellationToken ct)
    {
        var page = await db.List(query,
            Sql.Raw("l.id, l.at, l.action, l.actor_id, l.actor_roles, l.session_id, l.person_id, l.resource_type, l.resource_id, l.request_id, l.trace_id, l.origin, l.before, l.after, l.details"),
            Sql.Raw("platform.audit_log l"), Where(query), "l.id", Sorts, Closed.Read, ct);
        var people = page.Data.SelectMany(row => row.People).Distinct().ToArray();
        var held = people.Length == 0 ? [] : await keys.Find(db, people, ct);
        return TypedResults.Ok(new Page<Entry>([.. page.Data.Select(row => row.Open(held))], page.Meta));
    }

    private static Sql Where(Query query)
    {
        var where = Sql.Raw("true");
        if (query.Actor is { } actor)
            where = $"{where} and l.actor_id = {actor}";
        if (query.Person is { } person)
            where = $"{where} and l.person_id = {person}";
        if (query.Action is { } action)
            where = $"{where} and l.action = {action}";
        if (query.Resource?.Split('/', 2) is { } resource)
            where = $"{where} and l.resource_type = {resource[0]}{(resource.Length > 1 ? Sql.Of($" and l.resource_id = {resource[1]}") : Sql.Nothing)}";
        if (query.From is { } from)
            where = $"{where} and l.at >= {from.ToUniversalTime()}";
        if (query.To is { } to)
            where = $"{where} and l.at < {to.ToUniversalTime()}";
        return where;
    }

    /// <summary>A row as it is kept.</summary>
    private sealed record Closed(Entry Entry, JsonObject? Where)
    {
        public IEnumerable<Guid> People => ((JsonObject?[])[Where, Entry.Before, Entry.After, Entry.Details]).SelectMany(AuditTrail.PeopleIn);

        public static Closed Read(NpgsqlDataReader row) => new(
            new(row.GetGuid(0), row.GetFieldValue<DateTimeOffset>(1), row.GetString(2),
                row.IsDBNull(3) ? null : new(row.GetGuid(3), row.GetFieldValue<string[]>(4), row.IsDBNull(5) ? null : row.GetGuid(5)),
                row.IsDBNull(6) ? null : row.GetGuid(6),
                row.IsDBNull(7) ? null : new(row.GetString(7), Text(row, 8)),
                new(null, null, Text(row, 9), Text(row, 10)),
                Json(row, 12), Json(row, 13), Json(row, 14)),
            Json(row, 11));

        public Entry Open(IReadOnlyDictionary<Guid, byte[]?> held)
        {
            var origin = AuditTrail.Open(Where, Entry.Id, "origin", held);
            return Entry with
            {
                Origin = Entry.Origin with { Address = origin?["address"]?.ToString(), UserAgent = origin?["userAgent"]?.ToString() },
                Before = AuditTrail.Open(Entry.Before, Entry.Id, "before", held),
                After = AuditTrail.Open(Entry.After, Entry.Id, "after", held),
                Details = AuditTrail.Open(Entry.Details, Entry.Id, "details", held),
            };
        }

        private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

        private static JsonObject? Json(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : (JsonObject)JsonNode.Parse(row.GetString(column))!;
    }
}
