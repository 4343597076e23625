using Microsoft.Extensions.Options;
using Quitanda.Accounts;
using Quitanda.Notifications.Deliveries;
using Quitanda.Notifications.Notices;
using Quitanda.Notifications.Preferences;
using Quitanda.Platform;
using Quitanda.Platform.Errors;

namespace Quitanda.Notifications.Texting;

/// <summary>Sends a notice as a text message, to the phone that the account names by then.</summary>
internal sealed class SendSms(Db db, IAccounts accounts, SmsLine line, IQuotas quotas, Choices choices, QuietTimes quiet, IErrorLog errors, IOptions<NoticeSettings> settings, IOptions<SmsSettings> sms, TimeProvider clock)
    : Delivering(db, choices, quiet, errors, settings, clock)
{
    public const string Kind = "notifications.send-sms";

    private const int SecondsOfADay = 24 * 60 * 60;

    protected override Channel Channel => Channel.Sms;

    protected override string JobKind => Kind;

    protected override async Task<Outcome> Send(Due due, CancellationToken ct)
    {
        if (!sms.Value.IsOn())
            return new Outcome.Skipped(SkipReason.NotConfigured);
        if (await accounts.FindReach(due.PersonId, ct) is not { } person)
            return new Outcome.Skipped(SkipReason.NobodyThere);
        if (person.Phone is not { } phone)
            return new Outcome.Skipped(SkipReason.NoPhone);
        // Nobody has proved that the number is theirs: it is counted as well, whoever names it. A delivery is counted once, however often it is tried.
        return due.Attempts > 0 || await quotas.Take(Kind, new(sms.Value.PerPersonADay, SecondsOfADay), [$"{due.PersonId}", phone], ct)
            ? await line.Send(due.Id, phone, due.Short, ct)
            : new Outcome.Skipped(SkipReason.TooMany);
    }
}
