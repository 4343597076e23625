using Quitanda.Platform;

namespace Quitanda.Accounts.Sessions;

/// <summary>The day on which somebody last signed in or refreshed. Sessions are deleted after days, so they cannot say it.</summary>
internal sealed class LastSeen
{
    public required Guid UserId { get; init; }
    public required DateOnly SeenOn { get; init; }

    /// <summary>Writes it down: at most one row version a user and day, so that refreshing every few minutes writes nothing more.</summary>
    public static Sql Note(Guid userId, DateTimeOffset now) => Note($"values ({userId}, {now.UtcDay()})");

    /// <summary>Writes it down for whom a query finds with their day, alike.</summary>
    public static Sql Note(Sql seen) =>
        $"""
        insert into accounts.last_seen as l (user_id, seen_on) {seen}
        on conflict (user_id) do update set seen_on = excluded.seen_on where l.seen_on < excluded.seen_on
        """;
}

/// <summary>Days as they are counted here.</summary>
internal static class Days
{
    /// <summary>The day in UTC: accounts know no shop and so no time zone.</summary>
    public static DateOnly UtcDay(this DateTimeOffset at) => DateOnly.FromDateTime(at.UtcDateTime);
}
