using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Notifications.Events;

/// <summary>
/// Lists what happened, the first first: for whoever was away and catches up. Each event is there once, in an order that never changes, and none is ever put in
/// before one that was given out. <c>meta.next</c> is there also where nothing more is: kept and sent again as <c>after</c>, it gives what happened since. Of one type, a page may be empty and
/// have a next one.
/// </summary>
[Refuses("cursor_lost", 410)]
internal static class ListEvents
{
    private const string Order = "events";
    private const int DefaultLimit = 20;

    /// <summary>Events that get their places on a reader's account; a timer does the rest.</summary>
    private const int NumberedAtMost = 1000;

    internal sealed record Query
    {
        /// <summary><c>meta.next</c> of the page before. Without it the list begins with the oldest that is kept.</summary>
        [StringLength(1000, MinimumLength = 1)]
        public string? After { get; init; }

        /// <summary>Events a page, 1 to 100; 20 without it.</summary>
        [Range(1, 100), DefaultValue(DefaultLimit)]
        public int? Limit { get; init; }

        /// <summary>Only events of this type.</summary>
        [StringLength(50, MinimumLength = 1)]
        public string? Type { get; init; }
    }

    public static async Task<Ok<Page<EventDetails>>> Handle([AsParameters] Query query, Db db, CancellationToken ct)
    {
        var limit = query.Limit ?? DefaultLimit;
        if (query.Type is { } asked && !EventType.IsOne(asked))
            throw new InvalidException("type", $"must be one of {string.Join(", ", EventType.All.Select(type => type.Name))}.");
        var (position, last) = Begin(query.After);
        var ofType = query.Type is { } type ? Sql.Of($" and e.type = {type}") : Sql.Nothing;

        var (isLost, numbered, placed) = (false, 0, default((long Position, Guid Id)));
        List<(long Position, EventDetails Event)> found = [];
        // One implicit transaction, in which each statement sees what the one before it did.
        await db.Reading(
            [
                $"select notifications.number_events({NumberedAtMost})",
                $"""
                select f.forgotten > {position} or ({position} > f.forgotten and not exists (select from notifications.events e where e.position = {position} and e.id = {last})), placed.position, placed.id
                from notifications.event_feed f
                left join lateral (select e.position, e.id from notifications.events e where e.position is not null order by e.position desc limit 1) placed on true
                """,
                $"select e.position, e.id, e.type, e.occurred_at, e.data::text from notifications.events e where e.position > {position}{ofType} order by e.position limit {limit + 1}",
            ],
            async reader =>
            {
                numbered = await reader.ReadAsync(CancellationToken.None) ? reader.GetInt32(0) : 0;
                await reader.NextResultAsync(CancellationToken.None);
                isLost = await reader.ReadAsync(CancellationToken.None) && reader.GetBoolean(0);
                placed = reader.IsDBNull(1) ? default : (reader.GetInt64(1), reader.GetGuid(2));
                await reader.NextResultAsync(CancellationToken.None);
                while (await reader.ReadAsync(CancellationToken.None))
                    found.Add((reader.GetInt64(0), new(reader.GetGuid(1), reader.GetString(2), reader.GetFieldValue<DateTimeOffset>(3), JsonSerializer.Deserialize<JsonElement>(reader.GetString(4), Wire.Stored))));
            }, ct);
        if (isLost && query.After is not null)
            throw new RefusedException("cursor_lost", "Not everything that came after it is there any more. Begin without a cursor, and look what you have missed.", StatusCodes.Status410Gone);

        var isFull = found.Count > limit;
        if (isFull)
            found.RemoveAt(limit);
        var end = found.Count == 0 ? default : (found[^1].Position, found[^1].Event.Id);
        // Who was given all that is asked for has also passed over what is not: they keep their place however long none of their own happens. The list saw no less than the last place
        // did, for it was read after it.
        if (!isFull && placed.Position > end.Position)
            end = placed;
        // What has no place yet may be of the type.
        var hasNext = isFull || numbered == NumberedAtMost;
        var next = end.Position <= position ? query.After : Cursor.Write(Order, end.Position.ToString(CultureInfo.InvariantCulture), end.Id);
        return TypedResults.Ok(new Page<EventDetails>([.. found.Select(one => one.Event)], new(Page: null, limit, Total: null, TotalPages: null, hasNext, next)));
    }

    private static (long Position, Guid Id) Begin(string? after)
    {
        if (after is null)
            return (0, Guid.Empty);
        var (value, id) = Cursor.Read(after, Order);
        return long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var position) && position > 0 ? (position, id) : throw new InvalidException("after", "is not a cursor of this list.");
    }
}
