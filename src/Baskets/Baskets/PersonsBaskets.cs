using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Quitanda.Platform;

namespace Quitanda.Baskets.Baskets;

/// <summary>Somebody's baskets. What was paid stays with its amounts; what was wanted, and where it was to go, does not.</summary>
internal sealed class PersonsBaskets(BasketParts parts, TimeProvider clock) : IPersonalData
{
    public string Name => "baskets";

    public string Stays => "Baskets that were checked out stay for the books with what they came to, without what was wanted.";

    public async IAsyncEnumerable<object> Export(Db db, Guid personId, [EnumeratorCancellation] CancellationToken ct)
    {
        foreach (var basket in await db.Set<Basket>().AsNoTracking().Where(basket => basket.OwnerId == personId).OrderBy(basket => basket.Id).ToListAsync(ct))
            yield return new { basket.Id, basket.Status, basket.Total, basket.Currency, basket.CreatedAt, basket.Wanted };
    }

    public async Task Erase(Db db, Guid personId, CancellationToken ct)
    {
        foreach (var id in await db.Read($"select id from baskets.baskets where owner_id = {personId} and status = 'held' order by id", row => row.GetGuid(0), ct))
            if (await Basket.Lock(db, id, ct) is { Status: BasketStatus.Held } basket)
                await parts.Release(basket, hasLapsed: false, clock.GetUtcNow(), ct);
        await db.Execute($"delete from baskets.baskets where owner_id = {personId} and currency is null", ct);
        await db.Execute($"update baskets.baskets set wanted = '{{}}' where owner_id = {personId} and wanted <> '{{}}'", ct);
    }
}
