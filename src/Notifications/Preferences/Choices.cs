using Quitanda.Notifications.Notices;
using Quitanda.Platform;

namespace Quitanda.Notifications.Preferences;

/// <summary>In which ways people want to be told.</summary>
internal sealed class Choices(Db db)
{
    /// <summary>The ways in which somebody wants to be told of a kind.</summary>
    public async Task<IReadOnlyCollection<Channel>> WaysTo(Guid personId, NoticeKind kind, CancellationToken ct)
    {
        var ways = kind.On.ToHashSet();
        foreach (var (channel, isOn) in await db.Read(
            $"select channel, is_on from notifications.preferences where person_id = {personId} and kind = {kind.Name}", row => (Wire.Parse<Channel>(row.GetString(0)), row.GetBoolean(1)), ct))
            if (kind.Has(channel) && isOn)
                ways.Add(channel);
            else
                ways.Remove(channel);
        return ways;
    }

    /// <summary>All that somebody has said about it.</summary>
    public async Task<IReadOnlyDictionary<(string Kind, Channel Channel), bool>> Of(Guid personId, CancellationToken ct) => (await db.Read(
        $"select kind, channel, is_on from notifications.preferences where person_id = {personId}",
        row => (Key: (row.GetString(0), Wire.Parse<Channel>(row.GetString(1))), IsOn: row.GetBoolean(2)), ct)).ToDictionary(choice => choice.Key, choice => choice.IsOn);

    /// <summary>Notes that somebody wants no more of a kind in one way.</summary>
    public Task TurnOff(Guid personId, string kind, Channel channel, DateTimeOffset now, CancellationToken ct) => db.Execute(
        $"""
        insert into notifications.preferences (person_id, kind, channel, is_on, updated_at) values ({personId}, {kind}, {channel}, false, {now})
        on conflict (person_id, kind, channel) do update set is_on = false, updated_at = excluded.updated_at where preferences.is_on
        """, ct);
}
