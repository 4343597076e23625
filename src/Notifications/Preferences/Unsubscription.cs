using Quitanda.Notifications.Notices;
using Quitanda.Platform;

namespace Quitanda.Notifications.Preferences;

/// <summary>What a link in a mail is about, for whoever holds it. Whose it is, is not told.</summary>
/// <param name="Kind">The kind of notices.</param>
/// <param name="Channel">The way in which it was told.</param>
/// <param name="IsOn">Whether more will come.</param>
internal sealed record Unsubscription(string Kind, Channel Channel, bool IsOn)
{
    /// <summary>Finds what a token is about, and whose it is.</summary>
    public static async Task<(Guid PersonId, NoticeKind Kind, Channel Channel)?> Find(Db db, ExitLinks links, string token, CancellationToken ct) =>
        links.Read(token) is { } id && await db.ReadFirst(
            $"select person_id, kind, channel from notifications.deliveries where id = {id} and person_id is not null",
            row => ((Guid PersonId, string Kind, Channel Channel)?)(row.GetGuid(0), row.GetString(1), Wire.Parse<Channel>(row.GetString(2))), ct) is var (person, name, channel)
            && NoticeKinds.Find(name) is { } kind ? (person, kind, channel) : null;
}
