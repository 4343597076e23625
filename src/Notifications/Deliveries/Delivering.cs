using Microsoft.Extensions.Options;
using Quitanda.Notifications.Notices;
using Quitanda.Notifications.Preferences;
using Quitanda.Platform;
using Quitanda.Platform.Errors;

namespace Quitanda.Notifications.Deliveries;

/// <summary>
/// Delivers what waits: asks the other side with no transaction open, and writes what became of it with the job's end. The other side may be asked twice, where a process dies in between, and always with the
/// delivery's own id.
/// </summary>
internal abstract class Delivering(Db db, Choices choices, QuietTimes quiet, IErrorLog errors, IOptions<NoticeSettings> settings, TimeProvider clock) : ICallOut<Delivering.Message, Delivering.Outcome>
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(1);

    /// <param name="DeliveryId">What is delivered.</param>
    internal sealed record Message(Guid DeliveryId);

    /// <summary>What is to be said, and to whom.</summary>
    internal sealed record Due(Guid Id, Guid PersonId, Guid NoticeId, Guid? SubscriptionId, NoticeKind Kind, Notice Notice, string Short, int Attempts)
    {
        /// <summary>After this nobody is sent it any more.</summary>
        public DateTimeOffset GoodUntil => Notice.CreatedAt + Kind.GoodFor;
    }

    /// <summary>What became of it.</summary>
    internal abstract record Outcome
    {
        /// <summary>There is nothing to be done any more.</summary>
        internal sealed record Nothing : Outcome;

        /// <summary>Not now: it is asked about again then.</summary>
        internal sealed record Later(DateTimeOffset At) : Outcome;

        /// <summary>The other side has taken it on.</summary>
        internal sealed record Sent(string? ProviderId) : Outcome;

        /// <summary>It will not be sent.</summary>
        internal sealed record Skipped(SkipReason Reason) : Outcome;

        /// <summary>The other side says no, for good.</summary>
        internal sealed record Refused(SkipReason Reason, string Detail) : Outcome;

        /// <summary>The other side failed, and says perhaps when to come again.</summary>
        internal sealed record Failed(string Detail, TimeSpan? RetryAfter = null) : Outcome;
    }

    protected abstract Channel Channel { get; }

    /// <summary>The kind of its jobs.</summary>
    protected abstract string JobKind { get; }

    public async Task<Outcome> Call(Message message, CancellationToken ct)
    {
        if (await Find(message.DeliveryId, ct) is not { } due)
            return new Outcome.Nothing();
        if (!(await choices.WaysTo(due.PersonId, due.Kind, ct)).Contains(Channel))
            return new Outcome.Skipped(SkipReason.NotWanted);
        var now = clock.GetUtcNow();
        if (due.GoodUntil < now)
            return new Outcome.Skipped(SkipReason.TooLate);
        if (await quiet.EndFor(due.PersonId, now, ct) is { } end)
            return end > due.GoodUntil ? new Outcome.Skipped(SkipReason.TooLate) : new Outcome.Later(end);
        try
        {
            return await Send(due, ct);
        }
        catch (Exception error) when (!ct.IsCancellationRequested)
        {
            // What nobody foresaw counts as a try as well: the queue would make as many of its own, and the log know of none. Its words may have an address in them.
            errors.Capture(error, "job", JobKind);
            return new Outcome.Failed(error.GetType().Name);
        }
    }

    public async Task Write(Message message, Outcome outcome, CancellationToken ct)
    {
        var (id, now) = (message.DeliveryId, clock.GetUtcNow());
        switch (outcome)
        {
            case Outcome.Later { At: var at }:
                db.Schedule(JobKind, message, at);
                break;
            case Outcome.Sent { ProviderId: var providerId }:
                db.Write(Delivery.Ending(id, DeliveryStatus.Sent, reason: null, now, isTry: true, providerId: providerId));
                break;
            case Outcome.Skipped { Reason: var reason }:
                db.Write(Delivery.Ending(id, DeliveryStatus.Skipped, reason, now, isTry: false));
                break;
            case Outcome.Refused { Reason: var reason, Detail: var detail }:
                db.Write(Delivery.Ending(id, DeliveryStatus.Failed, reason, now, isTry: true, detail));
                break;
            case Outcome.Failed { Detail: var detail, RetryAfter: var after }:
                await db.Execute(Delivery.Failing(id, detail, isFinal: false, settings.Value.Attempts, now), ct);
                if (await db.ReadFirst($"select attempts from notifications.deliveries where id = {id} and status = 'pending'", row => (int?)row.GetInt32(0), ct) is { } attempts)
                    db.Schedule(JobKind, message, now + Pause(id, attempts, after));
                break;
            default:
                break;
        }

        await Written(id, outcome, ct);
    }

    /// <summary>Asks the other side.</summary>
    protected abstract Task<Outcome> Send(Due due, CancellationToken ct);

    /// <summary>Writes what else comes of the outcome.</summary>
    protected virtual Task Written(Guid deliveryId, Outcome outcome, CancellationToken ct) => Task.CompletedTask;

    /// <summary>One that waits; or one that was given up, for which an operator has put its job back into the queue.</summary>
    private Task<Due?> Find(Guid id, CancellationToken ct) => db.ReadFirst(
        $"""
        select {Notice.Columns}, n.short, d.id, d.subscription_id, d.attempts
        from notifications.deliveries d join notifications.notices n on n.id = d.notice_id
        where d.id = {id} and (d.status = 'pending' or d.reason = 'gave_up')
        """,
        row =>
        {
            var notice = Notice.Read(row);
            // A kind that another version of this process knows, and we do not, is for that one to tell.
            var kind = NoticeKinds.Find(notice.Kind) ?? throw new InvalidOperationException($"Nobody here knows {notice.Kind}.");
            return new Due(row.GetGuid(9), notice.PersonId, notice.Id, row.IsDBNull(10) ? null : row.GetGuid(10), kind, notice, row.GetString(8), row.GetInt32(11));
        }, ct);

    /// <summary>Twice as long each time, and for each delivery a little more, so that those that failed together do not come again together.</summary>
    private static TimeSpan Pause(Guid id, int attempts, TimeSpan? wanted)
    {
        var pause = FirstPause * Math.Pow(2, Math.Min(attempts - 1, 10));
        if (wanted > pause)
            pause = wanted.Value;
        if (pause > LongestPause)
            pause = LongestPause;
        return pause * (1 + id.ToByteArray()[^1] / 2550.0);
    }
}
