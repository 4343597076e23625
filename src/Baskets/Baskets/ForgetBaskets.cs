using Microsoft.Extensions.Options;
using Quitanda.Platform;

namespace Quitanda.Baskets.Baskets;

/// <summary>Deletes baskets that nobody touched for long, and that were never checked out.</summary>
internal sealed class ForgetBaskets(Db db, TimeProvider clock, IOptions<BasketSettings> settings) : IHandle<Tick>
{
    public const string Kind = "baskets.forget-baskets";

    public static readonly TimeSpan Period = TimeSpan.FromHours(6);

    public async Task Handle(Tick message, CancellationToken ct)
    {
        var before = clock.GetUtcNow().AddDays(-settings.Value.KeepDays);
        // What was checked out once may have been paid for, and stays for the books.
        await db.Execute($"delete from baskets.baskets where status = 'open' and currency is null and updated_at < {before}", ct);
    }
}
