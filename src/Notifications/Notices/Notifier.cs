using Microsoft.Extensions.Options;
using Quitanda.Accounts;
using Quitanda.Notifications.Deliveries;
using Quitanda.Notifications.Preferences;
using Quitanda.Notifications.Texting;
using Quitanda.Notifications.WebPush;
using Quitanda.Platform;

namespace Quitanda.Notifications.Notices;

/// <summary>Tells people what happened, in the ways that they want: once for each thing, however often it is asked to.</summary>
internal sealed class Notifier(
    Db db, IAccounts accounts, ILetterhead letterhead, Choices choices, PushSubscriptions subscriptions, IOptions<MailSettings> mail, IOptions<SmsSettings> sms, TimeProvider clock)
{
    /// <summary>Writes the notice and what is to be delivered of it, in the caller's unit of work. Guests, and whoever is gone, are told nothing.</summary>
    /// <param name="personId">Who is told.</param>
    /// <param name="kind">Of what kind it is.</param>
    /// <param name="thing">What happened, made of our own ids: of one thing of a kind a person is told once.</param>
    /// <param name="at">When it happened; now without it. What is handled out of its order is listed in it.</param>
    /// <param name="facts">What its words are filled in from.</param>
    /// <param name="data">What it is about, for a client.</param>
    /// <param name="ct">Ends the work.</param>
    public async Task Tell(Guid personId, NoticeKind kind, string thing, DateTimeOffset? at, object facts, IReadOnlyDictionary<string, string> data, CancellationToken ct)
    {
        if (await accounts.FindReach(personId, ct) is not { } person)
            return;
        var ways = await choices.WaysTo(personId, kind, ct);
        var (shop, now) = (await letterhead.Read(ct), clock.GetUtcNow());
        var (longer, shorter) = kind.Phrases!.Value;
        var (title, body) = longer.Fill(facts, person.Locale, mail.Value.Locale, person.Name, shop);
        var (line, _) = shorter.Fill(facts, person.Locale, mail.Value.Locale, person.Name, shop);

        // The key is unique: whoever comes second finds that it was told.
        var (id, key) = (Guid.CreateVersion7(now), $"{kind.Name}:{thing}");
        if (await db.Execute(
            $"""
            insert into notifications.notices (id, person_id, kind, key, title, body, short, data, is_listed, created_at)
            values ({id}, {personId}, {kind.Name}, {key}, {title}, {body}, {line}, {Sql.Json(data)}, {ways.Contains(Channel.InApp)}, {at ?? now})
            on conflict (person_id, key) do nothing
            """, ct) == 0)
            return;
        if (ways.Contains(Channel.InApp))
            db.Announce(new(NoticeNews.NoticeKind, id, personId));
        if (ways.Contains(Channel.Sms) && sms.Value.IsOn())
            Deliver(new(Guid.CreateVersion7(now), personId, id, SubscriptionId: null, Channel.Sms, kind.Name), SendSms.Kind, now, person.Phone is null ? SkipReason.NoPhone : null);
        if (ways.Contains(Channel.Push))
            foreach (var subscription in await subscriptions.Of(personId, ct))
                Deliver(new(Guid.CreateVersion7(now), personId, id, subscription, Channel.Push, kind.Name), SendPush.Kind, now, skipped: null);
    }

    private void Deliver(NewDelivery delivery, string job, DateTimeOffset now, SkipReason? skipped)
    {
        db.Write(delivery.Insert(now, skipped));
        if (skipped is null)
            db.Schedule(job, new Delivering.Message(delivery.Id), now);
    }
}
