using Microsoft.Extensions.Options;
using Quitanda.Notifications.Deliveries;
using Quitanda.Notifications.Notices;
using Quitanda.Notifications.Preferences;
using Quitanda.Platform;
using Quitanda.Platform.Errors;

namespace Quitanda.Notifications.WebPush;

/// <summary>Sends a notice to a browser. One that does not listen any more is forgotten.</summary>
internal sealed class SendPush(Db db, PushSubscriptions subscriptions, PushLine line, Choices choices, QuietTimes quiet, IErrorLog errors, IOptions<NoticeSettings> settings, TimeProvider clock)
    : Delivering(db, choices, quiet, errors, settings, clock)
{
    public const string Kind = "notifications.send-push";

    /// <summary>Push services that are asked at once, in a process: anybody may name one that never answers, and others are named too.</summary>
    public const int AtOnce = 4;

    private readonly Db _db = db;

    protected override Channel Channel => Channel.Push;

    protected override string JobKind => Kind;

    protected override async Task<Outcome> Send(Due due, CancellationToken ct) => await subscriptions.Find(due.SubscriptionId!.Value, due.PersonId, ct) is { } target
        ? await line.Send(due, target, ct)
        : new Outcome.Skipped(SkipReason.Unsubscribed);

    protected override async Task Written(Guid deliveryId, Outcome outcome, CancellationToken ct)
    {
        if (outcome is Outcome.Refused { Reason: SkipReason.Unsubscribed })
            await _db.Execute($"delete from notifications.push_subscriptions s using notifications.deliveries d where d.id = {deliveryId} and s.id = d.subscription_id", ct);
    }
}
