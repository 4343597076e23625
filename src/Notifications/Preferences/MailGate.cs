using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Quitanda.Notifications.Deliveries;
using Quitanda.Notifications.Notices;
using Quitanda.Platform;

namespace Quitanda.Notifications.Preferences;

/// <summary>Lets the mails through that people want, when they want them, and keeps the log of all. What is of no kind, and what goes to whoever has no account, always goes, and at once.</summary>
internal sealed class MailGate(Choices choices, QuietTimes quiet, ExitLinks links, Executor executor, IOptions<JobSettings> jobs, TimeProvider clock) : IMailGate
{
    public void Queued(Db work, MailNote mail) => work.Write(
        new NewDelivery(mail.Id, mail.UserId, NoticeId: null, SubscriptionId: null, Channel.Email, mail.Kind ?? mail.Letter).Insert(clock.GetUtcNow(), skipped: null));

    public async Task<MailVerdict> Ask(MailNote mail, CancellationToken ct)
    {
        if (mail.UserId is not { } person || mail.Kind is null || NoticeKinds.Find(mail.Kind) is not { } kind)
            return MailVerdict.Send;
        if (!(await choices.WaysTo(person, kind, ct)).Contains(Channel.Email))
            return new(IsWanted: false);
        var wait = kind.IsUrgent ? null : await quiet.EndFor(person, clock.GetUtcNow(), ct);
        return new(IsWanted: true, wait, links.Of(mail.Id));
    }

    public void Ended(Db work, MailNote mail, MailEnd end)
    {
        var now = clock.GetUtcNow();
        // A line that is not there any more went with its person, or is too old: nothing brings it back.
        work.Write(end switch
        {
            MailEnd.Sent => Delivery.Ending(mail.Id, DeliveryStatus.Sent, reason: null, now, isTry: true),
            MailEnd.TooLate => Delivery.Ending(mail.Id, DeliveryStatus.Skipped, SkipReason.TooLate, now, isTry: false),
            MailEnd.NobodyThere => Delivery.Ending(mail.Id, DeliveryStatus.Skipped, SkipReason.NobodyThere, now, isTry: false),
            _ => Delivery.Ending(mail.Id, DeliveryStatus.Skipped, SkipReason.NotWanted, now, isTry: false),
        });
    }

    // The job keeps its own count and its own pauses; this is for whoever reads the log.
    public Task Failed(MailNote mail, string why, bool isFinal, CancellationToken ct) => executor.Run(provider =>
    {
        provider.GetRequiredService<Db>().Write(Delivery.Failing(mail.Id, why, isFinal, jobs.Value.Attempts, clock.GetUtcNow()));
        return Task.CompletedTask;
    }, ct);
}
