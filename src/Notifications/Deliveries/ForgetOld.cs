using Microsoft.Extensions.Options;
using Quitanda.Platform;

namespace Quitanda.Notifications.Deliveries;

/// <summary>Forgets what was told, and what was delivered of it, once nobody looks for it any more. Also while the module is off: mails go on, and so does their log.</summary>
[EvenWhenOff]
internal sealed class ForgetOld(Db db, IOptions<NoticeSettings> settings, TimeProvider clock) : IHandle<Tick>
{
    public const string Kind = "notifications.forget-old";

    public static readonly TimeSpan Period = TimeSpan.FromHours(1);

    /// <summary>Rows a tick of each; the next one takes the rest.</summary>
    private const int AtMost = 5000;

    public async Task Handle(Tick message, CancellationToken ct)
    {
        var before = clock.GetUtcNow().AddDays(-settings.Value.KeepDays);
        // One that is read in this moment is left for the next time.
        await db.Execute(
            $"""
            delete from notifications.notices where id in (
                select id from notifications.notices where created_at < {before} order by created_at limit {AtMost} for update skip locked)
            """, ct);
        await db.Execute(
            $"""
            delete from notifications.deliveries where id in (
                select id from notifications.deliveries where created_at < {before} order by created_at limit {AtMost} for update skip locked)
            """, ct);
    }
}
