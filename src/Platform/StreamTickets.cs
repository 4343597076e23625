using System.Buffers.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace Quitanda.Platform;

/// <summary>Whom a ticket lets in, as it was when it was given.</summary>
/// <param name="UserId">The caller.</param>
/// <param name="SessionId">The sign-in that asked for it.</param>
/// <param name="Version">The version of the user then.</param>
/// <param name="GoodUntil">When what the caller showed runs out.</param>
public sealed record TicketHolder(Guid UserId, Guid SessionId, long? Version, DateTimeOffset? GoodUntil);

/// <summary>
/// Tickets for what a browser opens without headers of ours: random, good for a minute and for one use, so that one in a proxy's log is worth
/// nothing. Only their hashes are stored.
/// </summary>
public sealed class StreamTickets(Database database, TimeProvider clock)
{
    /// <summary>Begins every ticket, so that one is told from an access token wherever either may stand.</summary>
    private const string Prefix = "qst_";

    private static readonly int Length = Prefix.Length + Base64Url.GetEncodedLength(32);

    /// <summary>Whether this looks like a ticket of ours.</summary>
    public static bool IsOne(ReadOnlySpan<char> text) => text.Length == Length && text.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>256 random bits.</summary>
    internal static string New() => Prefix + OpaqueToken.New();

    /// <summary>Spends a ticket and says whose it was; null where it is none, too old or spent. Of many at once with one ticket, one gets its holder.</summary>
    public async Task<TicketHolder?> Spend(string ticket, CancellationToken ct)
    {
        if (!IsOne(ticket))
            return null;
        TicketHolder? holder = null;
        await database.Reading(
            $"delete from platform.stream_tickets where hash = {OpaqueToken.HashOf(ticket)} and expires_at > {clock.GetUtcNow()} returning user_id, session_id, version, good_until", async reader =>
            {
                if (await reader.ReadAsync(CancellationToken.None))
                    holder = new(reader.GetGuid(0), reader.GetGuid(1), reader.IsDBNull(2) ? null : reader.GetInt64(2), reader.IsDBNull(3) ? null : reader.GetFieldValue<DateTimeOffset>(3));
            }, ct);
        return holder;
    }
}

/// <summary>
/// Gives a ticket, good for one use within a minute: for event streams as `?ticket=`, and for the realtime hub. What is opened with it lasts as
/// long as the access token that asked for it.
/// </summary>
[AnswersSecret]
internal static class IssueStreamTicket
{
    /// <param name="Ticket">Random; good once.</param>
    /// <param name="ExpiresAt">When it is too late to use it.</param>
    internal sealed record Response(string Ticket, DateTimeOffset ExpiresAt);

    public static Ok<Response> Handle(Caller caller, Db db, IOptions<StreamSettings> settings, TimeProvider clock, HttpContext http)
    {
        var ticket = StreamTickets.New();
        var expiresAt = clock.GetUtcNow().AddSeconds(settings.Value.TicketSeconds);
        db.Write($"""
            insert into platform.stream_tickets (hash, user_id, session_id, version, good_until, expires_at)
            values ({OpaqueToken.HashOf(ticket)}, {caller.Id}, {caller.SessionId}, {caller.Version}, {caller.GoodUntil}, {expiresAt})
            """);
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(new Response(ticket, expiresAt));
    }
}

/// <summary>Deletes tickets that nobody used in time.</summary>
internal sealed class ForgetStreamTickets(Db db) : IHandle<Tick>
{
    public Task Handle(Tick message, CancellationToken ct) => db.Execute($"delete from platform.stream_tickets where expires_at < {message.At}", ct);
}
