using Quitanda.Platform;

namespace Quitanda.Baskets.Baskets;

/// <summary>Finds the baskets that were not paid in time and has each let go, as a job of its own.</summary>
internal sealed class ExpireBaskets(Db db, TimeProvider clock) : IHandle<Tick>
{
    public const string Kind = "baskets.expire-baskets";

    /// <summary>How often it looks.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(15);

    /// <summary>Baskets a tick; the next one takes the rest.</summary>
    private const int AtMost = 1000;

    public async Task Handle(Tick message, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        foreach (var id in await db.Read($"select id from baskets.baskets where status = 'held' and expires_at <= {now} order by expires_at limit {AtMost}", row => row.GetGuid(0), ct))
            db.Schedule(ExpireBasket.Kind, new ExpireBasket.Message(id), now, $"{ExpireBasket.Kind}:{id}");
    }
}

/// <summary>Lets go of what a basket held and nobody paid in time, and ends its open payment. Money that still comes takes all of it again, or goes back.</summary>
internal sealed class ExpireBasket(Db db, BasketParts parts, TimeProvider clock) : IHandle<ExpireBasket.Message>
{
    public const string Kind = "baskets.expire-basket";

    internal sealed record Message(Guid BasketId);

    public async Task Handle(Message message, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if (await Basket.Lock(db, message.BasketId, ct) is not { } basket || !basket.IsOver(now))
            return;
        await parts.Release(basket, hasLapsed: true, now, ct);
    }
}
