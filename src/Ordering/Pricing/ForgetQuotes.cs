using Quitanda.Platform;

namespace Quitanda.Ordering.Pricing;

/// <summary>Deletes quotes that are over.</summary>
internal sealed class ForgetQuotes(Db db, TimeProvider clock) : IHandle<Tick>
{
    public const string Kind = "ordering.forget-quotes";

    public static readonly TimeSpan Period = TimeSpan.FromMinutes(5);

    /// <summary>Rows a tick; the next one takes the rest.</summary>
    private const int AtMost = 50_000;

    public Task Handle(Tick message, CancellationToken ct) => db.Execute(
        $"delete from ordering.quotes where id in (select id from ordering.quotes where expires_at <= {clock.GetUtcNow()} order by expires_at limit {AtMost})", ct);
}
