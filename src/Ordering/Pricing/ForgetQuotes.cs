using Quitanda.Platform;

namespace Quitanda.Ordering.Pricing;

/// <summary>Deletes quotes that are over.</summary>
internal sealed class ForgetQuotes(Db db, TimeProvider clock) : IHandle<Tick>
{
    public const string Kind = "ordering.forget-quotes";

    public static readonly TimeSpan Period = TimeSpan.FromHours(1);

    public Task Handle(Tick message, CancellationToken ct) => db.Execute($"delete from ordering.quotes where expires_at <= {clock.GetUtcNow()}", ct);
}
