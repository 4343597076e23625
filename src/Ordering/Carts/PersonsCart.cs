using System.Runtime.CompilerServices;
using Quitanda.Platform;

namespace Quitanda.Ordering.Carts;

/// <summary>Somebody's cart.</summary>
internal sealed class PersonsCart(Carts carts) : IPersonalData
{
    public string Name => "cart";

    public string? Stays => null;

    public async IAsyncEnumerable<object> Export(Db db, Guid personId, [EnumeratorCancellation] CancellationToken ct)
    {
        foreach (var item in (await carts.Show(personId, ct)).Items)
            yield return item;
    }

    public Task Erase(Db db, Guid personId, CancellationToken ct) => db.Execute($"delete from ordering.carts where owner_id = {personId}", ct);
}
