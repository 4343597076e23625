using Microsoft.Extensions.Options;
using Quitanda.Platform;

namespace Quitanda.Ordering.Carts;

/// <summary>Deletes carts of guests who have not touched them for long.</summary>
internal sealed class ForgetCarts(Db db, IOptions<OrderingSettings> settings, TimeProvider clock) : IHandle<Tick>
{
    public const string Kind = "ordering.forget-carts";

    public static readonly TimeSpan Period = TimeSpan.FromHours(1);

    public Task Handle(Tick message, CancellationToken ct) =>
        db.Execute($"delete from ordering.carts where is_guest and updated_at < {clock.GetUtcNow().AddDays(-settings.Value.GuestCartDays)}", ct);
}
