using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Notifications.Notices;
using Quitanda.Platform;

namespace Quitanda.Notifications.Preferences;

/// <summary>
/// Puts how the caller wants to be told in place of what they said before. A kind that is not named, and a way that is null, is as for whoever has said nothing. What concerns the safety of an account is of no
/// kind, and is always told.
/// </summary>
internal static class ChangePreferences
{
    /// <param name="Kinds">What the caller says about kinds, each at most once.</param>
    /// <param name="QuietHours">When the caller is not to be disturbed; never without it.</param>
    internal sealed record Request([MaxLength(100)] Choice[]? Kinds = null, QuietHours? QuietHours = null);

    /// <param name="Kind">The kind: <c>order.confirmed</c>.</param>
    /// <param name="InApp">In the client.</param>
    /// <param name="Email">By e-mail.</param>
    /// <param name="Sms">By a text message.</param>
    /// <param name="Push">In browsers that asked for it.</param>
    internal sealed record Choice([StringLength(60, MinimumLength = 1)] string Kind, bool? InApp = null, bool? Email = null, bool? Sms = null, bool? Push = null);

    public static async Task<Ok<NoticePreferences>> Handle(Request request, Caller caller, Db db, Choices choices, QuietTimes quiet, TimeProvider clock, CancellationToken ct)
    {
        var said = Said(request.Kinds ?? []).ToList();
        if (request.QuietHours is { } hours && hours.From == hours.Until)
            throw new InvalidException("quietHours.until", "must be another hour than it begins.");

        var now = clock.GetUtcNow();
        // Whoever says it twice at once waits here, so that what is kept is what one of the two said.
        await db.Execute(
            $"""
            insert into notifications.people as p (person_id, quiet_from, quiet_until, time_zone, updated_at)
            values ({caller.Id}, {request.QuietHours?.From}, {request.QuietHours?.Until}, {request.QuietHours?.TimeZone}, {now})
            on conflict (person_id) do update set quiet_from = excluded.quiet_from, quiet_until = excluded.quiet_until, time_zone = excluded.time_zone, updated_at = excluded.updated_at
            """, ct);
        await db.Execute($"delete from notifications.preferences where person_id = {caller.Id}", ct);
        await db.Execute(
            $"""
            insert into notifications.preferences (person_id, kind, channel, is_on, updated_at)
            select {caller.Id}, kind, channel, is_on, {now} from unnest({said.Select(choice => choice.Kind).ToArray()}, {said.Select(choice => choice.Channel.Name()).ToArray()}, {said.Select(choice => choice.IsOn).ToArray()}) as said (kind, channel, is_on)
            on conflict (person_id, kind, channel) do update set is_on = excluded.is_on, updated_at = excluded.updated_at
            """, ct);
        return TypedResults.Ok(await NoticePreferences.Read(choices, quiet, caller.Id, ct));
    }

    private static IEnumerable<(string Kind, Channel Channel, bool IsOn)> Said(Choice[] choices)
    {
        var named = new HashSet<string>(StringComparer.Ordinal);
        for (var at = 0; at < choices.Length; at++)
        {
            var choice = choices[at];
            if (NoticeKinds.Find(choice.Kind) is not { } kind)
                throw new InvalidException($"kinds[{at}].kind", $"must be one of {string.Join(", ", NoticeKinds.All.Select(known => known.Name))}.");
            if (!named.Add(choice.Kind))
                throw new InvalidException($"kinds[{at}].kind", "is named twice.");
            foreach (var (name, channel, isOn) in ((string, Channel, bool?)[])[
                ("inApp", Channel.InApp, choice.InApp), ("email", Channel.Email, choice.Email), ("sms", Channel.Sms, choice.Sms), ("push", Channel.Push, choice.Push)])
            {
                if (isOn is not { } wanted)
                    continue;
                if (!kind.Has(channel))
                    throw new InvalidException($"kinds[{at}].{name}", $"must be null: {kind.Name} is not told in this way.");
                yield return (kind.Name, channel, wanted);
            }
        }
    }
}
