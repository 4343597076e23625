using Microsoft.Extensions.Options;
using Quitanda.Accounts;
using Quitanda.Notifications.Deliveries;
using Quitanda.Notifications.Notices;
using Quitanda.Notifications.Preferences;
using Quitanda.Platform;

namespace Quitanda.Notifications.Texting;

/// <summary>Sends a notice as a text message, to the phone that the account names by then.</summary>
internal sealed class SendSms(Db db, IAccounts accounts, SmsLine line, Choices choices, QuietTimes quiet, IOptions<NoticeSettings> settings, IOptions<SmsSettings> sms, TimeProvider clock)
    : Delivering(db, choices, quiet, settings, clock)
{
    public const string Kind = "notifications.send-sms";

    protected override Channel Channel => Channel.Sms;

    protected override string JobKind => Kind;

    protected override async Task<Outcome> Send(Due due, CancellationToken ct)
    {
        if (!sms.Value.IsOn())
            return new Outcome.Skipped(SkipReason.NotConfigured);
        if (await accounts.FindReach(due.PersonId, ct) is not { } person)
            return new Outcome.Skipped(SkipReason.NobodyThere);
        return person.Phone is { } phone ? await line.Send(due.Id, phone, due.Short, ct) : new Outcome.Skipped(SkipReason.NoPhone);
    }
}
